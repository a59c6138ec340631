// SPDX-License-Identifier: MIT
#include "cmd/coordinated/allocator.h"

#ifdef COORD_MIMALLOC
#include <mimalloc.h>
#endif

namespace coord {

void PrepareAllocator() {
#ifdef COORD_MIMALLOC
  mi_option_set_enabled_default(mi_option_large_os_pages, true);
#endif
}

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "base/fd.h"

#include <unistd.h>

namespace coord {

void Fd::Close() {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

}  // namespace coord

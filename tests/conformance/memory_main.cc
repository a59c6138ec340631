// SPDX-License-Identifier: MIT
// The conformance suite on the in-memory store.
#include "memory_case.h"
#include "suite.h"

namespace coord::testing {

COORD_INSTANTIATE_CONFORMANCE(MemoryCase());

}  // namespace coord::testing

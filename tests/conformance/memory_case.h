// SPDX-License-Identifier: MIT
// The in-memory store as the suites see it.
#pragma once

#include "store_case.h"

namespace coord::testing {

StoreCase MemoryCase();

}  // namespace coord::testing

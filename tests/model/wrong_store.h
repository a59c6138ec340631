// SPDX-License-Identifier: MIT
// Stores that are right most of the time: the canaries of the model test.
#pragma once

#include <vector>

#include "store_case.h"

namespace coord::testing {

// The in-memory store, with one mistake in each case.
std::vector<StoreCase> WrongCases();

}  // namespace coord::testing

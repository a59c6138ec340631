// SPDX-License-Identifier: MIT
// Places where a test can have the process die.
#pragma once

#include <string_view>

namespace coord {

// Ends the process at once, as SIGKILL does, if the environment variable COORDINATED_FAIL_POINT is
// NAME:COUNT and this is the COUNTth time that it comes by this name. Thread-safe. Costs a few
// nanoseconds where the variable is not set.
void HitFailPoint(std::string_view name);

}  // namespace coord

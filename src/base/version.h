// SPDX-License-Identifier: MIT
// The version of this build.
#pragma once

#include <string_view>

namespace coord {

// Returns the project's version, for example "0.1.0". The text lives for ever.
std::string_view Version();

}  // namespace coord

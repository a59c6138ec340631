// SPDX-License-Identifier: MIT
// Telling UTF-8 from other bytes.
#pragma once

#include <string_view>

namespace coord {

// True if the bytes are UTF-8 as RFC 3629 defines it.
bool IsUtf8(std::string_view bytes);

}  // namespace coord

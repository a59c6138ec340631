// SPDX-License-Identifier: MIT
// Text of protocols that ignore the case of ASCII letters.
#pragma once

#include <algorithm>
#include <string_view>

namespace coord {

constexpr char AsciiLower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool EqualNoCase(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return AsciiLower(a) == AsciiLower(b); });
}

}  // namespace coord

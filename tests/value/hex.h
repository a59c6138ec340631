// SPDX-License-Identifier: MIT
// Bytes in tests, written as hexadecimal digits.
#pragma once

#include <string>
#include <string_view>

namespace coord {

// Two digits a byte; the digits must be good.
inline std::string FromHex(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

}  // namespace coord

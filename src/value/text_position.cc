// SPDX-License-Identifier: MIT
#include "value/text_position.h"

#include <string>

namespace coord {

TextPosition PositionOf(std::string_view text, std::size_t offset) {
  TextPosition position;
  for (const char c : text.substr(0, offset)) {
    if (c == '\n') {
      ++position.line;
      position.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80) {
      ++position.column;
    }
  }
  return position;
}

Error ErrorAt(TextPosition position, std::string_view what) {
  std::string detail = "line " + std::to_string(position.line) + ", column " +
                       std::to_string(position.column) + ": ";
  detail.append(what);
  return InvalidError(std::move(detail));
}

}  // namespace coord

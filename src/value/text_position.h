// SPDX-License-Identifier: MIT
// Where in a text an error is.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/error.h"

namespace coord {

// Both count from 1; the column counts characters of UTF-8.
struct TextPosition {
  std::size_t line = 1;
  std::size_t column = 1;
};

// The position of the byte at `offset`; an offset beyond the end is the end. Cost: a walk there.
TextPosition PositionOf(std::string_view text, std::size_t offset);

// A kInvalid error: "line L, column C: what".
Error ErrorAt(TextPosition position, std::string_view what);

}  // namespace coord

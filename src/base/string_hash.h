// SPDX-License-Identifier: MIT
// Hash and equality that let a table keyed by std::string be searched with a std::string_view.
// Debian's Abseil has a string_view of its own, so its default string hash does not allow that.
#pragma once

#include <functional>
#include <string_view>

namespace coord {

struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

struct StringEqual {
  using is_transparent = void;
  bool operator()(std::string_view left, std::string_view right) const { return left == right; }
};

}  // namespace coord

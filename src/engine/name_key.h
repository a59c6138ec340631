// SPDX-License-Identifier: MIT
// Eight bytes of a name that order most names without a look at them.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace coord {

// Ordered as the names are, or equal where it cannot tell. In two halves, because index entries of
// 12 bytes have no room for the alignment of eight.
struct NameKey {
  std::uint32_t high = 0;
  std::uint32_t low = 0;
  auto operator<=>(const NameKey&) const = default;
};

// How the names of one spec become keys: what its first names had in common is left out, and if
// they are made of digits and such, 12 of them are packed in place of 8 bytes.
class NameKeyRule {
 public:
  // Chooses the rule by the first names. All keys made before it are void.
  void Learn(std::span<const std::string_view> names);

  NameKey Of(std::string_view name) const;

 private:
  std::string common_prefix_;
  bool packed_ = false;
};

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "engine/name_key.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace coord {

namespace {

constexpr std::size_t kKeyBytes = 8;

// Five bits for a byte, rising with it: 0 is the end of the name; digits, the three bytes before
// them and the letters from a to o have codes of their own; of the others, neighbours share one.
constexpr unsigned kCodeBits = 5;
constexpr std::size_t kKeyCodes = 64 / kCodeBits;
constexpr unsigned kBelow = 1;
constexpr unsigned kBetween = 15;
constexpr unsigned kAbove = 31;
constexpr unsigned CodeOf(unsigned byte) {
  if (byte < '-') return kBelow;
  if (byte <= '9') return byte - '-' + kBelow + 1;
  if (byte < 'a') return kBetween;
  return std::min(byte - 'a' + kBetween + 1, kAbove);
}
static_assert(CodeOf('9') + 1 == kBetween && CodeOf('o') + 1 == kAbove);

constexpr std::array<std::uint8_t, 256> kCodes = [] {
  std::array<std::uint8_t, 256> codes{};
  for (unsigned byte = 0; byte < codes.size(); ++byte) {
    codes[byte] = static_cast<std::uint8_t>(CodeOf(byte));
  }
  return codes;
}();

unsigned Code(char c) { return kCodes[static_cast<unsigned char>(c)]; }
bool IsShared(unsigned code) { return code == kBelow || code == kBetween || code == kAbove; }

// Ends at a code that several bytes share: what follows would be compared out of turn.
std::uint64_t PackCodes(std::string_view text) {
  const std::size_t size = std::min(text.size(), kKeyCodes);
  std::uint64_t value = 0;
  unsigned shift = 64;
  for (std::size_t i = 0; i < size; ++i) {
    const unsigned code = Code(text[i]);
    shift -= kCodeBits;
    value |= std::uint64_t{code} << shift;
    if (IsShared(code)) break;
  }
  return value;
}

// True if the start of the text has codes of its own, so that packing it loses nothing.
bool PacksWell(std::string_view text) {
  return std::none_of(text.begin(), text.begin() + std::min(text.size(), kKeyBytes),
                      [](char c) { return IsShared(Code(c)); });
}

bool IsHexDigit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

std::string_view CommonPrefix(std::span<const std::string_view> names) {
  std::string_view common = names[0];
  for (const std::string_view name : names) {
    const auto differ = std::mismatch(common.begin(), common.end(), name.begin(), name.end());
    common = common.substr(0, static_cast<std::size_t>(differ.first - common.begin()));
  }
  return common;
}

std::uint64_t FirstBytes(std::string_view text) {
  std::uint64_t value = 0;
  std::memcpy(&value, text.data(), std::min(text.size(), kKeyBytes));
  return __builtin_bswap64(value);
}

}  // namespace

void NameKeyRule::Learn(std::span<const std::string_view> names) {
  if (names.empty()) return;
  std::string_view common = CommonPrefix(names);
  // Digits that the first names share are the top of a counter that goes on: as many of them belong
  // in the key as fit with the digits behind them.
  const std::string_view rest = names[0].substr(common.size());
  auto digits = static_cast<std::size_t>(std::find_if_not(rest.begin(), rest.end(), IsHexDigit) -
                                         rest.begin());
  for (; digits < kKeyCodes && !common.empty() && IsHexDigit(common.back()); ++digits) {
    common.remove_suffix(1);
  }
  common_prefix_ = common;
  packed_ = std::all_of(names.begin(), names.end(), [&](std::string_view name) {
    return PacksWell(name.substr(common.size()));
  });
}

NameKey NameKeyRule::Of(std::string_view name) const {
  std::uint64_t value = 0;
  if (name.starts_with(common_prefix_)) {
    name.remove_prefix(common_prefix_.size());
    value = packed_ ? PackCodes(name) : FirstBytes(name);
  } else if (name > common_prefix_) {
    value = UINT64_MAX;
  }
  return {static_cast<std::uint32_t>(value >> 32U), static_cast<std::uint32_t>(value)};
}

}  // namespace coord

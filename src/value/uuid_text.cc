// SPDX-License-Identifier: MIT
#include "value/uuid_text.h"

namespace coord {

namespace {

constexpr std::string_view kHex = "0123456789abcdef";

}  // namespace

std::string UuidText(const Uuid& uuid) {
  std::string text;
  for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
    text.push_back(kHex[uuid.bytes[i] >> 4U]);
    text.push_back(kHex[uuid.bytes[i] & 0xfU]);
  }
  return text;
}

std::optional<Uuid> ParseUuid(std::string_view text) {
  Uuid uuid;
  std::size_t digits = 0;
  for (const char c : text) {
    if (c == '-') continue;
    const std::size_t digit = kHex.find(c);
    if (digit == std::string_view::npos || digits == 2 * uuid.bytes.size()) return std::nullopt;
    unsigned char& byte = uuid.bytes[digits++ / 2];
    byte = static_cast<unsigned char>(std::size_t{byte} << 4U | digit);
  }
  // The hyphens stand where they belong if the text is the one spelling of what was read.
  if (UuidText(uuid) != text) return std::nullopt;
  return uuid;
}

}  // namespace coord

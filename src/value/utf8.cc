// SPDX-License-Identifier: MIT
#include "value/utf8.h"

#include <cstdint>
#include <cstring>

namespace coord {

namespace {

// What may follow a lead byte: how many bytes in all, and the range of the second one, which is
// where overlong forms, surrogates and values beyond U+10FFFF are told from good ones.
struct Sequence {
  std::size_t size = 0;  // 0: no lead byte
  unsigned char second_min = 0x80;
  unsigned char second_max = 0xbf;
};

constexpr Sequence SequenceOf(unsigned char lead) {
  if (lead < 0x80) return {1};
  if (lead < 0xc2) return {};
  if (lead < 0xe0) return {2};
  if (lead == 0xe0) return {3, 0xa0, 0xbf};
  if (lead == 0xed) return {3, 0x80, 0x9f};
  if (lead < 0xf0) return {3};
  if (lead == 0xf0) return {4, 0x90, 0xbf};
  if (lead < 0xf4) return {4};
  if (lead == 0xf4) return {4, 0x80, 0x8f};
  return {};
}

// How many bytes at the front are ASCII, in steps of eight.
std::size_t AsciiPrefix(std::string_view bytes) {
  std::size_t size = 0;
  for (; size + 8 <= bytes.size(); size += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + size, 8);
    if ((word & 0x8080808080808080U) != 0) break;
  }
  return size;
}

}  // namespace

bool IsUtf8(std::string_view bytes) {
  std::size_t at = AsciiPrefix(bytes);
  while (at < bytes.size()) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[at + i]); };
    const Sequence sequence = SequenceOf(byte(0));
    if (sequence.size == 0 || bytes.size() - at < sequence.size) return false;
    if (sequence.size > 1 && (byte(1) < sequence.second_min || byte(1) > sequence.second_max)) {
      return false;
    }
    for (std::size_t i = 2; i < sequence.size; ++i) {
      if ((byte(i) & 0xc0U) != 0x80) return false;
    }
    at += sequence.size;
  }
  return true;
}

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "rpc/answer.h"

#include <array>
#include <cstring>

#include "value/utf8.h"

namespace coord {

namespace {

// Most answers are from 24 to 255 bytes: two bytes of tag, two of the byte string's head.
constexpr std::size_t kGap = 4;
constexpr std::size_t kHeadMax = 11;

std::size_t MakeHead(std::uint64_t length, std::array<char, kHeadMax>& head) {
  head[0] = '\xd8';
  head[1] = '\x18';
  if (length < 24) {
    head[2] = static_cast<char>(0x40U | length);
    return 3;
  }
  unsigned info = 24;
  if (length > UINT32_MAX) {
    info = 27;
  } else if (length > UINT16_MAX) {
    info = 26;
  } else if (length > UINT8_MAX) {
    info = 25;
  }
  head[2] = static_cast<char>(0x40U | info);
  const unsigned width = 1U << (info - 24);
  for (unsigned i = 0; i < width; ++i) {
    head[3 + i] = static_cast<char>(length >> (8 * (width - 1 - i)));
  }
  return 3 + width;
}

}  // namespace

std::size_t BeginMessage(std::string& out) {
  const std::size_t start = out.size();
  out.append(kGap, '\0');
  return start;
}

void EndMessage(std::string& out, std::size_t start) {
  std::array<char, kHeadMax> head;
  const std::size_t size = MakeHead(out.size() - start - kGap, head);
  if (size > kGap) {
    out.insert(start, size - kGap, '\0');
  } else if (size < kGap) {
    out.erase(start, kGap - size);
  }
  std::memcpy(out.data() + start, head.data(), size);
}

void WriteResultHead(CborWriter& writer, std::string_view id) {
  writer.Raw("\xa2\x42id");
  writer.Raw(id);
  writer.Raw("\x46result");
}

void WriteErrorAnswer(CborWriter& writer, std::string_view id, std::string_view message) {
  writer.Raw("\xa2\x42id");
  writer.Raw(id);
  writer.Raw(
      "\x45"
      "error\xa1\x67message");
  WriteMessageText(writer, message);
}

void WriteMessageText(CborWriter& writer, std::string_view message) {
  if (IsUtf8(message)) {
    writer.Text(message);
    return;
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string escaped;
  for (const char c : message) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      escaped.push_back(c);
    } else {
      escaped.append("\\x").append(1, kHex[byte >> 4U]).append(1, kHex[byte & 0xfU]);
    }
  }
  writer.Text(escaped);
}

}  // namespace coord

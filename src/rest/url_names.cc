// SPDX-License-Identifier: MIT
#include "rest/url_names.h"

#include <algorithm>
#include <array>

#include "value/base64.h"
#include "value/utf8.h"

namespace coord {

namespace {

constexpr bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// For each byte: may stand in a path name as it is.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    plain[static_cast<std::size_t>(i)] =
        IsAlphanumeric(c) || c == '-' || c == '.' || c == '_' || c == ':';
  }
  return plain;
}();

bool IsPlainName(std::string_view name) {
  if (name.empty() || name.front() == '-' || name == "." || name == "..") return false;
  for (const char c : name) {
    if (!kPlain[static_cast<unsigned char>(c)]) return false;
  }
  return true;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void AppendPathName(std::string& out, std::string_view name) {
  if (IsPlainName(name)) {
    out.append(name);
  } else {
    out.append("-").append(EncodeBase64Url(name));
  }
}

Result<std::string_view> ReadPathName(std::string_view segment, Arena& arena) {
  COORD_TRY(decoded, PercentDecode(segment, /*plus_is_blank=*/false, arena));
  if (decoded.empty() || decoded.front() != '-') return decoded;
  const auto bytes = DecodeBase64Url(decoded.substr(1));
  if (!bytes) return InvalidError("a name in the URL begins with '-' but is no base64");
  return arena.Copy(*bytes);
}

void AppendQueryText(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    if (IsAlphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append({'%', kHex[byte >> 4U], kHex[byte & 0xfU]});
    }
  }
}

Result<std::string_view> PercentDecode(std::string_view text, bool plus_is_blank, Arena& arena) {
  const std::string_view special = plus_is_blank ? "%+" : "%";
  if (text.find_first_of(special) == std::string_view::npos) return text;
  const auto room = arena.NewArray<char>(text.size());
  std::size_t size = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && plus_is_blank) c = ' ';
    if (c == '%') {
      const int high = i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return InvalidError("the URL has a '%' that begins no escape");
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    room[size++] = c;
  }
  return std::string_view(room.data(), size);
}

std::string_view LossyUtf8(std::string_view bytes, std::string& scratch) {
  if (IsUtf8(bytes)) return bytes;
  scratch.clear();
  while (!bytes.empty()) {
    // The longest first: a character has at most four bytes.
    std::size_t size = std::min<std::size_t>(bytes.size(), 4);
    while (size > 0 && !IsUtf8(bytes.substr(0, size))) --size;
    if (size == 0) {
      scratch.append("\xef\xbf\xbd");
      size = 1;
    } else {
      scratch.append(bytes, 0, size);
    }
    bytes.remove_prefix(size);
  }
  return scratch;
}

}  // namespace coord

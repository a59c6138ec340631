// SPDX-License-Identifier: MIT
#include "cmd/coordinate/readable.h"

#include "value/json.h"
#include "value/utf8.h"

namespace coord {

namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

int HexValue(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace

std::string ReadableValue(const Value& value) {
  if (value.is_null()) return "-";
  if (const std::string* text = value.AsString()) return Readable(*text);
  return ToJson(value, JsonStyle::kCompact);
}

std::string ToHex(std::string_view bytes) {
  std::string digits;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    digits += kHexDigits[byte >> 4U];
    digits += kHexDigits[byte & 15U];
  }
  return digits;
}

Result<std::string> FromHex(std::string_view digits) {
  std::string bytes;
  if (digits.size() % 2 != 0) {
    return InvalidError("\"" + std::string(digits) + "\" has an odd number of hexadecimal digits");
  }
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const int high = HexValue(digits[i]);
    const int low = HexValue(digits[i + 1]);
    if (high < 0 || low < 0) {
      return InvalidError("\"" + std::string(digits) + "\" is not hexadecimal");
    }
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

void AddKey(Map& map, std::string_view key) {
  if (IsUtf8(key)) {
    map.emplace_back("key", key);
  } else {
    map.emplace_back("key", Readable(key));
    map.emplace_back("key_hex", ToHex(key));
  }
}

double NumberOr(const Value& map, std::string_view key, double otherwise) {
  const Value* value = map.Find(key);
  return value == nullptr ? otherwise : value->AsNumber().value_or(otherwise);
}

std::string TextOr(const Value& map, std::string_view key) {
  const Value* value = map.Find(key);
  const std::string* text = value == nullptr ? nullptr : value->AsString();
  return text == nullptr ? "" : *text;
}

}  // namespace coord

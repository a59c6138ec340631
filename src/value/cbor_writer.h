// SPDX-License-Identifier: MIT
// Writing CBOR (RFC 8949): shortest heads, definite lengths, appended to a string.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace coord {

// Appends items to a string that outlives it. The caller keeps counts and nesting right.
class CborWriter {
 public:
  explicit CborWriter(std::string& out) : out_(out) {}

  void Unsigned(std::uint64_t value) { Head(0, value); }
  void Integer(std::int64_t value) {
    if (value < 0) {
      Head(1, static_cast<std::uint64_t>(-1 - value));
    } else {
      Head(0, static_cast<std::uint64_t>(value));
    }
  }
  // The integer -1 - argument, whatever its size.
  void Negative(std::uint64_t argument) { Head(1, argument); }
  // Always as eight bytes.
  void Double(double value);
  void Bool(bool value) { out_.push_back(value ? '\xf5' : '\xf4'); }
  void Null() { out_.push_back('\xf6'); }
  void Bytes(std::string_view bytes) { String(2, bytes); }
  void Text(std::string_view text) { String(3, text); }
  void ArrayHead(std::uint64_t count) { Head(4, count); }
  void MapHead(std::uint64_t count) { Head(5, count); }
  void Tag(std::uint64_t tag) { Head(6, tag); }
  void TupleHead(std::uint64_t count) {
    out_.append("\xd8\x80", 2);
    ArrayHead(count);
  }
  // An item that is encoded already.
  void Raw(std::string_view item) { out_.append(item); }

  std::string& out() { return out_; }

 private:
  void String(unsigned major, std::string_view text) {
    Head(major, text.size());
    out_.append(text);
  }
  void Head(unsigned major, std::uint64_t argument) {
    if (argument < 24) {
      out_.push_back(static_cast<char>((major << 5U) | argument));
    } else {
      LongHead(major, argument);
    }
  }
  void LongHead(unsigned major, std::uint64_t argument);

  std::string& out_;
};

// The encoded empty map, which is what a work unit without data has.
inline constexpr std::string_view kEmptyCborMap = "\xa0";
// The encoded text "".
inline constexpr std::string_view kEmptyCborText = "\x60";

}  // namespace coord

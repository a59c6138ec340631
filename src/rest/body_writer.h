// SPDX-License-Identifier: MIT
// Writes a body in either form, without a tree.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "rest/body_format.h"
#include "value/cbor_writer.h"
#include "value/data.h"

namespace coord {

// Appends one value to a string that outlives it. The caller keeps the nesting right. In CBOR, maps
// and lists are of indefinite length.
class BodyWriter {
 public:
  BodyWriter(BodyFormat format, std::string& out)
      : out_(out), cbor_(out), is_json_(format == BodyFormat::kJson) {}

  void BeginMap() { Begin('{', '\xbf'); }
  void EndMap() { End('}'); }
  void BeginList() { Begin('[', '\x9f'); }
  void EndList() { End(']'); }
  // The list that another writer has begun, and has put something into, goes on.
  void ContinueList() { needs_comma_ = true; }

  // A key of a map, which is ASCII that JSON needs no escapes for.
  void Key(std::string_view key);

  void Null();
  void Bool(bool value);
  void Integer(std::int64_t value);
  void Unsigned(std::uint64_t value);
  // Infinities and NaN are null in JSON.
  void Double(double value);
  // UTF-8; other bytes are replaced by U+FFFD.
  void Text(std::string_view text);
  // As spec/rest.md says of times; in CBOR as text, too.
  void Time(WallTime time);
  // A data map: in JSON an object where that keeps it exactly, else base64 of its CBOR.
  void DataMap(Data data);
  // One encoded item that is a scalar: a worker's mode. Byte strings become text.
  void Scalar(std::string_view item);

  // A text that is put together in place: everything appended to the string between the two is part
  // of it, and is ASCII that JSON needs no escapes for.
  std::string& BeginPlainText();
  void EndPlainText();

  BodyFormat format() const { return is_json_ ? BodyFormat::kJson : BodyFormat::kCbor; }

 private:
  void Begin(char json, char cbor);
  void End(char json);
  // What stands between the last value and the next.
  void Separate() {
    if (is_json_ && needs_comma_) out_.push_back(',');
    needs_comma_ = true;
  }
  void Quote(std::string_view text);

  std::string& out_;
  CborWriter cbor_;
  const bool is_json_;
  bool needs_comma_ = false;
  std::size_t plain_start_ = 0;
};

}  // namespace coord

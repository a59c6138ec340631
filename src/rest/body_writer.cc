// SPDX-License-Identifier: MIT
#include "rest/body_writer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "rest/time_text.h"
#include "rest/url_names.h"
#include "value/base64.h"
#include "value/cbor_reader.h"
#include "value/json.h"
#include "value/number_text.h"

namespace coord {

namespace {

template <typename Number>
void AppendNumber(std::string& out, Number value) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

}  // namespace

void BodyWriter::Begin(char json, char cbor) {
  Separate();
  out_.push_back(is_json_ ? json : cbor);
  needs_comma_ = false;
}

void BodyWriter::End(char json) {
  out_.push_back(is_json_ ? json : '\xff');
  needs_comma_ = true;
}

void BodyWriter::Key(std::string_view key) {
  Separate();
  if (!is_json_) {
    cbor_.Text(key);
    return;
  }
  out_.append("\"").append(key).append("\":");
  needs_comma_ = false;
}

void BodyWriter::Null() {
  Separate();
  if (is_json_) {
    out_.append("null");
  } else {
    cbor_.Null();
  }
}

void BodyWriter::Bool(bool value) {
  Separate();
  if (is_json_) {
    out_.append(value ? "true" : "false");
  } else {
    cbor_.Bool(value);
  }
}

void BodyWriter::Integer(std::int64_t value) {
  Separate();
  if (is_json_) {
    AppendNumber(out_, value);
  } else {
    cbor_.Integer(value);
  }
}

void BodyWriter::Unsigned(std::uint64_t value) {
  Separate();
  if (is_json_) {
    AppendNumber(out_, value);
  } else {
    cbor_.Unsigned(value);
  }
}

void BodyWriter::Double(double value) {
  if (is_json_ && !std::isfinite(value)) return Null();
  Separate();
  if (is_json_) {
    out_.append(DoubleText(value));
  } else {
    cbor_.Double(value);
  }
}

void BodyWriter::Text(std::string_view text) {
  Separate();
  std::string scratch;
  const std::string_view utf8 = LossyUtf8(text, scratch);
  if (is_json_) {
    Quote(utf8);
  } else {
    cbor_.Text(utf8);
  }
}

void BodyWriter::Quote(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out_.push_back('"');
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out_.append({'\\', c});
    } else if (code < 0x20) {
      out_.append("\\u00").append({kHex[code >> 4U], kHex[code & 0xfU]});
    } else {
      out_.push_back(c);
    }
  }
  out_.push_back('"');
}

void BodyWriter::Time(WallTime time) {
  AppendTime(BeginPlainText(), time);
  EndPlainText();
}

void BodyWriter::DataMap(Data data) {
  Separate();
  if (!is_json_) return cbor_.Raw(data.cbor());
  // What is stored was checked when it came in, so that it can be decoded.
  const auto value = DecodeCbor(data.cbor(), CborScanner::kDepthMax);
  if (value.has_value() && JsonKeepsExactly(*value)) {
    out_.append(ToJson(*value, JsonStyle::kCompact));
  } else {
    out_.append("\"").append(EncodeBase64(data.cbor())).append("\"");
  }
}

void BodyWriter::Scalar(std::string_view item) {
  Arena arena;
  if (const auto text = CborAsString(item, arena)) return Text(*text);
  if (!is_json_) {
    Separate();
    return cbor_.Raw(item);
  }
  if (const auto integer = CborAsInteger(item)) return Integer(*integer);
  if (const auto number = CborAsNumber(item)) return Double(*number);
  Null();
}

std::string& BodyWriter::BeginPlainText() {
  Separate();
  if (is_json_) {
    out_.push_back('"');
  } else {
    // A length of two bytes; Paths and times are shorter than that can say.
    out_.append("\x79\0\0", 3);
  }
  plain_start_ = out_.size();
  return out_;
}

void BodyWriter::EndPlainText() {
  if (is_json_) {
    out_.push_back('"');
    return;
  }
  const std::size_t size = out_.size() - plain_start_;
  out_[plain_start_ - 2] = static_cast<char>(size >> 8U);
  out_[plain_start_ - 1] = static_cast<char>(size & 0xffU);
}

}  // namespace coord

// SPDX-License-Identifier: MIT
#include <cmath>
#include <set>

#include "value/base64.h"
#include "value/json.h"
#include "value/number_text.h"
#include "value/utf8.h"
#include "value/uuid_text.h"

namespace coord {

namespace {

class Writer {
 public:
  explicit Writer(JsonStyle style, bool within_key = false)
      : indented_(style == JsonStyle::kIndented), within_key_(within_key) {}

  std::string Take() { return std::move(out_); }

  void Write(const Value& value) { std::visit(*this, value.variant()); }

  void operator()(std::monostate) { out_ += "null"; }
  void operator()(bool value) { out_ += value ? "true" : "false"; }
  void operator()(std::int64_t value) { out_ += std::to_string(value); }
  void operator()(std::uint64_t value) { out_ += std::to_string(value); }
  void operator()(double value) {
    if (std::isfinite(value)) {
      out_ += DoubleText(value);
    } else if (std::isnan(value)) {
      Quote("NaN");
    } else {
      Quote(value > 0 ? "Infinity" : "-Infinity");
    }
  }
  void operator()(const std::string& text) { Quote(IsUtf8(text) ? text : EncodeBase64(text)); }
  void operator()(const Bytes& bytes) { (*this)(bytes.bytes); }
  void operator()(const List& list) { Items(list); }
  void operator()(const Tuple& tuple) { Items(tuple.items); }
  void operator()(const Map& map) {
    Open('{');
    for (const auto& [key, value] : map) {
      NextEntry();
      Key(key);
      out_ += indented_ ? ": " : ":";
      Write(value);
    }
    Close('}');
  }
  void operator()(const Uuid& uuid) { Quote(UuidText(uuid)); }
  void operator()(const Bignum& bignum) {
    if (const auto digits = BignumDigits(bignum)) {
      out_ += *digits;
    } else {
      Quote(EncodeBase64(EncodeCbor(bignum)));
    }
  }
  void operator()(const Opaque& opaque) { Quote(EncodeBase64(opaque.cbor)); }

 private:
  void Items(const std::vector<Value>& items) {
    Open('[');
    for (const Value& item : items) {
      NextEntry();
      Write(item);
    }
    Close(']');
  }

  void Key(const Value& key) {
    if (key.AsString() != nullptr || key.As<Uuid>() != nullptr || key.As<Opaque>() != nullptr) {
      Write(key);
    } else if (within_key_) {
      // Quoting what was quoted doubles its length; keys in keys in keys would have no end.
      Quote(EncodeBase64(EncodeCbor(key)));
    } else {
      Writer writer(JsonStyle::kCompact, /*within_key=*/true);
      writer.Write(key);
      Quote(writer.Take());
    }
  }

  void Open(char bracket) {
    out_.push_back(bracket);
    ++level_;
    first_ = true;
  }

  void NextEntry() {
    if (!first_) out_.push_back(',');
    first_ = false;
    Break();
  }

  void Close(char bracket) {
    --level_;
    if (!first_) Break();
    first_ = false;
    out_.push_back(bracket);
  }

  void Break() {
    if (!indented_) return;
    out_.push_back('\n');
    out_.append(2 * level_, ' ');
  }

  void Quote(std::string_view text) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    out_.push_back('"');
    for (const char c : text) {
      const auto code = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') {
        out_.push_back('\\');
        out_.push_back(c);
      } else if (c == '\n') {
        out_ += "\\n";
      } else if (c == '\t') {
        out_ += "\\t";
      } else if (c == '\r') {
        out_ += "\\r";
      } else if (code < 0x20 || code == 0x7f) {
        out_ += "\\u00";
        out_.push_back(kHex[code >> 4U]);
        out_.push_back(kHex[code & 0xfU]);
      } else {
        out_.push_back(c);
      }
    }
    out_.push_back('"');
  }

  bool indented_;
  bool within_key_;
  bool first_ = true;
  std::size_t level_ = 0;
  std::string out_;
};

struct KeepsExactly {
  bool operator()(std::monostate) const { return true; }
  bool operator()(bool) const { return true; }
  bool operator()(std::int64_t) const { return true; }
  bool operator()(std::uint64_t) const { return true; }
  bool operator()(double value) const { return std::isfinite(value); }
  bool operator()(const std::string& text) const { return IsUtf8(text); }
  bool operator()(const Bytes& bytes) const { return IsUtf8(bytes.bytes); }
  bool operator()(const List& list) const {
    for (const Value& item : list) {
      if (!JsonKeepsExactly(item)) return false;
    }
    return true;
  }
  bool operator()(const Tuple&) const { return false; }
  bool operator()(const Map& map) const {
    std::set<std::string_view> keys;
    for (const auto& [key, value] : map) {
      const std::string* text = key.AsString();
      if (text == nullptr || !IsUtf8(*text) || !keys.insert(*text).second) return false;
      if (!JsonKeepsExactly(value)) return false;
    }
    return true;
  }
  bool operator()(const Uuid&) const { return false; }
  bool operator()(const Bignum& bignum) const { return BignumDigits(bignum).has_value(); }
  bool operator()(const Opaque&) const { return false; }
};

}  // namespace

std::string ToJson(const Value& value, JsonStyle style) {
  Writer writer(style);
  writer.Write(value);
  return writer.Take();
}

bool JsonKeepsExactly(const Value& value) { return std::visit(KeepsExactly{}, value.variant()); }

}  // namespace coord

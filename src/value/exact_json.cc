// SPDX-License-Identifier: MIT
#include "value/exact_json.h"

#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "value/base64.h"
#include "value/json.h"
#include "value/number_text.h"
#include "value/utf8.h"
#include "value/uuid_text.h"

namespace coord {

namespace {

// Deeper values are encoded; each level of a tuple or map may be three of JSON.
constexpr int kDepthMax = kJsonDepthMax / 3 - 2;

constexpr std::array<std::pair<std::string_view, double>, 3> kNotFinite = {{
    {"NaN", std::numeric_limits<double>::quiet_NaN()},
    {"Infinity", std::numeric_limits<double>::infinity()},
    {"-Infinity", -std::numeric_limits<double>::infinity()},
}};

Value Tagged(const char* tag, Value value) { return Map{{tag, std::move(value)}}; }

Value Encoded(const Value& value) { return Tagged("$cbor", EncodeBase64(EncodeCbor(value))); }

bool IsTag(const Value& key) {
  const auto* text = key.As<std::string>();
  return text != nullptr && text->starts_with('$');
}

// True if the map is an object of JSON that cannot be mistaken.
bool IsObject(const Map& map) {
  if (map.size() == 1 && IsTag(map.front().first)) return false;
  std::set<std::string_view> keys;
  for (const auto& [key, value] : map) {
    const auto* text = key.As<std::string>();
    if (text == nullptr || !IsUtf8(*text) || !keys.insert(*text).second) return false;
  }
  return true;
}

// Turns a value into one that JSON can say.
class Former {
 public:
  explicit Former(int depth) : depth_(depth) {}

  Value operator()(std::monostate) const { return {}; }
  Value operator()(bool value) const { return value; }
  Value operator()(std::int64_t value) const { return value; }
  Value operator()(std::uint64_t value) const { return value; }
  Value operator()(double value) const {
    if (std::isfinite(value)) return value;
    for (const auto& [name, number] : kNotFinite) {
      const bool same = std::bit_cast<std::uint64_t>(number) == std::bit_cast<std::uint64_t>(value);
      if (same) return Tagged("$float", name);
    }
    return Encoded(value);
  }
  Value operator()(const std::string& text) const {
    return IsUtf8(text) ? Value(text) : Encoded(text);
  }
  Value operator()(const Bytes& bytes) const { return Tagged("$bytes", EncodeBase64(bytes.bytes)); }
  Value operator()(const List& list) const {
    if (depth_ == 0) return Encoded(list);
    return Items(list);
  }
  Value operator()(const Tuple& tuple) const {
    if (depth_ == 0) return Encoded(tuple);
    return Tagged("$tuple", Items(tuple.items));
  }
  Value operator()(const Map& map) const {
    if (depth_ == 0) return Encoded(map);
    const bool object = IsObject(map);
    Map entries;
    List pairs;
    for (const auto& [key, value] : map) {
      if (object) {
        entries.emplace_back(key, Inner(value));
      } else {
        pairs.push_back(List{Inner(key), Inner(value)});
      }
    }
    return object ? Value(std::move(entries)) : Tagged("$map", std::move(pairs));
  }
  Value operator()(const Uuid& uuid) const { return Tagged("$uuid", UuidText(uuid)); }
  Value operator()(const Bignum& bignum) const {
    return BignumDigits(bignum) ? Value(bignum) : Encoded(bignum);
  }
  Value operator()(const Opaque& opaque) const { return Encoded(opaque); }

 private:
  Value Inner(const Value& value) const { return std::visit(Former(depth_ - 1), value.variant()); }
  List Items(const std::vector<Value>& items) const {
    List forms;
    forms.reserve(items.size());
    for (const Value& item : items) forms.push_back(Inner(item));
    return forms;
  }

  int depth_;
};

// --- Back ----------------------------------------------------------------------------------------

Result<Value> ReadForm(Value form);

Result<List> ReadForms(List forms) {
  for (Value& form : forms) {
    COORD_TRY(value, ReadForm(std::move(form)));
    form = std::move(value);
  }
  return forms;
}

Result<Map> ReadPairs(List pairs) {
  Map map;
  for (Value& pair : pairs) {
    List* const both = pair.As<List>();
    if (both == nullptr || both->size() != 2)
      return InvalidError("\"$map\" must be a list of pairs");
    COORD_TRY(read, ReadForms(std::move(*both)));
    map.emplace_back(std::move(read[0]), std::move(read[1]));
  }
  return map;
}

Result<Value> ReadText(const std::string& tag, const std::string& text) {
  const auto base64 = tag == "$bytes" || tag == "$cbor" ? DecodeBase64(text) : std::nullopt;
  if (tag == "$bytes" && base64) return Value(Bytes{*base64});
  if (tag == "$cbor" && base64) return DecodeCbor(*base64);
  if (tag == "$uuid") {
    if (const auto uuid = ParseUuid(text)) return Value(*uuid);
  }
  if (tag == "$float") {
    for (const auto& [name, number] : kNotFinite) {
      if (name == text) return Value(number);
    }
  }
  return InvalidError("\"" + tag + "\" has no such value");
}

Result<Value> ReadTagged(const std::string& tag, Value value) {
  if (List* const list = value.As<List>()) {
    if (tag == "$tuple") {
      COORD_TRY(items, ReadForms(std::move(*list)));
      return Value(Tuple{std::move(items)});
    }
    if (tag == "$map") {
      COORD_TRY(map, ReadPairs(std::move(*list)));
      return Value(std::move(map));
    }
  } else if (const auto* text = value.As<std::string>()) {
    return ReadText(tag, *text);
  }
  return InvalidError("\"" + tag + "\" is not known, or of a wrong kind");
}

Result<Value> ReadForm(Value form) {
  if (List* const list = form.As<List>()) {
    COORD_TRY(items, ReadForms(std::move(*list)));
    return Value(std::move(items));
  }
  Map* const map = form.As<Map>();
  if (map == nullptr) return form;
  if (map->size() == 1 && IsTag(map->front().first)) {
    return ReadTagged(*map->front().first.As<std::string>(), std::move(map->front().second));
  }
  for (auto& [key, value] : *map) {
    COORD_TRY(read, ReadForm(std::move(value)));
    value = std::move(read);
  }
  return form;
}

}  // namespace

std::string ToExactJson(const Value& value) {
  return ToJson(std::visit(Former(kDepthMax), value.variant()), JsonStyle::kCompact);
}

Result<Value> ParseExactJson(std::string_view text) {
  COORD_TRY(form, ParseJson(text));
  return ReadForm(std::move(form));
}

}  // namespace coord

// SPDX-License-Identifier: MIT
// Values: what work specs, work units, attempts and workers carry as data.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace coordinate {

class Value;

// A byte string, distinct from text.
struct Bytes {
  std::string bytes;
  bool operator==(const Bytes&) const = default;
};
// 16 bytes, as RFC 4122 orders them.
struct Uuid {
  std::array<unsigned char, 16> bytes{};
  bool operator==(const Uuid&) const = default;
};
// Anything that the others do not cover (an integer beyond 64 bits, a tag, undefined), as encoded
// CBOR: it comes back as it was.
struct Opaque {
  std::string cbor;
  bool operator==(const Opaque&) const = default;
};
using List = std::vector<Value>;
// Python's tuple, distinct from a list.
struct Tuple {
  std::vector<Value> items;
  bool operator==(const Tuple&) const;
};
// Entries in the order in which they came; where keys repeat, the last counts.
using Map = std::vector<std::pair<Value, Value>>;

// One value, which owns all that it holds. What was stored comes back equal and of the same kind.
// Data is always a Map whose keys are text or byte strings; a null Value stands for "no data".
class Value {
 public:
  using Variant = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double,
                               std::string, Bytes, List, Tuple, Map, Uuid, Opaque>;

  Value() = default;                                             // null
  Value(bool value) : variant_(value) {}                         // NOLINT: conversions are wanted
  Value(int value) : variant_(std::int64_t{value}) {}            // NOLINT
  Value(std::int64_t value) : variant_(value) {}                 // NOLINT
  Value(std::uint64_t value);                                    // NOLINT: int64 where it fits
  Value(double value) : variant_(value) {}                       // NOLINT
  Value(const char* text) : variant_(std::string(text)) {}       // NOLINT
  Value(std::string text) : variant_(std::move(text)) {}         // NOLINT
  Value(std::string_view text) : variant_(std::string(text)) {}  // NOLINT
  Value(Bytes bytes) : variant_(std::move(bytes)) {}             // NOLINT
  Value(List list) : variant_(std::move(list)) {}                // NOLINT
  Value(Tuple tuple) : variant_(std::move(tuple)) {}             // NOLINT
  Value(Map map) : variant_(std::move(map)) {}                   // NOLINT
  Value(Uuid uuid) : variant_(uuid) {}                           // NOLINT
  Value(Opaque opaque) : variant_(std::move(opaque)) {}          // NOLINT

  bool is_null() const { return std::holds_alternative<std::monostate>(variant_); }
  // The value as a T, one of the types of Variant; nullptr where it is of another kind.
  template <typename T>
  const T* As() const {
    return std::get_if<T>(&variant_);
  }
  template <typename T>
  T* As() {
    return std::get_if<T>(&variant_);
  }
  const Variant& variant() const { return variant_; }

  // The text of a text or byte string, else nullptr.
  const std::string* AsString() const;
  // The items of a list or tuple, else nullptr.
  const std::vector<Value>* AsItems() const;
  // An integer or double as a double; anything else: nothing.
  std::optional<double> AsNumber() const;
  // The value of the last entry whose key is this text (or these bytes); nullptr where there is
  // none, or this is no map. Cost: a walk over the map.
  const Value* Find(std::string_view key) const;

  // Equal and of the same kind, entry by entry in order.
  bool operator==(const Value&) const = default;

 private:
  Variant variant_;
};

}  // namespace coordinate

// SPDX-License-Identifier: MIT
// Value: a data map or any other CBOR item, decoded into a tree. For programs that look inside data
// (the command line, tests); the daemon itself carries encoded bytes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "value/cbor_writer.h"

namespace coord {

class Value;

// A byte string, distinct from text.
struct Bytes {
  std::string bytes;
  bool operator==(const Bytes&) const = default;
};
// 16 bytes, as RFC 4122 orders them (CBOR tag 37).
struct Uuid {
  std::array<unsigned char, 16> bytes{};
  bool operator==(const Uuid&) const = default;
};
// An integer that does not fit 64 bits: magnitude big-endian without leading zeros; the value is
// the magnitude, or -1 - magnitude where `negative` (CBOR tags 2 and 3).
struct Bignum {
  bool negative = false;
  std::string magnitude;
  bool operator==(const Bignum&) const = default;
};
// Anything else, encoded as it came: other tags, simple values, undefined.
struct Opaque {
  std::string cbor;
  bool operator==(const Opaque&) const = default;
};

using List = std::vector<Value>;
// Python's tuple (CBOR tag 128), distinct from a list.
struct Tuple {
  std::vector<Value> items;
  bool operator==(const Tuple&) const;
};
// Entries in the order in which they came; keys of any kind. Later entries win where keys repeat.
using Map = std::vector<std::pair<Value, Value>>;

// One value. Integers from -2^63 to 2^63-1 are std::int64_t, those up to 2^64-1 std::uint64_t;
// negative ones below -2^63 are Bignum.
class Value {
 public:
  using Variant = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double,
                               std::string, Bytes, List, Tuple, Map, Uuid, Bignum, Opaque>;

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
  Value(Bignum bignum) : variant_(std::move(bignum)) {}          // NOLINT
  Value(Opaque opaque) : variant_(std::move(opaque)) {}          // NOLINT

  bool is_null() const { return std::holds_alternative<std::monostate>(variant_); }
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
  // The value of the last entry whose key is this text (or these bytes), else nullptr; also nullptr
  // where this is no map.
  const Value* Find(std::string_view key) const;
  // An integer or double as a double; anything else: nothing.
  std::optional<double> AsNumber() const;

  // Equal and of the same kind. Maps are equal whatever the order of their entries. Doubles are
  // compared by their bits, so that what went through a store unharmed is equal: a NaN equals
  // itself, and zero differs from minus zero.
  bool operator==(const Value& other) const;

 private:
  Variant variant_;
};

// The integer whose magnitude (as in Bignum; leading zeros allowed) this is, of the kind that its
// size asks for.
Value IntegerOfMagnitude(bool negative, std::string_view magnitude);

// Decodes exactly one item. Errors: kInvalid (not well-formed, bytes left over, nested deeper than
// `depth_max`). Chunks of indefinite strings are joined; half and single floats become doubles.
Result<Value> DecodeCbor(std::string_view bytes, int depth_max = 128);

// Appends the encoded value. Opaque values as they came.
void EncodeCbor(const Value& value, CborWriter& writer);
std::string EncodeCbor(const Value& value);

}  // namespace coord

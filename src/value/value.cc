// SPDX-License-Identifier: MIT
#include "value/value.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <type_traits>

#include "base/check.h"
#include "value/cbor_reader.h"

namespace coord {

namespace {

std::string BigEndianBytes(std::uint64_t value) {
  std::string bytes;
  for (; value != 0; value >>= 8U) bytes.insert(bytes.begin(), static_cast<char>(value));
  return bytes;
}

std::string_view WithoutLeadingZeros(std::string_view magnitude) {
  const std::size_t first = magnitude.find_first_not_of('\0');
  return first == std::string_view::npos ? std::string_view() : magnitude.substr(first);
}

std::uint64_t FromBigEndian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = (value << 8U) | static_cast<unsigned char>(byte);
  return value;
}

Value NegativeInteger(std::uint64_t argument) {
  if (argument > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return Bignum{true, BigEndianBytes(argument)};
  }
  return -1 - static_cast<std::int64_t>(argument);
}

// --- Equality ------------------------------------------------------------------------------------

// An encoding that is the same for equal values: entries sorted by key, of equal keys the last.
std::string CanonicalCbor(const Value& value) {
  std::string out;
  CborWriter writer(out);
  if (const auto* map = value.As<Map>()) {
    std::map<std::string, std::string> entries;
    for (const auto& [key, entry] : *map) entries[CanonicalCbor(key)] = CanonicalCbor(entry);
    writer.MapHead(entries.size());
    for (const auto& [key, entry] : entries) {
      writer.Raw(key);
      writer.Raw(entry);
    }
  } else if (const auto* items = value.AsItems()) {
    if (value.As<Tuple>() != nullptr) writer.Tag(kCborTagTuple);
    writer.ArrayHead(items->size());
    for (const Value& item : *items) writer.Raw(CanonicalCbor(item));
  } else {
    EncodeCbor(value, writer);
  }
  return out;
}

// --- Decoding ------------------------------------------------------------------------------------

// Reads items off the front of bytes that a CborScanner has passed, so heads and lengths are right
// and the depth is bounded.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}

  Value Next() {
    const std::string_view from = rest_;
    const CborHead head = TakeHead();
    switch (head.kind) {
      case CborKind::kUnsigned:
        return head.argument;
      case CborKind::kNegative:
        return NegativeInteger(head.argument);
      case CborKind::kBytes:
        return Bytes{TakeString(head)};
      case CborKind::kText:
        return TakeString(head);
      case CborKind::kArray:
        return TakeList(head);
      case CborKind::kMap:
        return TakeMap(head);
      case CborKind::kTag:
        return TakeTagged(from, head.argument);
      case CborKind::kFloat:
        return *CborAsNumber(from);
      case CborKind::kSimple:
        return SimpleValue(from, head.argument);
      case CborKind::kBreak:
        break;
    }
    COORD_CHECK(head.kind != CborKind::kBreak);
    return {};
  }

 private:
  CborHead TakeHead() {
    CborHead head;
    std::size_t size = 0;
    COORD_CHECK(ReadCborHead(rest_, head, size) == CborScan::kDone);
    rest_.remove_prefix(size);
    return head;
  }

  bool AtBreak() {
    COORD_CHECK(!rest_.empty());
    if (rest_[0] != '\xff') return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string TakeString(const CborHead& head) {
    if (!head.indefinite) {
      COORD_CHECK(head.argument <= rest_.size());
      std::string text(rest_.substr(0, static_cast<std::size_t>(head.argument)));
      rest_.remove_prefix(text.size());
      return text;
    }
    std::string joined;
    while (!AtBreak()) joined += TakeString(TakeHead());
    return joined;
  }

  // Counts are not trusted with memory: a container grows as its items are read.
  List TakeList(const CborHead& head) {
    List list;
    for (std::uint64_t i = 0; head.indefinite ? !AtBreak() : i < head.argument; ++i) {
      list.push_back(Next());
    }
    return list;
  }

  Map TakeMap(const CborHead& head) {
    Map map;
    for (std::uint64_t i = 0; head.indefinite ? !AtBreak() : i < head.argument; ++i) {
      Value key = Next();
      map.emplace_back(std::move(key), Next());
    }
    return map;
  }

  Value TakeTagged(std::string_view from, std::uint64_t tag) {
    if (tag == kCborTagPositiveBignum || tag == kCborTagNegativeBignum || tag == kCborTagUuid ||
        tag == kCborTagTuple) {
      Value inner = Next();
      if (auto* list = inner.As<List>(); list != nullptr && tag == kCborTagTuple) {
        return Tuple{std::move(*list)};
      }
      const auto* bytes = inner.As<Bytes>();
      if (bytes != nullptr && tag == kCborTagUuid && bytes->bytes.size() == 16) {
        Uuid uuid;
        std::copy(bytes->bytes.begin(), bytes->bytes.end(), uuid.bytes.begin());
        return uuid;
      }
      if (bytes != nullptr && tag <= kCborTagNegativeBignum) {
        return IntegerOfMagnitude(tag == kCborTagNegativeBignum, bytes->bytes);
      }
    }
    return TakeOpaque(from);
  }

  Value SimpleValue(std::string_view from, std::uint64_t number) {
    if (number == kCborFalse || number == kCborTrue) return number == kCborTrue;
    if (number == kCborNull) return {};
    return TakeOpaque(from);
  }

  Value TakeOpaque(std::string_view from) {
    rest_ = from;
    return Opaque{std::string(TakeCborItem(rest_))};
  }

  std::string_view rest_;
};

// --- Encoding ------------------------------------------------------------------------------------

void EncodeBignum(const Bignum& bignum, CborWriter& writer) {
  const std::string_view magnitude = WithoutLeadingZeros(bignum.magnitude);
  if (magnitude.size() > 8) {
    writer.Tag(bignum.negative ? kCborTagNegativeBignum : kCborTagPositiveBignum);
    writer.Bytes(magnitude);
  } else if (bignum.negative) {
    writer.Negative(FromBigEndian(magnitude));
  } else {
    writer.Unsigned(FromBigEndian(magnitude));
  }
}

struct Encoder {
  CborWriter& writer;

  void operator()(std::monostate) { writer.Null(); }
  void operator()(bool value) { writer.Bool(value); }
  void operator()(std::int64_t value) { writer.Integer(value); }
  void operator()(std::uint64_t value) { writer.Unsigned(value); }
  void operator()(double value) { writer.Double(value); }
  void operator()(const std::string& text) { writer.Text(text); }
  void operator()(const Bytes& bytes) { writer.Bytes(bytes.bytes); }
  void operator()(const List& list) {
    writer.ArrayHead(list.size());
    for (const Value& item : list) EncodeCbor(item, writer);
  }
  void operator()(const Tuple& tuple) {
    writer.TupleHead(tuple.items.size());
    for (const Value& item : tuple.items) EncodeCbor(item, writer);
  }
  void operator()(const Map& map) {
    writer.MapHead(map.size());
    for (const auto& [key, value] : map) {
      EncodeCbor(key, writer);
      EncodeCbor(value, writer);
    }
  }
  void operator()(const Uuid& uuid) {
    writer.Tag(kCborTagUuid);
    writer.Bytes(std::string(uuid.bytes.begin(), uuid.bytes.end()));
  }
  void operator()(const Bignum& bignum) { EncodeBignum(bignum, writer); }
  void operator()(const Opaque& opaque) { writer.Raw(opaque.cbor); }
};

}  // namespace

bool Tuple::operator==(const Tuple& other) const { return items == other.items; }

Value::Value(std::uint64_t value) {
  if (value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    variant_ = static_cast<std::int64_t>(value);
  } else {
    variant_ = value;
  }
}

const std::string* Value::AsString() const {
  if (const auto* text = As<std::string>()) return text;
  if (const auto* bytes = As<Bytes>()) return &bytes->bytes;
  return nullptr;
}

const std::vector<Value>* Value::AsItems() const {
  if (const auto* list = As<List>()) return list;
  if (const auto* tuple = As<Tuple>()) return &tuple->items;
  return nullptr;
}

const Value* Value::Find(std::string_view key) const {
  const auto* map = As<Map>();
  if (map == nullptr) return nullptr;
  const auto entry = std::find_if(map->rbegin(), map->rend(), [key](const auto& candidate) {
    const std::string* text = candidate.first.AsString();
    return text != nullptr && *text == key;
  });
  return entry == map->rend() ? nullptr : &entry->second;
}

std::optional<double> Value::AsNumber() const {
  if (const auto* number = As<std::int64_t>()) return static_cast<double>(*number);
  if (const auto* number = As<std::uint64_t>()) return static_cast<double>(*number);
  if (const auto* number = As<double>()) return *number;
  return std::nullopt;
}

bool Value::operator==(const Value& other) const {
  if (variant_.index() != other.variant_.index()) return false;
  return std::visit(
      [&](const auto& mine) {
        using Kind = std::decay_t<decltype(mine)>;
        const Kind& theirs = std::get<Kind>(other.variant_);
        if constexpr (std::is_same_v<Kind, double>) {
          return std::bit_cast<std::uint64_t>(mine) == std::bit_cast<std::uint64_t>(theirs);
        } else if constexpr (std::is_same_v<Kind, Map>) {
          return mine == theirs || CanonicalCbor(*this) == CanonicalCbor(other);
        } else {
          return mine == theirs;
        }
      },
      variant_);
}

Value IntegerOfMagnitude(bool negative, std::string_view magnitude) {
  magnitude = WithoutLeadingZeros(magnitude);
  if (magnitude.size() > 8) return Bignum{negative, std::string(magnitude)};
  const std::uint64_t argument = FromBigEndian(magnitude);
  return negative ? NegativeInteger(argument) : Value(argument);
}

Result<Value> DecodeCbor(std::string_view bytes, int depth_max) {
  CborScanner scanner(depth_max);
  const CborScan scanned = scanner.Scan(bytes);
  if (scanned != CborScan::kDone) return InvalidError(std::string(CborScanner::Describe(scanned)));
  if (scanner.size() != bytes.size()) return InvalidError("bytes follow the CBOR item");
  return Decoder(bytes).Next();
}

void EncodeCbor(const Value& value, CborWriter& writer) {
  std::visit(Encoder{writer}, value.variant());
}

std::string EncodeCbor(const Value& value) {
  std::string out;
  CborWriter writer(out);
  EncodeCbor(value, writer);
  return out;
}

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "targets.h"

#include <string>

#include "base/arena.h"
#include "base/check.h"
#include "value/cbor_reader.h"
#include "value/data.h"
#include "value/exact_json.h"
#include "value/json.h"
#include "value/value.h"
#include "value/yaml.h"

namespace coord::fuzz {

namespace {

// As many levels as a message may have.
constexpr int kDepth = 128;

// The readers answer on any bytes, well-formed or not.
void ReadItem(std::string_view item) {
  Arena arena;
  IsCborNull(item);
  CborAsBool(item);
  CborAsNumber(item);
  CborAsInteger(item);
  const auto text = CborAsString(item, arena);
  COORD_CHECK(!text || IsCborString(item));
  FindInCborMap(item, "name");
  std::string_view key;
  std::string_view value;
  if (auto list = CborList::Open(item)) {
    while (list->Next(value)) COORD_CHECK(!value.empty());
  }
  if (auto map = CborMap::Open(item)) {
    while (map->Next(key, value)) COORD_CHECK(!key.empty() && !value.empty());
  }
  IgnoreError(Data::FromItem(item, "data"), "any answer will do");
}

// Feeding byte by byte must end as feeding at once does.
void ScanInPieces(std::string_view bytes, CborScan expected, std::size_t expected_size) {
  CborScanner scanner(kDepth);
  CborScan result = CborScan::kNeedMore;
  for (std::size_t end = 0; end <= bytes.size() && result == CborScan::kNeedMore; ++end) {
    result = scanner.Scan(bytes.substr(0, end));
    COORD_CHECK(scanner.size() <= end);
    COORD_CHECK(scanner.size_at_least() >= scanner.size());
  }
  COORD_CHECK(result == expected);
  COORD_CHECK(expected != CborScan::kDone || scanner.size() == expected_size);
}

void CheckJsonOf(const Value& value) {
  const Result<Value> compact = ParseJson(ToJson(value, JsonStyle::kCompact));
  const Result<Value> indented = ParseJson(ToJson(value, JsonStyle::kIndented));
  COORD_CHECK(compact.has_value() && indented.has_value());
  COORD_CHECK(*compact == *indented);
}

void CheckExactJsonOf(const Value& value) {
  const Result<Value> again = ParseExactJson(ToExactJson(value));
  COORD_CHECK(again.has_value());
  COORD_CHECK(*again == value);
}

void CheckRoundTrip(const Value& value) {
  const std::string encoded = EncodeCbor(value);
  const Result<Value> again = DecodeCbor(encoded, CborScanner::kDepthMax);
  COORD_CHECK(again.has_value());
  COORD_CHECK(*again == value);
  COORD_CHECK(EncodeCbor(*again) == encoded);
}

}  // namespace

void TryCbor(std::string_view bytes) {
  ReadItem(bytes);
  CborScanner scanner(kDepth);
  const CborScan scanned = scanner.Scan(bytes);
  if (bytes.size() < 2048) ScanInPieces(bytes, scanned, scanner.size());
  if (scanned != CborScan::kDone) {
    COORD_CHECK(DecodeCbor(bytes, kDepth).has_error());
    return;
  }
  std::string_view rest = bytes;
  const std::string_view item = TakeCborItem(rest);
  COORD_CHECK(item.size() == scanner.size());
  COORD_CHECK(rest.size() == bytes.size() - item.size());
  COORD_CHECK(CborItemSize(bytes, kDepth) == item.size());
  ReadItem(item);
  COORD_CHECK(DecodeCbor(bytes, kDepth).has_value() == rest.empty());
  const Result<Value> value = DecodeCbor(item, kDepth);
  COORD_CHECK(value.has_value());
  CheckRoundTrip(*value);
  CheckJsonOf(*value);
  CheckExactJsonOf(*value);
}

void TryJson(std::string_view bytes) {
  const Result<Value> exact = ParseExactJson(bytes);
  if (exact.has_value()) CheckExactJsonOf(*exact);
  const Result<Value> value = ParseJson(bytes);
  if (value.has_error()) return;
  COORD_CHECK(JsonKeepsExactly(*value));
  const Result<Value> again = ParseJson(ToJson(*value, JsonStyle::kIndented));
  COORD_CHECK(again.has_value());
  COORD_CHECK(*again == *value);
  CheckRoundTrip(*value);
}

void TryYaml(std::string_view bytes) {
  const Result<Value> value = ParseYaml(bytes);
  if (value.has_error()) return;
  CheckRoundTrip(*value);
  CheckJsonOf(*value);
}

}  // namespace coord::fuzz

// SPDX-License-Identifier: MIT
#include "rest/body_reader.h"

#include "domain/fields.h"
#include "rest/time_text.h"
#include "value/base64.h"
#include "value/cbor_reader.h"
#include "value/json.h"

namespace coord {

namespace {

// Checks that the bytes are exactly one item.
Result<void> CheckCbor(std::string_view bytes, std::string_view what, int nesting_max) {
  CborScanner scanner(nesting_max);
  const CborScan scan = scanner.Scan(bytes);
  if (scan != CborScan::kDone) {
    return InvalidError(std::string(what).append(": ").append(CborScanner::Describe(scan)));
  }
  if (scanner.size() != bytes.size()) {
    return InvalidError(std::string(what) + ": something follows the item");
  }
  return {};
}

}  // namespace

Result<std::string_view> ReadBody(BodyFormat format, std::string_view body, int nesting_max,
                                  std::string& scratch) {
  if (format == BodyFormat::kCbor) {
    COORD_TRY_VOID(CheckCbor(body, "the body", nesting_max));
    return body;
  }
  auto value = ParseJson(body);
  if (value.has_error()) return InvalidError("the body: " + value.error().detail);
  scratch.clear();
  CborWriter writer(scratch);
  EncodeCbor(*value, writer);
  return std::string_view(scratch);
}

std::string_view FindField(std::string_view map, std::string_view key) {
  const std::string_view value = FindInCborMap(map, key);
  return IsCborNull(value) ? std::string_view() : value;
}

Result<std::optional<std::string_view>> ReadNameField(std::string_view map, std::string_view key,
                                                      Arena& arena) {
  const std::string encoded_key = std::string(key) + "_base64";
  if (const std::string_view item = FindField(map, encoded_key); !item.empty()) {
    COORD_TRY(text, ReadString(item, encoded_key, arena));
    const auto bytes = DecodeBase64(text);
    if (!bytes) return MustBeError(encoded_key, "base64");
    return std::optional(arena.Copy(*bytes));
  }
  const std::string_view item = FindField(map, key);
  if (item.empty()) return std::optional<std::string_view>();
  COORD_TRY(text, ReadString(item, key, arena));
  return std::optional(text);
}

Result<Data> ReadDataItem(std::string_view item, std::string_view name, int nesting_max,
                          Arena& arena) {
  if (IsCborNull(item)) return Data();
  if (!IsCborString(item)) return Data::FromItem(item, name);
  COORD_TRY(text, ReadString(item, name, arena));
  const auto bytes = DecodeBase64(text);
  if (!bytes) return MustBeError(name, "a map, or base64 of its CBOR");
  const std::string_view decoded = arena.Copy(*bytes);
  COORD_TRY_VOID(CheckCbor(decoded, name, nesting_max));
  return Data::FromItem(decoded, name);
}

Result<Duration> ReadNanoseconds(std::string_view item, std::string_view name) {
  COORD_TRY(nanoseconds, ReadInteger(item, name));
  return std::chrono::floor<Duration>(std::chrono::nanoseconds(nanoseconds));
}

Result<WallTime> ReadTimeItem(std::string_view item, std::string_view name, Arena& arena) {
  COORD_TRY(text, ReadString(item, name, arena));
  const auto time = ReadTime(text);
  if (!time) return MustBeError(name, "a time, as in 2026-01-31T12:00:00Z");
  return *time;
}

}  // namespace coord

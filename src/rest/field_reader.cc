// SPDX-License-Identifier: MIT
#include "rest/field_reader.h"

#include <algorithm>

#include "domain/names.h"
#include "domain/unit_items.h"
#include "rest/error_document.h"
#include "rest/outcome_fields.h"

namespace coord {

namespace {

// Beyond it, sums of times and durations would not be sure to fit.
constexpr std::int64_t kMicrosMax = 1'000'000'000'000'000'000;

// A scalar as it may be a worker's mode or a lock's label: no list, no map, nothing tagged but what
// is a number or a UUID.
bool IsScalar(std::string_view item) {
  CborHead head;
  std::size_t size = 0;
  if (CborItemSize(item, /*depth_max=*/2) != item.size()) return false;
  if (ReadCborHead(item, head, size) != CborScan::kDone) return false;
  if (head.kind == CborKind::kTag) {
    return IsCborBignum(item) || (head.argument == kCborTagUuid && IsCborString(item.substr(size)));
  }
  return head.kind != CborKind::kArray && head.kind != CborKind::kMap;
}

}  // namespace

Result<CborList> FieldReader::OpenList(std::string_view item, std::string_view name) {
  const auto items = CborList::Open(item);
  if (!items) return MustBeError(name, "a list");
  if (items->CountLeft() > kUnitItemsMax) {
    return Error{ErrorCode::kOverLimit, std::string(name) + " has too many items", {}};
  }
  return *items;
}

Result<std::uint64_t> FieldReader::ReadUnsigned(std::string_view item, std::string_view name) {
  CborHead head;
  std::size_t size = 0;
  if (ReadCborHead(item, head, size) != CborScan::kDone || head.kind != CborKind::kUnsigned) {
    return MustBeError(name, "an integer of 0 or more");
  }
  return head.argument;
}

Result<std::string_view> FieldReader::ReadText(std::string_view item, const Place& place) {
  COORD_TRY(text, ReadString(item, place.name, arena_));
  switch (place.kind) {
    case TextKind::kAny:
      break;
    case TextKind::kName:
      COORD_TRY_VOID(CheckName(text, place.name));
      break;
    case TextKind::kUnitName:
      COORD_TRY_VOID(CheckWorkUnitName(text));
      break;
    case TextKind::kScalar:
      // None at all stands for the default.
      if (!text.empty() && !IsScalar(text)) {
        return MustBeError(place.name, "an encoded scalar in a byte string");
      }
      break;
  }
  return text;
}

Result<void> FieldReader::ReadPart(std::string_view item, const Place& place, Duration& to) {
  COORD_TRY(micros, ReadInteger(item, place.name));
  to = Duration(std::clamp(micros, -kMicrosMax, kMicrosMax));
  return {};
}

Result<void> FieldReader::ReadPart(std::string_view item, const Place& place, WallTime& to) {
  if (IsCborNull(item)) {
    to = kNoTime;
    return {};
  }
  COORD_TRY(micros, ReadInteger(item, place.name));
  to = WallTime(Duration(micros));
  if (to < WallTime{} || to > kMaxTime) return MustBeError(place.name, "a time since 1970");
  return {};
}

Result<void> FieldReader::ReadPart(std::string_view item, const Place& place, StatusSet& to) {
  std::span<const WorkUnitStatus> statuses;
  COORD_TRY_VOID(ReadPart(item, place, statuses));
  to = StatusSet();
  for (const WorkUnitStatus status : statuses) to.Add(status);
  return {};
}

Result<void> FieldReader::ReadPart(std::string_view item, const Place& place,
                                   const WorkSpecMeta*& to) {
  WorkSpecMeta& meta = metas_.emplace_back();
  to = &meta;
  return ReadMap(item, place.name, meta);
}

Result<void> FieldReader::ReadPart(std::string_view item, const Place& place, const Error*& to) {
  if (IsCborNull(item)) {
    to = nullptr;
    return {};
  }
  if (!CborMap::Open(item)) return MustBeError(place.name, "a list of errors");
  const auto status = CborAsInteger(FindInCborMap(item, "status"));
  to = &errors_.emplace_back(ReadErrorDocument(static_cast<int>(status.value_or(0)), item));
  return {};
}

}  // namespace coord

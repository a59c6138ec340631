// SPDX-License-Identifier: MIT
#include "domain/unit_items.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "domain/names.h"
#include "value/cbor_reader.h"

namespace coord {

namespace {

Result<void> ReadPriority(std::string_view item, std::optional<double>& priority) {
  if (IsCborNull(item)) return {};
  const auto number = CborAsNumber(item);
  COORD_TRY_VOID(CheckPriority(number.value_or(std::numeric_limits<double>::quiet_NaN()), {}));
  priority = number;
  return {};
}

Result<void> ReadDelay(std::string_view item, Duration& delay) {
  if (IsCborNull(item)) return {};
  const auto seconds = CborAsNumber(item);
  if (!seconds || !std::isfinite(*seconds)) {
    return InvalidError("the delay must be a finite number");
  }
  if (*seconds > 0) delay = FromSeconds(*seconds);
  return {};
}

Result<void> ReadMeta(std::string_view item, UnitItem& unit) {
  if (IsCborNull(item)) return {};
  if (!CborMap::Open(item)) return InvalidError("the work unit's meta must be a map");
  COORD_TRY_VOID(ReadPriority(FindInCborMap(item, "priority"), unit.priority));
  return ReadDelay(FindInCborMap(item, "delay"), unit.delay);
}

Result<void> ReadName(std::string_view item, Arena& arena, UnitItem& unit) {
  const auto name = CborAsString(item, arena);
  if (!name) return InvalidError("the work unit's name must be a string");
  unit.name = *name;
  return CheckWorkUnitName(unit.name);
}

Result<void> ReadData(std::string_view item, UnitItem& unit) {
  COORD_TRY(data, Data::FromItem(item, "the work unit's data"));
  unit.data = data.Or(Data::Empty());
  return {};
}

Result<void> ReadTuple(CborList& list, Arena& arena, UnitItem& unit) {
  std::string_view item;
  if (!list.Next(item)) {
    return Error{ErrorCode::kWorkUnitTooShort, "the work unit has no name", {}};
  }
  COORD_TRY_VOID(ReadName(item, arena, unit));
  if (!list.Next(item)) {
    return Error{ErrorCode::kWorkUnitTooShort, "the work unit has a name but no data", {}};
  }
  COORD_TRY_VOID(ReadData(item, unit));
  if (!list.Next(item)) return {};
  COORD_TRY_VOID(ReadMeta(item, unit));
  if (!list.Next(item)) return {};
  COORD_TRY_VOID(ReadPriority(item, unit.priority));
  if (list.Next(item)) return InvalidError("the work unit has more than four parts");
  return {};
}

Result<void> ReadItem(std::string_view item, Arena& arena, UnitItem& unit) {
  if (auto list = CborList::Open(item)) return ReadTuple(*list, arena, unit);
  if (IsCborString(item)) return ReadName(item, arena, unit);
  return Error{
      ErrorCode::kWorkUnitNotList, "the work unit must be a string or a list of its parts", {}};
}

bool TakeHead(std::string_view& rest, CborHead& head) {
  std::size_t size = 0;
  if (ReadCborHead(rest, head, size) != CborScan::kDone) return false;
  rest.remove_prefix(size);
  return !head.indefinite;
}

// Takes the usual form of an item, a pair of a string and a map, off the front of `rest` in one
// walk over its bytes, where finding the item's end, its parts and the map's keys one after the
// other would make three of them. Returns false, and takes nothing, if it has another form or a
// fault.
bool TakePair(std::string_view& rest, UnitItem& unit) {
  std::string_view cursor = rest;
  CborHead head;
  if (!TakeHead(cursor, head)) return false;
  if (head.kind == CborKind::kTag && head.argument == kCborTagTuple && !TakeHead(cursor, head)) {
    return false;
  }
  if (head.kind != CborKind::kArray || head.argument != 2 || !TakeHead(cursor, head)) return false;
  const bool is_string = head.kind == CborKind::kBytes || head.kind == CborKind::kText;
  if (!is_string || head.argument > std::min(kNameBytesMax, cursor.size())) return false;
  unit.name = cursor.substr(0, head.argument);
  cursor.remove_prefix(head.argument);
  const std::string_view map = cursor;
  if (!TakeHead(cursor, head) || head.kind != CborKind::kMap) return false;
  for (std::uint64_t i = 0; i < head.argument; ++i) {
    if (!IsCborString(TakeCborItem(cursor)) || TakeCborItem(cursor).empty()) return false;
  }
  unit.data = Data::FromStored(map.substr(0, map.size() - cursor.size()));
  rest = cursor;
  return true;
}

// The items of a list or tuple, encoded one after the other.
std::string_view InsideList(std::string_view list) {
  CborHead head;
  TakeHead(list, head);
  if (head.kind == CborKind::kTag) TakeHead(list, head);
  return list;
}

// Fills `units` from the front with the entries of a map of names to data that can be read.
std::size_t ReadOutputMap(CborMap map, Arena& arena, std::span<UnitItem> units) {
  std::size_t count = 0;
  std::string_view key;
  std::string_view value;
  while (map.Next(key, value)) {
    UnitItem unit;
    if (ReadName(key, arena, unit).has_error() || ReadData(value, unit).has_error()) continue;
    units[count++] = unit;
  }
  return count;
}

std::size_t ReadOutputList(CborList list, Arena& arena, std::span<UnitItem> units) {
  std::size_t count = 0;
  std::string_view item;
  while (list.Next(item)) {
    UnitItem unit;
    if (ReadItem(item, arena, unit).has_error()) continue;
    units[count++] = unit;
  }
  return count;
}

std::size_t CountEntries(CborMap map) {
  std::size_t count = 0;
  std::string_view key;
  std::string_view value;
  while (map.Next(key, value)) ++count;
  return count;
}

}  // namespace

Result<void> CheckPriority(double priority, std::string_view unit) {
  if (std::isfinite(priority)) return {};
  return Error{ErrorCode::kBadPriority, "the priority must be a finite number", std::string(unit)};
}

Result<UnitItem> ParseUnitItem(std::string_view item, Arena& arena) {
  UnitItem unit;
  COORD_TRY_VOID(ReadItem(item, arena, unit));
  return unit;
}

Result<std::span<const UnitItem>> ParseUnitItems(std::string_view list, Arena& arena) {
  const auto items = CborList::Open(list);
  if (!items) return InvalidError("the work units must be a list");
  const std::size_t count = items->CountLeft();
  if (count > kUnitItemsMax) {
    return Error{ErrorCode::kOverLimit,
                 "more than " + std::to_string(kUnitItemsMax) + " work units in one list",
                 {}};
  }
  const std::span<UnitItem> units = arena.NewArray<UnitItem>(count);
  std::string_view rest = InsideList(list);
  for (std::size_t i = 0; i < count; ++i) {
    if (TakePair(rest, units[i])) continue;
    if (Result<void> read = ReadItem(TakeCborItem(rest), arena, units[i]); read.has_error()) {
      Error error = std::move(read).error();
      error.detail.insert(0, "item " + std::to_string(i) + ": ");
      return error;
    }
  }
  return std::span<const UnitItem>(units);
}

std::span<const UnitItem> ParseOutput(Data final_data, Arena& arena) {
  const std::string_view output = FindInCborMap(final_data.cbor(), "output");
  if (const auto map = CborMap::Open(output)) {
    const auto units = arena.NewArray<UnitItem>(CountEntries(*map));
    return units.first(ReadOutputMap(*map, arena, units));
  }
  if (const auto list = CborList::Open(output)) {
    const auto units = arena.NewArray<UnitItem>(list->CountLeft());
    return units.first(ReadOutputList(*list, arena, units));
  }
  return {};
}

}  // namespace coord

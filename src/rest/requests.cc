// SPDX-License-Identifier: MIT
#include "rest/requests.h"

#include <algorithm>
#include <array>
#include <string>

#include "domain/fields.h"
#include "domain/names.h"
#include "rest/body_reader.h"
#include "rest/urls.h"
#include "value/cbor_reader.h"

namespace coord {

namespace {

// Calls read(item) -> Result<T> where the field is there, and puts what it gives into `to`.
template <typename To, typename Read>
Result<void> ReadField(std::string_view map, std::string_view key, To& to, Read read) {
  const std::string_view item = FindField(map, key);
  if (item.empty()) return {};
  auto value = read(item, key);
  if (value.has_error()) return value.error();
  to = *value;
  return {};
}

// The map under a key; an empty view where it is absent.
Result<std::string_view> ReadMapField(std::string_view map, std::string_view key) {
  const std::string_view item = FindField(map, key);
  if (!item.empty() && !CborMap::Open(item)) return MustBeError(key, "a map");
  return item;
}

Result<std::uint64_t> ReadAmount(std::string_view item, std::string_view name) {
  COORD_TRY(number, ReadInteger(item, name));
  if (number < 0) return MustBeError(name, "0 or more");
  return static_cast<std::uint64_t>(number);
}

Result<double> ReadPriority(std::string_view item, std::string_view name) {
  const auto number = CborAsNumber(item);
  if (!number) return Error{ErrorCode::kBadPriority, MustBeError(name, "a number").detail, {}};
  COORD_TRY_VOID(CheckPriority(*number, {}));
  return *number;
}

// A list of strings, where null is an empty one.
Result<std::span<const std::string_view>> ReadListField(std::string_view map, std::string_view key,
                                                        Arena& arena) {
  const std::string_view item = FindField(map, key);
  if (item.empty()) return std::span<const std::string_view>();
  return ReadStrings(item, key, arena);
}

// A name that must be there.
Result<std::string_view> ReadNeededName(std::string_view map, std::string_view key, Arena& arena) {
  COORD_TRY(name, ReadNameField(map, key, arena));
  if (!name) return InvalidError(std::string(key) + " is missing");
  return *name;
}

Error ItemError(std::size_t index, Error error) {
  error.detail = "item " + std::to_string(index) + ": " + error.detail;
  return error;
}

}  // namespace

// --- Work specs ----------------------------------------------------------------------------------

Result<Data> ReadDefinition(const RequestBody& body, Arena& arena) {
  return ReadDataItem(FindField(body.map, "data"), "data", body.nesting_max, arena);
}

Result<WorkSpecMetaChange> ReadMetaChange(const RequestBody& body, Arena& arena) {
  WorkSpecMetaChange change;
  const std::string_view map = body.map;
  COORD_TRY_VOID(ReadField(map, "priority", change.priority, ReadInteger));
  COORD_TRY_VOID(ReadField(map, "weight", change.weight, ReadInteger));
  COORD_TRY_VOID(ReadField(map, "paused", change.paused, ReadBool));
  COORD_TRY_VOID(ReadField(map, "continuous", change.continuous, ReadBool));
  COORD_TRY_VOID(ReadField(map, "min_memory_gb", change.min_memory_gb, ReadNumber));
  COORD_TRY_VOID(ReadField(map, "interval", change.interval, ReadNanoseconds));
  COORD_TRY_VOID(ReadField(map, "next_continuous", change.next_continuous,
                           [&](std::string_view item, std::string_view name) {
                             return ReadTimeItem(item, name, arena);
                           }));
  COORD_TRY_VOID(ReadField(map, "max_running", change.max_running, ReadAmount));
  COORD_TRY_VOID(ReadField(map, "max_attempts_returned", change.max_attempts_returned, ReadAmount));
  COORD_TRY_VOID(ReadField(map, "max_retries", change.max_retries, ReadAmount));
  return change;
}

// --- Work units ----------------------------------------------------------------------------------

Result<UnitItem> ReadUnit(const RequestBody& body, Arena& arena) {
  UnitItem unit;
  COORD_TRY(name, ReadNeededName(body.map, "name", arena));
  COORD_TRY_VOID(CheckWorkUnitName(name));
  unit.name = name;
  COORD_TRY(data, ReadDataItem(FindField(body.map, "data"), "data", body.nesting_max, arena));
  unit.data = data.Or(Data::Empty());
  COORD_TRY(meta, ReadMapField(body.map, "meta"));
  COORD_TRY_VOID(ReadField(meta, "priority", unit.priority, ReadPriority));
  COORD_TRY_VOID(ReadField(
      meta, "not_before", unit.not_before,
      [&](std::string_view item, std::string_view key) { return ReadTimeItem(item, key, arena); }));
  return unit;
}

Result<std::span<const UnitItem>> ReadUnits(std::string_view list, int nesting_max, Arena& arena) {
  auto items = CborList::Open(list);
  if (!items) return MustBeError("the body", "a list");
  const std::size_t count = items->CountLeft();
  if (count > kUnitItemsMax) {
    return Error{ErrorCode::kOverLimit, "more work units than one request may have", {}};
  }
  const auto units = arena.NewArray<UnitItem>(count);
  std::string_view item;
  for (std::size_t i = 0; i < count && items->Next(item); ++i) {
    if (!CborMap::Open(item)) return ItemError(i, MustBeError("it", "a map"));
    auto unit = ReadUnit({item, nesting_max}, arena);
    if (unit.has_error()) return ItemError(i, unit.error());
    units[i] = *unit;
  }
  return std::span<const UnitItem>(units);
}

Result<std::optional<std::span<const std::string_view>>> ReadUnitNames(const RequestBody& body,
                                                                       Arena& arena) {
  std::optional<std::span<const std::string_view>> read;
  const std::string_view list = FindField(body.map, "work_units");
  if (list.empty()) return read;
  auto items = CborList::Open(list);
  if (!items) return MustBeError("work_units", "a list");
  const std::size_t count = items->CountLeft();
  if (count > kUnitItemsMax) {
    return Error{ErrorCode::kOverLimit, "more work units than one request may have", {}};
  }
  const auto names = arena.NewArray<std::string_view>(count);
  std::string_view item;
  for (std::size_t i = 0; i < count && items->Next(item); ++i) {
    if (!CborMap::Open(item)) return ItemError(i, MustBeError("it", "a map"));
    auto name = ReadNeededName(item, "name", arena);
    if (name.has_error()) return ItemError(i, name.error());
    names[i] = *name;
  }
  read = names;
  return read;
}

Result<SetWorkUnitMeta> ReadUnitChange(const RequestBody& body, Arena& arena) {
  SetWorkUnitMeta change;
  COORD_TRY(meta, ReadMapField(body.map, "meta"));
  COORD_TRY_VOID(ReadField(meta, "priority", change.priority, ReadPriority));
  COORD_TRY_VOID(ReadField(
      meta, "not_before", change.not_before,
      [&](std::string_view item, std::string_view key) { return ReadTimeItem(item, key, arena); }));
  const auto active = CborAsString(FindField(body.map, "active_attempt_url"), arena);
  change.clear_active = active == "-";
  return change;
}

Result<double> ReadPriorityChange(const RequestBody& body) {
  COORD_TRY(meta, ReadMapField(body.map, "meta"));
  std::optional<double> priority;
  COORD_TRY_VOID(ReadField(meta, "priority", priority, ReadPriority));
  if (!priority) return InvalidError("meta.priority is missing");
  return *priority;
}

// --- Attempts ------------------------------------------------------------------------------------

Result<AttemptChange> ReadAttemptChange(const RequestBody& body, AttemptEvent event, Arena& arena) {
  AttemptChange change;
  change.event = event;
  COORD_TRY(data, ReadDataItem(FindField(body.map, "data"), "data", body.nesting_max, arena));
  change.data = data;
  if (event == AttemptEvent::kRenew) {
    COORD_TRY_VOID(ReadField(body.map, "extend_duration", change.duration, ReadNanoseconds));
  } else if (event == AttemptEvent::kRetry) {
    COORD_TRY_VOID(ReadField(body.map, "delay", change.duration, ReadNanoseconds));
  }
  return change;
}

namespace {

Result<AttemptEvent> ReadAction(std::string_view item, Arena& arena) {
  COORD_TRY(text, ReadString(FindField(item, "action"), "action", arena));
  for (const auto event : {AttemptEvent::kFinish, AttemptEvent::kFail, AttemptEvent::kRetry,
                           AttemptEvent::kRenew, AttemptEvent::kExpire}) {
    if (ToText(event) == text) return event;
  }
  return MustBeError("action", "finish, fail, retry, renew or expire");
}

Result<AttemptChange> ReadListedChange(std::string_view item, std::string_view name_space,
                                       int nesting_max, Arena& arena) {
  if (!CborMap::Open(item)) return MustBeError("an item", "a map");
  COORD_TRY(text, ReadString(FindField(item, "url"), "url", arena));
  COORD_TRY(url, ReadAttemptUrl(text, arena));
  if (url.name_space != name_space) return MustBeError("url", "in the same namespace");
  COORD_TRY(event, ReadAction(item, arena));
  COORD_TRY(change, ReadAttemptChange({item, nesting_max}, event, arena));
  change.key = url.key;
  return change;
}

}  // namespace

Result<ChangeList> ReadChanges(std::string_view list, std::string_view name_space, int nesting_max,
                               Arena& arena) {
  auto items = CborList::Open(list);
  if (!items) return MustBeError("the body", "a list");
  const std::size_t count = items->CountLeft();
  if (count > kUnitItemsMax) {
    return Error{ErrorCode::kOverLimit, "more attempts than one request may have", {}};
  }
  ChangeList read;
  const auto changes = arena.NewArray<AttemptChange>(count);
  std::size_t used = 0;
  std::string_view item;
  for (std::size_t i = 0; i < count && items->Next(item); ++i) {
    const auto change = ReadListedChange(item, name_space, nesting_max, arena);
    if (change.has_error()) {
      read.defects.push_back({i, change.error()});
    } else {
      changes[used++] = *change;
    }
  }
  read.changes = changes.first(used);
  return read;
}

// --- Workers -------------------------------------------------------------------------------------

namespace {

Result<std::string_view> ReadMode(std::string_view item, Arena& arena) {
  if (const auto text = CborAsString(item, arena)) {
    COORD_TRY_VOID(CheckName(*text, "mode"));
  } else if (!CborAsNumber(item)) {
    return MustBeError("mode", "a string or a number");
  }
  return item;
}

Result<void> ReadActivation(const RequestBody& body, Arena& arena, UpdateWorker& update) {
  const auto read_time = [&](std::string_view item, std::string_view name) {
    return ReadTimeItem(item, name, arena);
  };
  COORD_TRY(data, ReadDataItem(FindField(body.map, "data"), "data", body.nesting_max, arena));
  update.data = data;
  COORD_TRY_VOID(ReadField(body.map, "last_update", update.last_update, read_time));
  COORD_TRY_VOID(ReadField(body.map, "expiration", update.expiration, read_time));
  // "No time" counts as none given.
  if (update.last_update == kNoTime) update.last_update.reset();
  if (update.expiration == kNoTime) update.expiration.reset();
  return ReadField(body.map, "mode", update.mode,
                   [&](std::string_view item, std::string_view) { return ReadMode(item, arena); });
}

}  // namespace

Result<UpdateWorker> ReadWorkerUpdate(const RequestBody& body, Arena& arena) {
  UpdateWorker update;
  COORD_TRY_VOID(ReadField(
      body.map, "parent", update.parent,
      [&](std::string_view item, std::string_view name) { return ReadName(item, name, arena); }));
  std::optional<bool> active;
  COORD_TRY_VOID(ReadField(body.map, "active", active, ReadBool));
  if (active == true) {
    update.activity = UpdateWorker::Activity::kActivate;
    COORD_TRY_VOID(ReadActivation(body, arena, update));
  } else if (active == false && !update.parent) {
    update.activity = UpdateWorker::Activity::kDeactivate;
  }
  return update;
}

Result<WorkRequest> ReadWorkRequest(const RequestBody& body, Arena& arena) {
  WorkRequest request;
  std::int64_t count = 1;
  COORD_TRY_VOID(ReadField(body.map, "number_of_work_units", count, ReadInteger));
  request.command.count =
      static_cast<std::uint64_t>(std::clamp<std::int64_t>(count, 1, kAttemptsMax));
  COORD_TRY_VOID(ReadField(body.map, "lifetime", request.command.lifetime, ReadNanoseconds));
  COORD_TRY_VOID(
      ReadField(body.map, "available_gb", request.command.filter.available_memory_gb, ReadNumber));
  COORD_TRY(specs, ReadListField(body.map, "work_specs", arena));
  request.command.filter.work_spec_names = specs;
  COORD_TRY(runtimes, ReadListField(body.map, "runtimes", arena));
  request.command.filter.runtimes = runtimes;
  COORD_TRY_VOID(ReadField(body.map, "wait", request.wait, ReadNanoseconds));
  request.wait = std::clamp(request.wait, Duration(0), kWaitMax);
  return request;
}

Result<MakeAttempt> ReadMakeAttempt(const RequestBody& body, Arena& arena) {
  MakeAttempt command;
  COORD_TRY(spec, ReadNeededName(body.map, "work_spec", arena));
  COORD_TRY(unit, ReadNeededName(body.map, "work_unit", arena));
  command.spec = spec;
  command.unit = unit;
  COORD_TRY_VOID(ReadField(body.map, "lifetime", command.lifetime, ReadNanoseconds));
  return command;
}

}  // namespace coord

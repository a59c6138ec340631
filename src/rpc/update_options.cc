// SPDX-License-Identifier: MIT
#include "rpc/update_options.h"

#include <cmath>

#include "rpc/params.h"

namespace coord {

namespace {

constexpr std::string_view kUnknownStatus = "unknown status";
constexpr char kEmptyMap[] = "\xa0";

Result<void> ReadAskedStatus(std::string_view value, WorkUnitUpdate& update) {
  COORD_TRY(number, ReadInteger(value, "status"));
  switch (number) {
    case 1:
      update.request.status = AskedStatus::kAvailable;
      break;
    case 3:
      update.request.status = AskedStatus::kPending;
      break;
    case 4:
      update.request.status = AskedStatus::kFinished;
      break;
    case 5:
      update.request.status = AskedStatus::kFailed;
      break;
    default:
      update.defect = kUnknownStatus;
  }
  return {};
}

Result<Duration> ReadSeconds(std::string_view value, std::string_view name) {
  COORD_TRY(seconds, ReadNumber(value, name));
  if (std::isnan(seconds)) return MustBeError(name, "a number");
  return FromSeconds(seconds);
}

Result<void> ReadUpdateOption(std::string_view name, std::string_view value, Arena& arena,
                              WorkUnitUpdate& update) {
  if (name == "status") return ReadAskedStatus(value, update);
  if (name == "data") {
    COORD_TRY(data, Data::FromItem(value, "data"));
    update.data = data;
    update.request.has_data = true;
  } else if (name == "lease_time") {
    COORD_TRY(lease_time, ReadSeconds(value, name));
    update.request.lease_time = lease_time;
    update.request.has_lease_time = true;
  } else if (name == "worker_id") {
    COORD_TRY(worker, ReadName(value, name, arena));
    update.worker = worker;
    update.has_worker = true;
  } else if (name == "delay") {
    COORD_TRY(delay, ReadSeconds(value, name));
    update.delay = delay;
    update.request.has_delay = true;
  } else if (name == "only_if_owner") {
    COORD_TRY(only, ReadBool(value, name));
    update.only_if_owner = only;
  }
  return {};
}

Result<void> ReadUpdate(std::string_view item, Arena& arena, WorkUnitUpdate& update) {
  auto parts = CborList::Open(item);
  std::string_view spec;
  std::string_view unit;
  std::string_view options;
  if (!parts || !parts->Next(spec) || !parts->Next(unit) || !parts->Next(options) ||
      parts->CountLeft() != 0) {
    return InvalidError("an update must be a list of a work spec, a key and options");
  }
  COORD_TRY(spec_name, ReadString(spec, "work_spec_name", arena));
  COORD_TRY(unit_name, ReadString(unit, "work_unit_key", arena));
  update.spec = spec_name;
  update.unit = unit_name;
  const auto map = CborMap::Open(IsCborNull(options) ? std::string_view(kEmptyMap) : options);
  if (!map) return MustBeError("options", "a map");
  return ReadUpdateOptions(*map, arena, update);
}

}  // namespace

Result<void> ReadUpdateOptions(CborMap options, Arena& arena, WorkUnitUpdate& update) {
  return VisitOptions(options, arena, [&](std::string_view name, std::string_view value) {
    return ReadUpdateOption(name, value, arena, update);
  });
}

Result<std::span<const WorkUnitUpdate>> ReadUpdates(std::string_view list, std::string_view name,
                                                    Arena& arena) {
  auto items = CborList::Open(list);
  if (!items) return MustBeError(name, "a list");
  const auto updates = arena.NewArray<WorkUnitUpdate>(items->CountLeft());
  for (WorkUnitUpdate& update : updates) {
    std::string_view item;
    if (!items->Next(item)) break;
    if (Result<void> read = ReadUpdate(item, arena, update); read.has_error()) {
      update.defect = arena.Copy(read.error().detail);
    }
  }
  return std::span<const WorkUnitUpdate>(updates);
}

}  // namespace coord

// SPDX-License-Identifier: MIT
// What requests say, in bodies and query strings, as commands of the domain. All views point into
// what is read or into the arena. Errors: kInvalid and others of bad input; the detail names the
// field.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/result.h"
#include "domain/command.h"

namespace coord {

// A body that has been read, and what its data maps may be.
struct RequestBody {
  std::string_view map;  // one encoded map
  int nesting_max = 0;
};

// Which failed units are meant, beyond what a store can select.
struct FailureFilter {
  std::optional<std::string_view> error;     // their FailureLine()
  std::optional<std::string_view> contains;  // in their name or traceback
  bool any() const { return error || contains; }
};

// The query of lists of units: name*, status*, previous, limit.
Result<WorkUnitQuery> ReadUnitQuery(std::string_view query, Arena& arena);
// The query of lists of failed units: name*, error, contains, previous, limit.
struct FailureQuery {
  WorkUnitQuery units;  // of status failed
  FailureFilter filter;
};
Result<FailureQuery> ReadFailureQuery(std::string_view query, Arena& arena);
// The query of lists of workers: active, previous, limit.
Result<ListWorkers> ReadWorkerQuery(std::string_view query, Arena& arena);
// A boolean parameter of a query; false where it is absent.
Result<bool> ReadQueryFlag(std::string_view query, std::string_view name, Arena& arena);

// {"data": definition}
Result<Data> ReadDefinition(const RequestBody& body, Arena& arena);
Result<WorkSpecMetaChange> ReadMetaChange(const RequestBody& body, Arena& arena);

// One unit to add: {"name","data"?,"meta"?}
Result<UnitItem> ReadUnit(const RequestBody& body, Arena& arena);
// A list of them. Errors begin with "item N: ".
Result<std::span<const UnitItem>> ReadUnits(std::string_view list, int nesting_max, Arena& arena);
// {"work_units": [{"name"}]}; nothing where that is absent.
Result<std::optional<std::span<const std::string_view>>> ReadUnitNames(const RequestBody& body,
                                                                       Arena& arena);
// {"meta"?,"active_attempt_url"?} of a unit, whose names the caller adds.
Result<SetWorkUnitMeta> ReadUnitChange(const RequestBody& body, Arena& arena);
// {"meta": {"priority": x}}
Result<double> ReadPriorityChange(const RequestBody& body);

// {"data"?,"extend_duration"?,"delay"?}, of which an event takes what concerns it.
Result<AttemptChange> ReadAttemptChange(const RequestBody& body, AttemptEvent event, Arena& arena);
// A list of changes, {"url","action"} and what belongs to the action. Items that cannot be read are
// left out of `changes` and stand in `defects`, with their places.
struct ChangeList {
  std::span<const AttemptChange> changes;
  struct Defect {
    std::size_t index;
    Error error;
  };
  std::vector<Defect> defects;
};
Result<ChangeList> ReadChanges(std::string_view list, std::string_view name_space, int nesting_max,
                               Arena& arena);

Result<UpdateWorker> ReadWorkerUpdate(const RequestBody& body, Arena& arena);
struct WorkRequest {
  RequestWork command;
  Duration wait{0};
};
// The most units that one request gets, and the longest that it waits.
inline constexpr std::int64_t kAttemptsMax = 10'000;
inline constexpr Duration kWaitMax = std::chrono::hours(1);
Result<WorkRequest> ReadWorkRequest(const RequestBody& body, Arena& arena);
// {"work_spec","work_unit","lifetime"?}
Result<MakeAttempt> ReadMakeAttempt(const RequestBody& body, Arena& arena);

}  // namespace coord

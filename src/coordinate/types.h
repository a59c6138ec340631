// SPDX-License-Identifier: MIT
// The words of the domain, as values. docs/contract.md says what they mean, rule by rule.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "coordinate/time.h"
#include "coordinate/value.h"

namespace coordinate {

enum class WorkUnitStatus { kAvailable, kDelayed, kPending, kFinished, kFailed };
enum class AttemptStatus { kPending, kExpired, kFinished, kFailed, kRetryable };

// How many work units there are of each status that there are any of.
using StatusCounts = std::map<WorkUnitStatus, std::uint64_t>;

// A work spec's control values.
struct WorkSpecMeta {
  std::int64_t priority = 0;  // absolute: a spec with more always goes first
  std::int64_t weight = 20;   // relative share; 0 and less: no work
  bool paused = false;
  bool continuous = false;
  bool can_be_continuous = false;
  double min_memory_gb = 0;
  Duration interval{0};                 // least time between two made-up units
  std::optional<Time> next_continuous;  // earliest next made-up unit
  std::uint64_t max_running = 0;        // 0: no limit, and so the next two
  std::uint64_t max_attempts_returned = 0;
  std::uint64_t max_retries = 0;
  std::string next_work_spec;  // of chaining; empty: none
  std::string runtime;
  std::uint64_t available = 0;  // units, without the delayed ones
  std::uint64_t pending = 0;
};

// A change of them; what is absent keeps its value.
struct WorkSpecMetaChange {
  std::optional<std::int64_t> priority = {};
  std::optional<std::int64_t> weight = {};
  std::optional<bool> paused = {};
  std::optional<bool> continuous = {};
  std::optional<double> min_memory_gb = {};
  std::optional<Duration> interval = {};
  std::optional<Time> next_continuous = {};
  std::optional<std::uint64_t> max_running = {};
  std::optional<std::uint64_t> max_attempts_returned = {};
  std::optional<std::uint64_t> max_retries = {};
};

// A work unit to add. The name is any bytes, at most 1,024.
struct NewWorkUnit {
  std::string name;
  Value data = {};  // a map; null: an empty one
  double priority = 0;
  Duration delay{0};  // not given to anybody before
};

// A work unit as it was when it was asked for.
struct WorkUnitInfo {
  std::string name;
  WorkUnitStatus status = WorkUnitStatus::kAvailable;
  Value data;  // a map: its active attempt's, else its own
  double priority = 0;
  std::optional<Time> not_before;
};

// Selects work units of one spec, in byte order of their names. An absent list selects all, an
// empty one none.
struct WorkUnitQuery {
  std::optional<std::vector<std::string>> names = {};
  std::optional<std::vector<WorkUnitStatus>> statuses = {};
  std::optional<std::string> after = {};  // names behind this one
  std::uint64_t limit = 0;                // 0: no limit
};

// An attempt as it was when it was asked for.
struct AttemptInfo {
  AttemptStatus status = AttemptStatus::kPending;
  Value data;  // a map: its own, else the unit's
  Time start{};
  Time expiration{};
  std::optional<Time> end;
};

// A worker as it was when it was asked for.
struct WorkerInfo {
  std::string name;
  std::optional<std::string> parent;
  std::vector<std::string> children;
  bool active = false;
  Value mode;
  Value data;  // a map
  std::optional<Time> last_update;
  std::optional<Time> expiration;
};

// What a worker asks for.
struct WorkRequest {
  std::uint64_t count = 1;
  Duration lifetime = std::chrono::minutes(15);
  std::vector<std::string> work_specs = {};  // none: all
  std::vector<std::string> runtimes = {};    // none: all; exact match
  double available_memory_gb = 0;            // 0: not stated
  Duration wait{0};                          // how long the answer is held back where there is none
};

// A worker's sign of life.
struct WorkerUpdate {
  Duration lifetime = std::chrono::minutes(15);
  std::string mode = {};
  Value data = {};  // a map; null: an empty one
  std::optional<std::string> parent = {};
};

// So many units of a status there are in a work spec.
struct SummaryRecord {
  std::string name_space;
  std::string work_spec;
  WorkUnitStatus status = WorkUnitStatus::kAvailable;
  std::uint64_t count = 0;
};

}  // namespace coordinate

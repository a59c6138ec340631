// SPDX-License-Identifier: MIT
// What a transaction has read of the tables, and how it has changed since.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "domain/attempt_rules.h"
#include "domain/command.h"
#include "domain/scheduler.h"
#include "domain/status.h"
#include "domain/work_spec.h"

namespace coord {

// Numbers of rows; never used again.
using PgId = std::int64_t;

struct SpecImage {
  PgId id = 0;
  PgId name_space = 0;
  std::string_view name_space_name;  // of the namespace's image
  // The set of units that is the spec's now. Rows of a generation that no spec has are waste.
  PgId generation = 0;
  std::int64_t version = 0;  // changes with everything in the row
  std::string name;
  std::string definition;
  WorkSpecMeta meta;
  RetentionLimits retention;
  // Of this transaction: what was counted when it was read, and all changes since.
  StatusCounts counts{};
  StatusCounts removed{};
  // What of these the counters in the database do not have yet.
  std::array<std::int64_t, kWorkUnitStatusCount> delta{};
  std::array<std::int64_t, kWorkUnitStatusCount> removed_delta{};
  bool changed = false;  // got units or other values, so that somebody may want to know

  SpecLoad Load() const {
    return {counts[IndexOf(WorkUnitStatus::kAvailable)], counts[IndexOf(WorkUnitStatus::kPending)]};
  }
};

struct NamespaceImage {
  PgId id = 0;
  std::string name;
  std::map<std::string, std::unique_ptr<SpecImage>, std::less<>> specs;

  SpecImage* FindSpec(std::string_view spec) const {
    const auto found = specs.find(spec);
    return found == specs.end() ? nullptr : found->second.get();
  }
  // The spec whose units are of that generation, or nullptr.
  SpecImage* SpecOf(PgId generation) const {
    for (const auto& [spec_name, spec] : specs) {
      if (spec->generation == generation) return spec.get();
    }
    return nullptr;
  }
};

struct WorkerImage {
  PgId id = 0;
  PgId name_space = 0;
  std::string name;
  PgId parent = 0;  // 0: none
  bool known = false;
  bool active = false;
  bool heartbeat = false;
  std::string mode;
  std::optional<std::string> data;
  WallTime last_update = kNoTime;
  WallTime last_heartbeat = kNoTime;
  WallTime expiration = kNoTime;
  WallTime inactive_since = kNoTime;
  bool stored = false;  // has a row
  bool dirty = false;

  bool Shown(WallTime now) const { return known && heartbeat && active && expiration > now; }
};

struct UnitImage;

// Where an attempt's row is.
enum class AttemptPlace : std::uint8_t { kNowhere, kOpen, kEnded };

struct AttemptImage {
  PgId id = 0;
  UnitImage* unit = nullptr;
  PgId worker = 0;
  std::string worker_name;
  AttemptStatus status = AttemptStatus::kPending;
  bool open = true;       // not ended by anybody: pending, or lapsed by the clock
  bool orphaned = false;  // open, but its worker was unregistered
  std::uint32_t tries = 0;
  WallTime start = kNoTime;
  WallTime expiration = kNoTime;
  WallTime end = kNoTime;
  std::optional<std::string> data;  // its own

  AttemptPlace stored = AttemptPlace::kNowhere;
  bool stored_lapsed = false;  // of an open one: noted that it has lapsed
  bool dirty = false;
  bool erased = false;

  bool Lapsed(WallTime now) const { return status == AttemptStatus::kPending && expiration <= now; }
};

// Where a unit that rests has its row beside that of the unit itself, and what is in it.
enum class RestingPlace : std::uint8_t { kNone, kAvailable, kDelayed };
struct RestingRow {
  RestingPlace place = RestingPlace::kNone;
  double priority = 0;       // of an available one
  WallTime until = kNoTime;  // of a delayed one
  std::uint32_t tries = 0;
  bool lapsed = false;  // it has an active attempt, which has lapsed

  bool operator==(const RestingRow&) const = default;
};

// What the unit's own row says.
struct UnitRow {
  double priority = 0;
  WallTime not_before = kNoTime;
  std::string data;
};

struct UnitImage {
  SpecImage* spec = nullptr;
  std::string name;
  bool exists = false;
  std::optional<UnitRow> row;      // of a running unit read only where it is needed
  std::uint32_t tries = 0;         // attempts since it was last added or cleared
  AttemptImage* active = nullptr;  // lapsed or not
  std::vector<std::unique_ptr<AttemptImage>> attempts;  // those that were read or made

  bool stored = false;  // has a row
  RestingRow resting;   // as stored
  bool purged = false;  // was deleted in this transaction: no row of it may stay
  bool row_dirty = false;
  bool dirty = false;  // anything

  // One that is known to have been read, as that of each unit that is not running.
  const UnitRow& Row() const {
    COORD_CHECK(row.has_value());
    return *row;
  }
};

// What a unit's state is called while no attempt runs.
inline WorkUnitStatus RestingStatus(const UnitImage& unit, WallTime now) {
  return unit.Row().not_before > now ? WorkUnitStatus::kDelayed : WorkUnitStatus::kAvailable;
}

inline AttemptImage* RunningAttempt(const UnitImage& unit, WallTime now) {
  return unit.active == nullptr || unit.active->Lapsed(now) ? nullptr : unit.active;
}

WorkUnitStatus StatusOf(const UnitImage& unit, WallTime now);

}  // namespace coord

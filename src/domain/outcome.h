// SPDX-License-Identifier: MIT
// What a store answers. Outcomes borrow from the store and are valid only while they are delivered.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/error.h"
#include "domain/command.h"
#include "domain/status.h"
#include "domain/work_spec.h"
#include "value/data.h"

namespace coord {

struct Done {};

struct CountReply {
  std::uint64_t count = 0;
};

struct NamesReply {
  std::span<const std::string_view> names;
};

struct DataReply {
  Data data;
};

struct MetaReply {
  const WorkSpecMeta* meta = nullptr;
  bool has_counts = false;
  std::uint64_t available = 0;  // without delayed
  std::uint64_t pending = 0;
};

struct SpecsReply {
  struct Spec {
    std::string_view name;
    Data definition;
  };
  std::span<const Spec> specs;
  std::optional<std::string_view> next;  // the first name that the limit left out
};

struct StatusCountsReply {
  StatusCounts counts{};
};

// An attempt as readers see it.
struct AttemptView {
  AttemptId id{0};
  std::string_view spec;
  std::string_view unit;
  std::string_view worker;
  AttemptStatus status = AttemptStatus::kPending;
  WallTime start = kNoTime;
  WallTime expiration = kNoTime;
  WallTime end = kNoTime;  // kNoTime while it is pending
  Data data;               // its own, else the unit's
};

struct AttemptsReply {
  std::span<const AttemptView> attempts;
};

// A unit as readers see it.
struct WorkUnitView {
  std::string_view name;
  bool exists = true;
  WorkUnitStatus status = WorkUnitStatus::kAvailable;
  double priority = 0;
  WallTime not_before = kNoTime;
  Data data;                          // visible data
  std::optional<AttemptView> active;  // none where it lapsed
};

struct UnitsReply {
  std::span<const WorkUnitView> units;
};

// The pair of update_work_unit.
struct UpdateReply {
  bool ok = false;
  std::string_view message;  // empty: null
};

struct UpdatesReply {
  std::span<const UpdateReply> replies;
};

struct ResultsReply {
  // One for each item: nullptr where it went well.
  std::span<const Error* const> errors;
};

struct GrantedUnit {
  std::string_view name;
  Data data;
  AttemptId attempt{0};
  WallTime start = kNoTime;
  WallTime expiration = kNoTime;
};

struct WorkReply {
  std::string_view spec;  // meaningful where there are units
  std::span<const GrantedUnit> units;
  std::span<const UpdateReply> updates;
};

struct WorkerView {
  std::string_view name;
  std::optional<std::string_view> parent;
  Data data;              // never null
  std::string_view mode;  // one encoded CBOR item
  bool active = false;
  bool shown = false;  // heartbeat sent, active, not expired
  WallTime last_update = kNoTime;
  WallTime last_heartbeat = kNoTime;
  WallTime expiration = kNoTime;
  std::span<const std::string_view> children;  // filled in by GetWorker only
};

struct WorkersReply {
  std::span<const WorkerView> workers;
};

struct ChildUnitsReply {
  struct Unit {
    std::string_view spec;
    std::string_view unit;
    Data data;
    // Of the unit's active attempt; absent where it has none.
    std::optional<std::string_view> worker;
    WallTime expiration = kNoTime;
  };
  struct Child {
    std::string_view worker;
    std::span<const Unit> units;
  };
  std::span<const Child> children;
};

struct SummaryReply {
  struct Record {
    std::string_view name_space;
    std::string_view spec;
    WorkUnitStatus status = WorkUnitStatus::kAvailable;
    std::uint64_t count = 0;  // never 0
  };
  std::span<const Record> records;
};

struct LockReply {
  std::span<const bool> held;
  std::span<const std::optional<std::string_view>> holders;
};

struct RecordsReply {
  std::string_view records;  // a CBOR sequence
  std::uint64_t count = 0;
  std::optional<std::string_view> cursor;  // where to go on; absent: that was all
  // How many units there are in all namespaces; in the first page only.
  std::optional<std::uint64_t> work_units;
};

struct ImportReply {
  std::uint64_t added = 0;
  std::uint64_t equal = 0;  // were there
};

using Outcome = std::variant<Error, Done, CountReply, NamesReply, DataReply, MetaReply, SpecsReply,
                             StatusCountsReply, AttemptsReply, UnitsReply, UpdatesReply,
                             ResultsReply, WorkReply, WorkersReply, ChildUnitsReply, SummaryReply,
                             LockReply, RecordsReply, ImportReply>;

}  // namespace coord

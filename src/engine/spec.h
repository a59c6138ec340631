// SPDX-License-Identifier: MIT
// A work spec and a namespace as the engine keeps them.
#pragma once

#include <absl/container/btree_map.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "domain/locks.h"
#include "domain/work_spec.h"
#include "engine/unit_table.h"
#include "engine/workers.h"

namespace coord {

struct Namespace;

struct Spec {
  Namespace* name_space = nullptr;
  std::uint64_t serial = 0;  // never used again, so that a namesake is not mistaken for this one
  std::string name;
  std::string definition;  // encoded CBOR, as it was given
  WorkSpecMeta meta;
  RetentionLimits retention;  // from the definition; absent ones are the daemon's
  std::unique_ptr<UnitTable> units;
  StatusCounts removed{};        // units that retention removed, by the status they had
  WallTime due = kNoTime;        // where it stands in the order of due specs; kNoTime: nowhere
  bool noted_available = false;  // listed among those that may have got work to give
  bool noted_retention = false;  // listed among those that retention has work in
  bool changed = false;          // listed in the journal's changed rows
  bool dropped = false;          // gone, but for a journal that may take that back

  // The counts that readers are told, removed units included.
  StatusCounts Counts() const {
    StatusCounts counts = removed;
    for (const WorkUnitStatus status : kWorkUnitStatuses) {
      counts[IndexOf(status)] += units->count(status);
    }
    return counts;
  }
  SpecLoad Load() const {
    return {units->count(WorkUnitStatus::kAvailable), units->count(WorkUnitStatus::kPending)};
  }
};

struct Namespace {
  explicit Namespace(Shared& shared) : workers(shared, *this) {}
  Namespace(const Namespace&) = delete;
  Namespace& operator=(const Namespace&) = delete;

  std::string name;
  RowId row = 0;
  bool changed = false;  // as in Spec
  bool dropped = false;
  absl::btree_map<std::string, std::unique_ptr<Spec>, std::less<>> specs;
  WorkerTable workers;
  LockTree locks;

  Spec* FindSpec(std::string_view spec_name) const {
    const auto found = specs.find(spec_name);
    return found == specs.end() ? nullptr : found->second.get();
  }
};

}  // namespace coord

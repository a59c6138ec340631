// SPDX-License-Identifier: MIT
// The engine's state as rows: what a durable store writes, and what it loads the engine from.
//
// Only what cannot be derived is in a row. Whether a unit is available, pending or finished follows
// from its newest attempt and the time; counts and orders follow from that.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/clock.h"
#include "domain/status.h"
#include "domain/work_spec.h"

namespace coord {

// Identifies a row within its table; never 0. Those of specs, namespaces, workers and attempts are
// never used again.
using RowId = std::uint64_t;

struct NamespaceRow {
  RowId id = 0;
  std::string_view name;
};

struct WorkSpecRow {
  RowId id = 0;
  RowId name_space = 0;
  std::string_view name;
  std::string_view definition;
  // The set of units that is the spec's now. Deleting all of them at one instant gives the spec
  // another; rows of units and attempts of a generation that no spec has are waste.
  std::uint64_t generation = 0;
  WorkSpecMeta meta;
  std::uint64_t removed_finished = 0;
  std::uint64_t removed_failed = 0;
};

struct WorkUnitRow {
  // The generation in the upper 32 bits and the unit's place in it, used again, in the lower.
  RowId id = 0;
  RowId spec = 0;
  std::string_view name;
  std::string_view data;
  double priority = 0;
  WallTime not_before = kNoTime;
};

// Where an attempt stands among its worker's.
enum class AttemptListing : std::uint8_t {
  kEnded = 0,     // history
  kActive = 1,    // in the active list
  kOrphaned = 2,  // neither ended nor in the active list: its worker was unregistered
};

struct AttemptRow {
  RowId id = 0;
  RowId unit = 0;
  RowId worker = 0;
  AttemptStatus status = AttemptStatus::kPending;
  AttemptListing listing = AttemptListing::kEnded;
  bool active = false;      // it is its unit's active attempt
  std::uint32_t tries = 0;  // of the newest: attempts since the unit was last added or cleared
  WallTime start = kNoTime;
  WallTime expiration = kNoTime;
  WallTime end = kNoTime;
  std::optional<std::string_view> data;
};

// A worker, or (if it is not known) only the name of one.
struct WorkerRow {
  RowId id = 0;
  RowId name_space = 0;
  std::string_view name;
  RowId parent = 0;  // 0: none
  bool known = false;
  bool active = false;
  bool heartbeat = false;
  std::string_view mode;
  std::optional<std::string_view> data;
  WallTime last_update = kNoTime;
  WallTime last_heartbeat = kNoTime;
  WallTime expiration = kNoTime;
  WallTime inactive_since = kNoTime;
};

struct LockRow {
  RowId name_space = 0;
  std::string_view path;  // an encoded CBOR list of the labels
  std::string_view locker;
  WallTime until = kNoTime;
};

struct LockKey {
  RowId name_space = 0;
  std::string_view path;
};

// The highest that were ever given.
struct LastIds {
  RowId name_space = 0;
  RowId spec = 0;
  RowId worker = 0;
  RowId attempt = 0;
  std::uint64_t generation = 0;
};

// What one table is to look like after a change.
template <typename Row, typename Key = RowId>
struct TableChanges {
  std::vector<Row> written;  // added or replaced
  std::vector<Key> deleted;

  std::size_t size() const { return written.size() + deleted.size(); }
};

// Images of all rows that changed, owned: nothing of it belongs to the engine.
struct RowChanges {
  Arena arena;  // what the views of the rows point into
  TableChanges<NamespaceRow> namespaces;
  TableChanges<WorkSpecRow> specs;
  TableChanges<WorkUnitRow> units;
  TableChanges<AttemptRow> attempts;
  TableChanges<WorkerRow> workers;
  TableChanges<LockRow, LockKey> locks;
  std::vector<RowId> unlocked_namespaces;  // all of whose locks are deleted
  LastIds last;

  std::size_t size() const {
    return namespaces.size() + specs.size() + units.size() + attempts.size() + workers.size() +
           locks.size();
  }
  bool empty() const { return size() == 0; }
};

}  // namespace coord

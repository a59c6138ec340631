// SPDX-License-Identifier: MIT
// Fills an empty engine from rows.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <utility>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"

namespace coord {

// Rows come table by table: namespaces, specs, workers, units and attempts (both in the order of
// their numbers), locks; then Finish(). Nothing else may use the engine meanwhile. Errors: kCorrupt
// for a row that cannot be, with its table and number; the engine is then of no use.
class EngineLoader {
 public:
  // `engine` outlives it.
  explicit EngineLoader(Engine& engine) : engine_(engine) {}

  Result<void> Add(const NamespaceRow& row);
  Result<void> Add(const WorkSpecRow& row);
  Result<void> Add(const WorkerRow& row);
  // These two tell whether the row belongs to anything: false for what is left of something that
  // was deleted as a whole.
  Result<bool> Add(const WorkUnitRow& row);
  Result<bool> Add(const AttemptRow& row);
  Result<void> Add(const LockRow& row);
  Result<void> Finish(const LastIds& last, WallTime now);

  // Rows of workers that belong to no namespace any more.
  const std::vector<RowId>& waste_workers() const { return waste_workers_; }

 private:
  UnitTable* TableOf(std::uint64_t generation);

  Engine& engine_;
  absl::flat_hash_map<RowId, Namespace*> namespaces_;
  absl::flat_hash_map<std::uint64_t, UnitTable*> tables_;  // by generation
  absl::flat_hash_map<RowId, Worker*> workers_;
  std::vector<std::pair<Worker*, RowId>> parents_;
  std::vector<RowId> waste_workers_;
  UnitTable* last_table_ = nullptr;  // rows of one table follow each other
};

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "engine/engine_loader.h"

#include <algorithm>
#include <string>

namespace coord {

namespace {

Error CorruptError(std::string_view table, RowId id, std::string_view what) {
  return {ErrorCode::kCorrupt,
          std::string(table) + " " + std::to_string(id) + ": " + std::string(what),
          {}};
}

}  // namespace

Result<void> EngineLoader::Add(const NamespaceRow& row) {
  auto made = std::make_unique<Namespace>(engine_.shared_);
  made->name = row.name;
  made->row = row.id;
  Namespace& name_space = *made;
  if (!engine_.namespaces_.emplace(std::string(row.name), std::move(made)).second) {
    return CorruptError("namespaces", row.id, "there is another one of its name");
  }
  engine_.ObserveLocks(name_space);
  namespaces_.emplace(row.id, &name_space);
  return {};
}

Result<void> EngineLoader::Add(const WorkSpecRow& row) {
  const auto found = namespaces_.find(row.name_space);
  // A namespace that is gone takes its specs along in one step.
  if (found == namespaces_.end()) return CorruptError("work_specs", row.id, "it has no namespace");
  auto parsed = ParseDefinition(Data::FromStored(row.definition));
  if (parsed.has_error()) return CorruptError("work_specs", row.id, parsed.error().detail);
  auto made = std::make_unique<Spec>();
  Spec& spec = *made;
  spec.name_space = found->second;
  spec.serial = row.id;
  spec.name = row.name;
  spec.definition = row.definition;
  spec.retention = parsed->retention;
  spec.meta = row.meta;
  spec.meta.can_be_continuous = parsed->meta.can_be_continuous;
  spec.meta.next_work_spec_name = std::move(parsed->meta.next_work_spec_name);
  spec.meta.runtime = std::move(parsed->meta.runtime);
  spec.removed[IndexOf(WorkUnitStatus::kFinished)] = row.removed_finished;
  spec.removed[IndexOf(WorkUnitStatus::kFailed)] = row.removed_failed;
  spec.units = std::make_unique<UnitTable>(&spec, engine_.shared_, row.generation);
  const bool fresh = tables_.emplace(row.generation, spec.units.get()).second;
  if (!fresh || !found->second->specs.emplace(spec.name, std::move(made)).second) {
    return CorruptError("work_specs", row.id, "there is another one of its name or generation");
  }
  return {};
}

Result<void> EngineLoader::Add(const WorkerRow& row) {
  const auto found = namespaces_.find(row.name_space);
  if (found == namespaces_.end()) {
    waste_workers_.push_back(row.id);
    return {};
  }
  if (found->second->workers.FindRecord(row.name) != nullptr) {
    return CorruptError("workers", row.id, "there is another one of its name");
  }
  Worker& worker = found->second->workers.Load(row);
  workers_.emplace(row.id, &worker);
  if (row.parent != 0) parents_.emplace_back(&worker, row.parent);
  return {};
}

UnitTable* EngineLoader::TableOf(std::uint64_t generation) {
  if (last_table_ != nullptr && last_table_->generation() == generation) return last_table_;
  const auto found = tables_.find(generation);
  if (found == tables_.end()) return nullptr;
  last_table_ = found->second;
  return last_table_;
}

Result<bool> EngineLoader::Add(const WorkUnitRow& row) {
  UnitTable* const table = TableOf(row.id >> 32U);
  if (table == nullptr) return false;
  const auto place = static_cast<std::uint32_t>(row.id);
  if (place < table->places() || UnitId{place} == kNoUnit) {
    return CorruptError("work_units", row.id, "it comes out of order");
  }
  table->Load(UnitId{place}, row.name, row.data, row.priority, row.not_before);
  return true;
}

Result<bool> EngineLoader::Add(const AttemptRow& row) {
  UnitTable* const table = TableOf(row.unit >> 32U);
  const UnitId unit_id{static_cast<std::uint32_t>(row.unit)};
  if (table == nullptr || static_cast<std::uint32_t>(row.unit) >= table->places()) return false;
  Unit& unit = (*table)[unit_id];
  if (unit.bytes.is_null()) return false;
  const auto worker = workers_.find(row.worker);
  if (worker == workers_.end()) return CorruptError("attempts", row.id, "it has no worker");
  if (static_cast<std::size_t>(row.status) >= kAttemptStatusCount) {
    return CorruptError("attempts", row.id, "its status is unknown");
  }
  AttemptPool& attempts = engine_.attempts_;
  const AttemptRef ref = attempts.Allocate();
  Attempt& attempt = attempts[ref];
  attempt.set_id(AttemptId{row.id});
  attempt.table = table;
  attempt.worker = worker->second;
  attempt.unit = unit_id;
  attempt.set_stored(row.status);
  attempt.set_open(row.listing != AttemptListing::kEnded);
  attempt.set_orphaned(row.listing == AttemptListing::kOrphaned);
  attempt.start = row.start;
  attempt.expiration = row.expiration;
  attempt.end = row.end;
  if (row.data) attempt.data = HeapBytes(*row.data);
  attempt.older = unit.newest;
  unit.newest = ref;
  unit.set_has_active(row.active);
  unit.set_tries(row.tries);
  attempt.worker->table->LoadAttempt(ref);
  return true;
}

Result<void> EngineLoader::Add(const LockRow& row) {
  const auto found = namespaces_.find(row.name_space);
  if (found != namespaces_.end()) found->second->locks.Restore(row.path, row.locker, row.until);
  return {};
}

Result<void> EngineLoader::Finish(const LastIds& last, WallTime now) {
  for (const auto& [worker, parent] : parents_) {
    const auto found = workers_.find(parent);
    if (found == workers_.end() || found->second == worker ||
        found->second->table != worker->table) {
      return CorruptError("workers", worker->row, "its parent is not there");
    }
    worker->table->SetParent(*worker, found->second);
  }
  engine_.shared_.last = last;
  engine_.now_ = now;
  for (const auto& [generation, table] : tables_) {
    for (std::uint32_t place = 0; place < table->places(); ++place) {
      Unit& unit = (*table)[UnitId{place}];
      if (!unit.bytes.is_null()) unit.set_status(engine_.LoadedStatus(unit));
    }
    table->IndexLoaded();
    engine_.Changed(*table->spec());
  }
  return {};
}

}  // namespace coord

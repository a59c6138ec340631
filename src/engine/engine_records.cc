// SPDX-License-Identifier: MIT
#include "engine/engine_records.h"

namespace coord {

namespace {

Data OwnData(const HeapBytes& data) {
  return data.is_null() ? Data() : Data::FromStored(data.view());
}

AttemptRecord RecordOf(const Attempt& attempt) {
  AttemptRecord record;
  record.id = attempt.id();
  record.worker = attempt.worker->name;
  record.status = attempt.stored();
  record.listed = attempt.open() && !attempt.orphaned();
  record.start = attempt.start;
  record.expiration = attempt.expiration;
  record.end = attempt.end;
  record.data = OwnData(attempt.data);
  return record;
}

}  // namespace

WorkSpecRecord RecordOf(const Spec& spec) {
  WorkSpecRecord record;
  record.name_space = spec.name_space->name;
  record.name = spec.name;
  record.definition = Data::FromStored(spec.definition);
  record.meta = spec.meta;
  record.retention = spec.retention;
  record.removed_finished = spec.removed[IndexOf(WorkUnitStatus::kFinished)];
  record.removed_failed = spec.removed[IndexOf(WorkUnitStatus::kFailed)];
  return record;
}

WorkerRecord RecordOf(const Worker& worker) {
  WorkerRecord record;
  record.name_space = worker.table->name_space().name;
  record.name = worker.name;
  if (worker.parent != nullptr) record.parent = worker.parent->name;
  record.active = worker.active;
  record.heartbeat = worker.heartbeat;
  record.mode = worker.mode;
  record.data = OwnData(worker.data);
  record.last_update = worker.last_update;
  record.last_heartbeat = worker.last_heartbeat;
  record.expiration = worker.expiration;
  if (!worker.active) record.inactive_since = worker.inactive_since;
  return record;
}

WorkUnitRecord RecordOf(const Unit& unit, const Spec& spec, const AttemptPool& attempts,
                        Arena& arena) {
  WorkUnitRecord record;
  record.name_space = spec.name_space->name;
  record.spec = spec.name;
  record.name = unit.name();
  record.data = Data::FromStored(unit.bytes.data());
  record.priority = unit.priority;
  record.not_before = unit.not_before;
  record.has_active = unit.has_active();
  record.tries = unit.tries();
  std::size_t count = 0;
  for (AttemptRef ref = unit.newest; ref != kNoAttempt; ref = attempts[ref].older) ++count;
  const auto records = arena.NewArray<AttemptRecord>(count);
  for (AttemptRef ref = unit.newest; ref != kNoAttempt; ref = attempts[ref].older) {
    records[--count] = RecordOf(attempts[ref]);
  }
  record.attempts = records;
  return record;
}

}  // namespace coord

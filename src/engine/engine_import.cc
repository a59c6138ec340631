// SPDX-License-Identifier: MIT
// Taking records of an export: all are checked first, then all are added.
#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "domain/export_record.h"
#include "domain/lock_paths.h"
#include "engine/engine.h"
#include "engine/engine_records.h"

namespace coord {

class EngineImport {
 public:
  explicit EngineImport(Engine& engine) : engine_(engine) {}

  Outcome Run(std::string_view records) {
    auto taken = TakeRecords(records, arena_);
    if (taken.has_error()) return taken.error();
    ImportReply reply;
    std::vector<const ExportRecord*> missing;
    for (const ExportRecord& record : *taken) {
      const auto there = std::visit([this](const auto& typed) { return IsThere(typed); }, record);
      if (there.has_error()) return there.error();
      if (*there) {
        ++reply.equal;
      } else {
        missing.push_back(&record);
      }
    }
    LearnNames(missing);
    for (const ExportRecord* const record : missing) {
      std::visit([this](const auto& typed) { Add(typed); }, *record);
    }
    for (Spec* const spec : changed_) engine_.Changed(*spec);
    reply.added = missing.size();
    return reply;
  }

 private:
  // --- Checking: true where nothing is to be added. ---

  template <typename Record>
  static Result<bool> IsSame(const Record& there, const Record& record) {
    if (!SameRecord(there, record)) return DifferingRecordError(record);
    return true;
  }

  Result<bool> IsThere(const NamespaceRecord& record) { return Find(record.name) != nullptr; }

  Result<bool> IsThere(const WorkSpecRecord& record) {
    const Spec* const spec = FindSpec(record.name_space, record.name);
    if (spec != nullptr) return IsSame(RecordOf(*spec), record);
    coming_specs_.emplace(record.name_space, record.name);
    return false;
  }

  Result<bool> IsThere(const WorkerRecord& record) {
    Namespace* const name_space = Find(record.name_space);
    const Worker* const worker =
        name_space == nullptr ? nullptr : name_space->workers.Find(record.name);
    if (worker == nullptr) return false;
    return IsSame(RecordOf(*worker), record);
  }

  Result<bool> IsThere(const LockRecord& record) {
    // One that has expired is gone.
    if (record.until <= engine_.now_) return true;
    const auto labels = LockLabels(record.path);
    if (Namespace* const name_space = Find(record.name_space)) {
      const auto held = name_space->locks.At(record.path);
      if (held && held->until > engine_.now_) {
        return IsSame(LockRecord{record.name_space, record.path, held->locker, held->until},
                      record);
      }
      if (!name_space->locks.IsFree(labels, engine_.now_)) return DifferingRecordError(record);
    }
    LockTree& coming = coming_locks_[std::string(record.name_space)];
    if (!coming.Claim(labels, record.locker, engine_.now_, record.until - engine_.now_)) {
      return DifferingRecordError(record);
    }
    return false;
  }

  Result<bool> IsThere(const WorkUnitRecord& record) {
    const Spec* const spec = FindSpec(record.name_space, record.spec);
    if (spec == nullptr && !coming_specs_.contains({record.name_space, record.spec})) {
      return InvalidError(DescribeRecord(record) + ": there is no such work spec");
    }
    const UnitId id = spec == nullptr ? kNoUnit : spec->units->Find(record.name);
    if (id != kNoUnit) {
      return IsSame(RecordOf((*spec->units)[id], *spec, engine_.attempts_, arena_), record);
    }
    if (IdsRise(record)) {
      for (const AttemptRecord& attempt : record.attempts) {
        if (coming_ids_.insert(attempt.id).second && !engine_.HasAttempt(attempt.id)) continue;
        return UsedAttemptError(record, attempt.id);
      }
    }
    return false;
  }

  // --- Adding. ---

  // Tells the specs that have no units yet what names are coming.
  void LearnNames(const std::vector<const ExportRecord*>& missing) {
    std::map<Spec*, std::vector<std::string_view>> names;
    for (const ExportRecord* const record : missing) {
      const auto* const unit = std::get_if<WorkUnitRecord>(record);
      if (unit == nullptr) continue;
      Spec* const spec = FindSpec(unit->name_space, unit->spec);
      if (spec != nullptr) names[spec].push_back(unit->name);
    }
    for (const auto& [spec, of_spec] : names) spec->units->LearnNames(of_spec);
  }

  void Add(const NamespaceRecord& record) { engine_.NamespaceOf(record.name); }

  void Add(const WorkSpecRecord& record) {
    Spec& spec = engine_.MakeSpec(engine_.NamespaceOf(record.name_space), std::string(record.name));
    spec.definition = record.definition.cbor();
    spec.meta = record.meta;
    spec.retention = record.retention;
    spec.removed[IndexOf(WorkUnitStatus::kFinished)] = record.removed_finished;
    spec.removed[IndexOf(WorkUnitStatus::kFailed)] = record.removed_failed;
    changed_.insert(&spec);
  }

  void Add(const WorkerRecord& record) {
    WorkerRow row;
    row.name = record.name;
    row.known = true;
    row.active = record.active;
    row.heartbeat = record.heartbeat;
    row.mode = record.mode;
    if (!record.data.is_null()) row.data = record.data.cbor();
    row.last_update = record.last_update;
    row.last_heartbeat = record.last_heartbeat;
    row.expiration = record.expiration;
    row.inactive_since = record.inactive_since;
    engine_.NamespaceOf(record.name_space).workers.Import(row, record.parent);
  }

  void Add(const LockRecord& record) {
    const auto labels = LockLabels(record.path);
    engine_.NamespaceOf(record.name_space)
        .locks.Claim(labels, record.locker, engine_.now_, record.until - engine_.now_);
  }

  void Add(const WorkUnitRecord& record) {
    Spec& spec = *FindSpec(record.name_space, record.spec);
    UnitTable& units = *spec.units;
    const UnitId id = units.Insert(record.name, record.data.cbor(), record.priority,
                                   record.not_before, engine_.now_);
    changed_.insert(&spec);
    if (record.attempts.empty()) return;
    const bool keep_ids = IdsRise(record);
    AttemptRef newest = kNoAttempt;
    for (const AttemptRecord& attempt : record.attempts) {
      newest = engine_.AdmitAttempt(spec, id, attempt, keep_ids, newest);
    }
    units.Update(id, [&](Unit& unit) {
      unit.newest = newest;
      unit.set_has_active(record.has_active);
      unit.set_tries(record.tries);
      unit.set_status(engine_.LoadedStatus(unit));
    });
  }

  Namespace* Find(std::string_view name) const {
    const auto found = engine_.namespaces_.find(name);
    return found == engine_.namespaces_.end() ? nullptr : found->second.get();
  }
  Spec* FindSpec(std::string_view name_space, std::string_view spec) const {
    const Namespace* const found = Find(name_space);
    return found == nullptr ? nullptr : found->FindSpec(spec);
  }

  Engine& engine_;
  Arena arena_;
  // What the records add, for those that come after them.
  std::set<std::pair<std::string_view, std::string_view>> coming_specs_;
  std::map<std::string, LockTree> coming_locks_;
  absl::flat_hash_set<AttemptId> coming_ids_;
  std::set<Spec*> changed_;
};

Outcome Engine::Run(Namespace&, const ImportRecords& command) {
  return EngineImport(*this).Run(command.records);
}

bool Engine::HasAttempt(AttemptId id) {
  if (attempt_ids_ != nullptr && !attempt_ids_->Has(id)) return false;
  // Either it was never looked, or the attempt of that number may have gone since.
  attempt_ids_ = std::make_unique<AttemptIds>();
  attempts_.ForEach([this](const Attempt& attempt) {
    if (!attempt.erased()) attempt_ids_->Add(attempt.id());
  });
  return attempt_ids_->Has(id);
}

AttemptRef Engine::AdmitAttempt(Spec& spec, UnitId id, const AttemptRecord& record, bool keep_id,
                                AttemptRef older) {
  const AttemptRef ref = attempts_.Allocate();
  Attempt& attempt = attempts_[ref];
  attempt.set_id(keep_id ? record.id : AttemptId{shared_.last.attempt + 1});
  shared_.last.attempt = std::max(shared_.last.attempt, static_cast<std::uint64_t>(attempt.id()));
  if (attempt_ids_ != nullptr) attempt_ids_->Add(attempt.id());
  attempt.table = spec.units.get();
  attempt.worker = &spec.name_space->workers.RecordOf(record.worker);
  attempt.unit = id;
  attempt.older = older;
  attempt.start = record.start;
  attempt.expiration = record.expiration;
  attempt.end = record.end;
  attempt.set_stored(record.status);
  // A pending one that its worker does not list is one whose worker was unregistered.
  attempt.set_open(record.status == AttemptStatus::kPending);
  attempt.set_orphaned(attempt.open() && !record.listed);
  if (!record.data.is_null()) attempt.data = HeapBytes(record.data.cbor());
  if (shared_.journal != nullptr) {
    shared_.MarkChanged(ref);
    shared_.journal->undo.OnUndo([this, ref] { attempts_.Free(ref); });
  }
  attempt.worker->table->ListNew(ref);
  return ref;
}

}  // namespace coord

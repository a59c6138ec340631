// SPDX-License-Identifier: MIT
// Taking records of an export: all are checked first, then all are added.
#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "domain/export_record.h"
#include "domain/lock_paths.h"
#include "stores/postgres/executor.h"
#include "stores/postgres/housekeeping.h"
#include "stores/postgres/lock_rows.h"
#include "stores/postgres/record_rows.h"

namespace coord {

namespace {

// Rows of the names that records have, found by name.
template <typename Record>
class Found {
 public:
  explicit Found(RecordRows<Record> rows) : rows_(std::move(rows)) {
    for (const Record& record : rows_.records) by_name_.emplace(record.name, &record);
  }
  const Record* Find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
  }

 private:
  RecordRows<Record> rows_;
  std::map<std::string_view, const Record*> by_name_;
};

class PgImport {
 public:
  PgImport(PgTransaction& transaction, Catalog& catalog, Units& units, Workers& workers)
      : transaction_(transaction), catalog_(catalog), units_(units), workers_(workers) {}

  Outcome Run(std::string_view records) {
    auto taken = TakeRecords(records, arena_);
    if (taken.has_error()) return taken.error();
    ReadWhatIsThere(*taken);
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
    if (auto clash = FindClash(); clash.has_error()) return clash.error();
    for (const ExportRecord* const record : missing) {
      std::visit([this](const auto& typed) { Add(typed); }, *record);
    }
    WriteLocks();
    if (highest_id_ > 0) transaction_.SkipIds(highest_id_);
    reply.added = missing.size();
    return reply;
  }

 private:
  // What has been read about one namespace.
  struct Locks {
    LockTree tree;
    std::deque<std::vector<std::string_view>> labels;  // of each record's path
    std::vector<LockPath> views;
  };

  // --- Reading. ---

  void ReadWhatIsThere(const std::vector<ExportRecord>& records) {
    std::map<const NamespaceImage*, std::vector<std::string_view>> workers;
    std::map<const SpecImage*, std::vector<std::string_view>> units;
    for (const ExportRecord& record : records) {
      if (const auto* worker = std::get_if<WorkerRecord>(&record)) {
        if (const auto* in = Find(worker->name_space)) workers[in].push_back(worker->name);
      } else if (const auto* unit = std::get_if<WorkUnitRecord>(&record)) {
        if (const auto* spec = FindSpec(unit->name_space, unit->spec)) {
          units[spec].push_back(unit->name);
        }
      } else if (const auto* lock = std::get_if<LockRecord>(&record)) {
        AddPath(*lock);
      }
    }
    for (const auto& [in, names] : workers) {
      found_workers_.emplace(in->name, ReadWorkersNamed(transaction_, *in, names));
    }
    for (const auto& [spec, names] : units) {
      found_units_.emplace(spec, ReadUnitsNamed(transaction_, *spec, names));
    }
    ReadLocks();
  }

  void AddPath(const LockRecord& lock) {
    Locks& locks = locks_[std::string(lock.name_space)];
    std::vector<std::string_view>& labels = locks.labels.emplace_back(LockLabels(lock.path));
    locks.views.emplace_back(labels);
  }

  void ReadLocks() {
    for (auto& [name, locks] : locks_) {
      const NamespaceImage* const in = Find(name);
      if (in == nullptr) continue;
      LockLocks(transaction_, in->id);
      ReadLockRows(transaction_, in->id, locks.views, locks.tree);
    }
  }

  // --- Checking: true where nothing is to be added. ---

  template <typename Record>
  static Result<bool> IsSame(const Record& there, const Record& record) {
    if (!SameRecord(there, record)) return DifferingRecordError(record);
    return true;
  }

  Result<bool> IsThere(const NamespaceRecord& record) { return Find(record.name) != nullptr; }

  Result<bool> IsThere(const WorkSpecRecord& record) {
    const SpecImage* const spec = FindSpec(record.name_space, record.name);
    if (spec != nullptr) return IsSame(RecordOf(*spec), record);
    coming_specs_.emplace(record.name_space, record.name);
    return false;
  }

  Result<bool> IsThere(const WorkerRecord& record) {
    const auto in = found_workers_.find(record.name_space);
    if (in == found_workers_.end()) return false;
    const WorkerRecord* const worker = in->second.Find(record.name);
    if (worker == nullptr) return false;
    return IsSame(*worker, record);
  }

  Result<bool> IsThere(const LockRecord& record) {
    const WallTime now = transaction_.now();
    // One that has expired is gone.
    if (record.until <= now) return true;
    LockTree& tree = locks_.find(record.name_space)->second.tree;
    const auto held = tree.At(record.path);
    if (held && held->until > now) {
      return IsSame(LockRecord{record.name_space, record.path, held->locker, held->until}, record);
    }
    if (!tree.Claim(LockLabels(record.path), record.locker, now, record.until - now)) {
      return DifferingRecordError(record);
    }
    return false;
  }

  Result<bool> IsThere(const WorkUnitRecord& record) {
    const SpecImage* const spec = FindSpec(record.name_space, record.spec);
    if (spec == nullptr && !coming_specs_.contains({record.name_space, record.spec})) {
      return InvalidError(DescribeRecord(record) + ": there is no such work spec");
    }
    if (spec != nullptr) {
      const WorkUnitRecord* const unit = found_units_.find(spec)->second.Find(record.name);
      if (unit != nullptr) return IsSame(*unit, record);
    }
    for (const AttemptRecord& attempt : record.attempts) {
      const auto id = static_cast<PgId>(attempt.id);
      highest_id_ = std::max(highest_id_, id);
      if (!coming_ids_.emplace(id, &record).second) return UsedAttemptError(record, attempt.id);
    }
    return false;
  }

  // Only those of open attempts must differ: ended ones are found by their unit.
  Result<void> FindClash() {
    if (coming_ids_.empty()) return {};
    PgArray ids(PgType::kInt8);
    for (const auto& [id, unit] : coming_ids_) ids.Add(id);
    const PgRows rows = transaction_.Query("SELECT id FROM open_attempts WHERE id = ANY ($1)",
                                           PgParameters().Add(ids));
    if (rows.size() == 0) return {};
    return UsedAttemptError(*coming_ids_[rows.Integer(0, 0)], AttemptId{rows.Unsigned(0, 0)});
  }

  // --- Adding. ---

  void Add(const NamespaceRecord& record) { catalog_.NamespaceOf(record.name); }

  void Add(const WorkSpecRecord& record) {
    ParsedDefinition parsed;
    parsed.name = record.name;
    parsed.meta = record.meta;
    parsed.retention = record.retention;
    SpecImage& spec = catalog_.MakeSpec(catalog_.NamespaceOf(record.name_space), parsed.name,
                                        record.definition.cbor(), parsed);
    const auto removed = [&](WorkUnitStatus status, std::uint64_t count) {
      spec.removed[IndexOf(status)] += count;
      spec.removed_delta[IndexOf(status)] += static_cast<std::int64_t>(count);
    };
    removed(WorkUnitStatus::kFinished, record.removed_finished);
    removed(WorkUnitStatus::kFailed, record.removed_failed);
    spec.changed = true;
  }

  void Add(const WorkerRecord& record) {
    workers_.Admit(catalog_.NamespaceOf(record.name_space).id, record);
  }

  // The trees have it already.
  void Add(const LockRecord&) {}

  void Add(const WorkUnitRecord& record) {
    NamespaceImage& in = catalog_.NamespaceOf(record.name_space);
    units_.Admit(*in.FindSpec(record.spec), record,
                 [&](std::string_view worker) -> const WorkerImage& {
                   return workers_.RecordOf(in.id, worker);
                 });
  }

  void WriteLocks() {
    for (const auto& [name, locks] : locks_) {
      WriteLockRows(transaction_, catalog_.NamespaceOf(name).id, locks.views, locks.tree);
    }
  }

  const NamespaceImage* Find(std::string_view name) const {
    const auto found = catalog_.namespaces().find(name);
    return found == catalog_.namespaces().end() ? nullptr : found->second.get();
  }
  const SpecImage* FindSpec(std::string_view name_space, std::string_view spec) const {
    const NamespaceImage* const found = Find(name_space);
    return found == nullptr ? nullptr : found->FindSpec(spec);
  }

  PgTransaction& transaction_;
  Catalog& catalog_;
  Units& units_;
  Workers& workers_;
  Arena arena_;
  std::map<std::string, Found<WorkerRecord>, std::less<>> found_workers_;  // by namespace
  std::map<const SpecImage*, Found<WorkUnitRecord>> found_units_;
  std::map<std::string, Locks, std::less<>> locks_;  // by namespace
  std::set<std::pair<std::string_view, std::string_view>> coming_specs_;
  std::map<PgId, const WorkUnitRecord*> coming_ids_;
  PgId highest_id_ = 0;
};

}  // namespace

Outcome Executor::Run(NamespaceImage&, const ImportRecords& command) {
  WriteLateUpdates(transaction_, state_.late);
  Flush();
  catalog_.LoadAll();
  return PgImport(transaction_, catalog_, units_, workers_).Run(command.records);
}

}  // namespace coord

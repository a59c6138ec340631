// SPDX-License-Identifier: MIT
#include "engine/workers.h"

#include <algorithm>

#include "engine/spec.h"

namespace coord {

namespace {

// Visits those that are shown, from `next` on, and drops those that have expired from the index: a
// heartbeat puts them back.
template <typename Visit>
void VisitIndex(WorkerIndex& index, WorkerIndex::iterator next, WallTime now, Visit&& visit) {
  while (next != index.end()) {
    if (!next->second->Shown(now)) {
      next = index.erase(next);
    } else if (visit(*next->second)) {
      ++next;
    } else {
      return;
    }
  }
}

WorkerIndex::iterator StartAfter(WorkerIndex& index, std::optional<std::string_view> after) {
  return after ? index.upper_bound(*after) : index.begin();
}

}  // namespace

Worker* WorkerTable::Find(std::string_view name) {
  Worker* const record = FindRecord(name);
  return record != nullptr && record->known ? record : nullptr;
}

Worker* WorkerTable::FindRecord(std::string_view name) {
  const auto found = records_.find(name);
  return found == records_.end() ? nullptr : found->second.get();
}

Worker& WorkerTable::RecordOf(std::string_view name) {
  if (Worker* const found = FindRecord(name)) return *found;
  auto record = std::make_unique<Worker>();
  record->name = name;
  record->row = ++shared_.last.worker;
  record->table = this;
  Worker& worker = *record;
  records_.emplace(std::string(name), std::move(record));
  if (shared_.journal != nullptr) {
    MarkChanged(worker);
    shared_.journal->undo.OnUndo([this, &worker] {
      // It may have asked for work in a later group, of which nothing is noted.
      UnlistUnwritten(worker);
      records_.erase(records_.find(worker.name));
    });
  }
  return worker;
}

Worker& WorkerTable::Ask(std::string_view name, WallTime now) {
  Worker& worker = RecordOf(name);
  if (!worker.known) {
    Note(worker);
    worker.known = true;
    worker.active = true;
    worker.heartbeat = false;
    worker.mode = kEmptyCborText;
    worker.last_update = now;
    worker.last_heartbeat = kNoTime;
    worker.expiration = AddTime(now, kDefaultLifetime);
    known_.emplace(worker.name, &worker);
    Schedule(worker);
  }
  return worker;
}

void WorkerTable::Touch(Worker& worker, WallTime now) {
  worker.last_update = now;
  if (journal() == nullptr || worker.changed || worker.write_at != kNoTime) return;
  worker.write_at = AddTime(now, kUpdateLate);
  shared_.unwritten.emplace(worker.write_at, &worker);
}

void WorkerTable::WriteLate(Shared& shared, std::optional<WallTime> now) {
  WorkersByTime& unwritten = shared.unwritten;
  while (!unwritten.empty() && (!now || unwritten.begin()->first <= *now)) {
    Worker& worker = *unwritten.begin()->second;
    worker.table->UnlistUnwritten(worker);
    if (worker.table->journal() != nullptr) worker.table->MarkChanged(worker);
  }
}

void WorkerTable::UnlistUnwritten(Worker& worker) {
  if (worker.write_at != kNoTime) shared_.unwritten.erase({worker.write_at, &worker});
  worker.write_at = kNoTime;
}

void WorkerTable::Activate(Worker& worker, std::string_view mode, Data data, WallTime last_update,
                           WallTime expiration) {
  Note(worker);
  worker.active = true;
  worker.heartbeat = true;
  worker.mode = mode;
  worker.data = data.is_null() ? HeapBytes() : HeapBytes(data.cbor());
  worker.last_update = last_update;
  worker.last_heartbeat = last_update;
  worker.expiration = expiration;
  ListAsShown(worker);
  Schedule(worker);
}

void WorkerTable::Deactivate(Worker& worker, WallTime now) {
  Note(worker);
  if (worker.active) worker.inactive_since = now;
  worker.active = false;
  UnlistAsShown(worker);
  worker.open_attempts.ForEach(
      attempts_, [this](AttemptRef ref, const Attempt&) { Move(ref, true, /*orphaned=*/true); });
  Schedule(worker);
}

void WorkerTable::SetParent(Worker& worker, Worker* parent) {
  if (worker.parent == parent) return;
  Worker* const old = worker.parent;
  Attach(worker, parent);
  if (journal() != nullptr) {
    MarkChanged(worker);
    shared_.journal->undo.OnUndo([this, &worker, old] { Attach(worker, old); });
  }
  if (old != nullptr) DropIfUnused(*old);
}

void WorkerTable::Attach(Worker& worker, Worker* parent) {
  if (worker.parent != nullptr) {
    worker.parent->children.erase(worker.name);
    worker.parent->shown_children.erase(worker.name);
  }
  worker.parent = parent;
  if (parent == nullptr) return;
  parent->children.emplace(worker.name, &worker);
  if (shown_.contains(worker.name)) parent->shown_children.emplace(worker.name, &worker);
}

void WorkerTable::ListAsShown(Worker& worker) {
  shown_.emplace(worker.name, &worker);
  if (worker.parent != nullptr) worker.parent->shown_children.emplace(worker.name, &worker);
}

void WorkerTable::UnlistAsShown(Worker& worker) {
  shown_.erase(worker.name);
  if (worker.parent != nullptr) worker.parent->shown_children.erase(worker.name);
}

void WorkerTable::ListNew(AttemptRef ref) {
  ListOf(attempts_[ref]).Append(attempts_, ref);
  if (journal() != nullptr) {
    shared_.journal->undo.OnUndo([this, ref] { ListOf(attempts_[ref]).Remove(attempts_, ref); });
  }
}

void WorkerTable::Relist(AttemptRef ref) { Move(ref, /*open=*/true, /*orphaned=*/false); }

void WorkerTable::ListAsEnded(AttemptRef ref) { Move(ref, /*open=*/false, /*orphaned=*/false); }

void WorkerTable::Move(AttemptRef ref, bool open, bool orphaned) {
  Attempt& attempt = attempts_[ref];
  if (attempt.open() == open && attempt.orphaned() == orphaned) return;
  // Nobody sees one that was deleted with its unit's set, and it may be freed at any time.
  if (journal() != nullptr && !attempt.table->abandoned()) {
    shared_.MarkChanged(ref);
    shared_.journal->undo.OnUndo(
        [this, ref, was_open = attempt.open(), was_orphaned = attempt.orphaned()] {
          Place(ref, was_open, was_orphaned);
        });
  }
  Place(ref, open, orphaned);
}

// The order within a list means nothing, so a step back puts an attempt last as well: its old
// neighbours may have been freed.
void WorkerTable::Place(AttemptRef ref, bool open, bool orphaned) {
  Attempt& attempt = attempts_[ref];
  attempt.set_orphaned(orphaned);
  if (attempt.open() == open) return;
  ListOf(attempt).Remove(attempts_, ref);
  attempt.set_open(open);
  ListOf(attempt).Append(attempts_, ref);
}

void WorkerTable::Unlist(AttemptRef ref) {
  Attempt& attempt = attempts_[ref];
  Worker& worker = *attempt.worker;
  if (journal() != nullptr) {
    shared_.journal->undo.OnUndo([this, ref, &worker] {
      attempts_[ref].worker = &worker;
      ListOf(attempts_[ref]).Append(attempts_, ref);
    });
  }
  ListOf(attempt).Remove(attempts_, ref);
  attempt.worker = nullptr;
  DropIfUnused(worker);
}

void WorkerTable::UnlistFreed(AttemptRef ref) {
  Attempt& attempt = attempts_[ref];
  Worker& worker = *attempt.worker;
  ListOf(attempt).Remove(attempts_, ref);
  attempt.worker = nullptr;
  DropIfUnused(worker);
}

// --- The journal ---------------------------------------------------------------------------------

void WorkerTable::MarkChanged(Worker& worker) {
  if (worker.changed) return;
  worker.changed = true;
  shared_.journal->rows.workers.push_back(&worker);
}

// Notes what a worker is like before it changes in itself: its lists and its parent note theirs.
void WorkerTable::Note(Worker& worker) {
  if (journal() == nullptr) return;
  MarkChanged(worker);
  struct State {
    bool known, active, heartbeat, shown;
    std::string mode;
    std::string data;
    bool has_data;
    WallTime last_update, last_heartbeat, expiration, inactive_since, forget_at;
  };
  State before{worker.known,
               worker.active,
               worker.heartbeat,
               shown_.contains(worker.name),
               worker.mode,
               std::string(worker.data.view()),
               !worker.data.is_null(),
               worker.last_update,
               worker.last_heartbeat,
               worker.expiration,
               worker.inactive_since,
               worker.forget_at};
  shared_.journal->undo.OnUndo([this, &worker, before = std::move(before)] {
    worker.known = before.known;
    worker.active = before.active;
    worker.heartbeat = before.heartbeat;
    worker.mode = before.mode;
    worker.data = before.has_data ? HeapBytes(before.data) : HeapBytes();
    worker.last_update = before.last_update;
    worker.last_heartbeat = before.last_heartbeat;
    worker.expiration = before.expiration;
    worker.inactive_since = before.inactive_since;
    Unschedule(worker);
    worker.forget_at = before.forget_at;
    if (worker.forget_at != kNoTime) shared_.forgetting.emplace(worker.forget_at, &worker);
    if (worker.known) {
      known_.emplace(worker.name, &worker);
    } else {
      known_.erase(worker.name);
    }
    if (before.shown) {
      ListAsShown(worker);
    } else {
      UnlistAsShown(worker);
    }
  });
}

void WorkerTable::ForgetMarks() {
  for (const auto& [name, worker] : records_) worker->changed = false;
}

void WorkerTable::TakeRow(Worker& worker, RowChanges& out) {
  worker.changed = false;
  UnlistUnwritten(worker);
  // Those of a namespace that is gone are freed later.
  if (name_space_.dropped) return;
  if (worker.dropped) {
    out.workers.deleted.push_back(worker.row);
    return;
  }
  WorkerRow& row = out.workers.written.emplace_back();
  row.id = worker.row;
  row.name_space = name_space_.row;
  row.name = out.arena.Copy(worker.name);
  row.parent = worker.parent == nullptr ? 0 : worker.parent->row;
  row.known = worker.known;
  row.mode = kEmptyCborText;
  if (!worker.known) return;
  row.active = worker.active;
  row.heartbeat = worker.heartbeat;
  row.mode = out.arena.Copy(worker.mode);
  if (!worker.data.is_null()) row.data = out.arena.Copy(worker.data.view());
  row.last_update = worker.last_update;
  row.last_heartbeat = worker.last_heartbeat;
  row.expiration = worker.expiration;
  row.inactive_since = worker.inactive_since;
}

// --- Loading -------------------------------------------------------------------------------------

Worker& WorkerTable::Load(const WorkerRow& row) {
  auto record = std::make_unique<Worker>();
  Worker& worker = *record;
  worker.name = row.name;
  worker.row = row.id;
  worker.table = this;
  records_.emplace(worker.name, std::move(record));
  if (row.known) Fill(worker, row);
  return worker;
}

void WorkerTable::Import(const WorkerRow& row, std::optional<std::string_view> parent) {
  Worker& worker = RecordOf(row.name);
  Note(worker);
  Fill(worker, row);
  SetParent(worker, parent ? &RecordOf(*parent) : nullptr);
}

// Makes a worker that is unknown known.
void WorkerTable::Fill(Worker& worker, const WorkerRow& row) {
  worker.known = true;
  worker.active = row.active;
  worker.heartbeat = row.heartbeat;
  worker.mode = row.mode;
  if (row.data) worker.data = HeapBytes(*row.data);
  worker.last_update = row.last_update;
  worker.last_heartbeat = row.last_heartbeat;
  worker.expiration = row.expiration;
  worker.inactive_since = row.inactive_since;
  known_.emplace(worker.name, &worker);
  if (worker.active && worker.heartbeat) ListAsShown(worker);
  Schedule(worker);
}

void WorkerTable::LoadAttempt(AttemptRef ref) { ListOf(attempts_[ref]).Append(attempts_, ref); }

// --- The end -------------------------------------------------------------------------------------

void WorkerTable::Schedule(Worker& worker) {
  const WallTime gone =
      worker.active ? worker.expiration : std::min(worker.expiration, worker.inactive_since);
  const WallTime at = AddTime(gone, kRemembered);
  if (worker.forget_at == at) return;
  Unschedule(worker);
  worker.forget_at = at;
  shared_.forgetting.emplace(at, &worker);
}

void WorkerTable::Unschedule(Worker& worker) {
  if (worker.forget_at != kNoTime) shared_.forgetting.erase({worker.forget_at, &worker});
  worker.forget_at = kNoTime;
}

void WorkerTable::Forget(Worker& worker, WallTime now) {
  Note(worker);
  Unschedule(worker);
  // A pending attempt keeps its worker known until the attempt has ended or lapsed.
  WallTime last_lease = kNoTime;
  worker.open_attempts.ForEach(attempts_, [&](AttemptRef, const Attempt& attempt) {
    if (attempt.table->spec() == nullptr || attempt.Lapsed(now)) return;
    last_lease = std::max(last_lease, attempt.expiration);
  });
  if (last_lease != kNoTime) {
    worker.forget_at = last_lease;
    shared_.forgetting.emplace(last_lease, &worker);
    return;
  }
  worker.known = false;
  worker.data = HeapBytes();
  known_.erase(worker.name);
  UnlistAsShown(worker);
  while (!worker.open_attempts.empty()) ListAsEnded(worker.open_attempts.first());
  SetParent(worker, nullptr);
  DropIfUnused(worker);
}

void WorkerTable::DropIfUnused(Worker& worker) {
  if (worker.known || !worker.children.empty() || !worker.open_attempts.empty() ||
      !worker.ended_attempts.empty()) {
    return;
  }
  UnlistUnwritten(worker);
  const auto found = records_.find(worker.name);
  if (shared_.journal != nullptr && abandoned_) {
    shared_.journal->rows.freed_workers.push_back(worker.row);
    // What was noted in this group before the table was abandoned may name it.
    shared_.journal->undo.OnKeep([record = std::move(found->second)] {});
  } else if (shared_.journal != nullptr) {
    MarkChanged(worker);
    worker.dropped = true;
    shared_.journal->undo.OnUndo([this, record = std::move(found->second)]() mutable {
      record->dropped = false;
      const std::string& name = record->name;
      records_.emplace(name, std::move(record));
    });
  }
  records_.erase(found);
}

bool WorkerTable::FreeSome(std::size_t budget) {
  // All of them leave the order that they share with other tables before the first one goes:
  // forgetting one looks at its parent.
  for (; !known_.empty() && budget > 0; --budget) {
    Unschedule(*known_.begin()->second);
    UnlistUnwritten(*known_.begin()->second);
    known_.erase(known_.begin());
  }
  for (; !records_.empty() && budget > 0; --budget) {
    if (shared_.journal != nullptr) {
      shared_.journal->rows.freed_workers.push_back(records_.begin()->second->row);
    }
    records_.erase(records_.begin());
  }
  return records_.empty();
}

void WorkerTable::Visit(std::optional<std::string_view> after,
                        const std::function<bool(Worker&)>& visit) {
  for (auto next = StartAfter(known_, after); next != known_.end(); ++next) {
    if (!visit(*next->second)) return;
  }
}

void WorkerTable::VisitShown(std::optional<std::string_view> after, WallTime now,
                             const std::function<bool(Worker&)>& visit) {
  VisitIndex(shown_, StartAfter(shown_, after), now, visit);
}

void WorkerTable::VisitShownChildren(Worker& parent, WallTime now,
                                     const std::function<void(Worker&)>& visit) {
  VisitIndex(parent.shown_children, parent.shown_children.begin(), now, [&](Worker& child) {
    visit(child);
    return true;
  });
}

}  // namespace coord

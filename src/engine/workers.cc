// SPDX-License-Identifier: MIT
#include "engine/workers.h"

#include <algorithm>

#include "engine/unit_table.h"

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
  record->table = this;
  Worker& worker = *record;
  records_.emplace(std::string(name), std::move(record));
  return worker;
}

Worker& WorkerTable::Ask(std::string_view name, WallTime now) {
  Worker& worker = RecordOf(name);
  if (!worker.known) {
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

void WorkerTable::Activate(Worker& worker, std::string_view mode, Data data, WallTime last_update,
                           WallTime expiration) {
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
  if (worker.active) worker.inactive_since = now;
  worker.active = false;
  UnlistAsShown(worker);
  worker.open_attempts.ForEach(attempts_,
                               [](AttemptRef, Attempt& attempt) { attempt.set_orphaned(true); });
  Schedule(worker);
}

void WorkerTable::SetParent(Worker& worker, Worker* parent) {
  if (worker.parent == parent) return;
  Worker* const old = worker.parent;
  if (old != nullptr) {
    old->children.erase(worker.name);
    old->shown_children.erase(worker.name);
  }
  worker.parent = parent;
  if (parent != nullptr) {
    parent->children.emplace(worker.name, &worker);
    if (shown_.contains(worker.name)) parent->shown_children.emplace(worker.name, &worker);
  }
  if (old != nullptr) DropIfUnused(*old);
}

void WorkerTable::ListAsShown(Worker& worker) {
  shown_.emplace(worker.name, &worker);
  if (worker.parent != nullptr) worker.parent->shown_children.emplace(worker.name, &worker);
}

void WorkerTable::UnlistAsShown(Worker& worker) {
  shown_.erase(worker.name);
  if (worker.parent != nullptr) worker.parent->shown_children.erase(worker.name);
}

void WorkerTable::ListAsOpen(AttemptRef ref) {
  Attempt& attempt = attempts_[ref];
  attempt.set_open(true);
  attempt.worker->open_attempts.Append(attempts_, ref);
}

void WorkerTable::Relist(AttemptRef ref) {
  Attempt& attempt = attempts_[ref];
  attempt.set_orphaned(false);
  if (attempt.open()) return;
  attempt.worker->ended_attempts.Remove(attempts_, ref);
  ListAsOpen(ref);
}

void WorkerTable::ListAsEnded(AttemptRef ref) {
  Attempt& attempt = attempts_[ref];
  if (!attempt.open()) return;
  attempt.set_open(false);
  attempt.worker->open_attempts.Remove(attempts_, ref);
  attempt.worker->ended_attempts.Append(attempts_, ref);
}

void WorkerTable::Unlist(AttemptRef ref) {
  Attempt& attempt = attempts_[ref];
  Worker& worker = *attempt.worker;
  (attempt.open() ? worker.open_attempts : worker.ended_attempts).Remove(attempts_, ref);
  attempt.worker = nullptr;
  DropIfUnused(worker);
}

void WorkerTable::Schedule(Worker& worker) {
  const WallTime gone =
      worker.active ? worker.expiration : std::min(worker.expiration, worker.inactive_since);
  const WallTime at = AddTime(gone, kRemembered);
  if (worker.forget_at == at) return;
  Unschedule(worker);
  worker.forget_at = at;
  forgetting_.emplace(at, &worker);
}

void WorkerTable::Unschedule(Worker& worker) {
  if (worker.forget_at != kNoTime) forgetting_.erase({worker.forget_at, &worker});
  worker.forget_at = kNoTime;
}

void WorkerTable::Forget(Worker& worker, WallTime now) {
  Unschedule(worker);
  // A pending attempt keeps its worker known until the attempt has ended or lapsed.
  WallTime last_lease = kNoTime;
  worker.open_attempts.ForEach(attempts_, [&](AttemptRef, const Attempt& attempt) {
    if (attempt.table->spec() == nullptr || attempt.Lapsed(now)) return;
    last_lease = std::max(last_lease, attempt.expiration);
  });
  if (last_lease != kNoTime) {
    worker.forget_at = last_lease;
    forgetting_.emplace(last_lease, &worker);
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
  records_.erase(records_.find(worker.name));
}

bool WorkerTable::FreeSome(std::size_t budget) {
  // All of them leave the order that they share with other tables before the first one goes:
  // forgetting one looks at its parent.
  for (; !known_.empty() && budget > 0; --budget) {
    Unschedule(*known_.begin()->second);
    known_.erase(known_.begin());
  }
  for (; !records_.empty() && budget > 0; --budget) records_.erase(records_.begin());
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

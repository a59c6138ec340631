// SPDX-License-Identifier: MIT
#include "engine/workers.h"

#include <algorithm>

#include "engine/unit_table.h"

namespace coord {

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
  Schedule(worker);
}

void WorkerTable::Deactivate(Worker& worker, WallTime now) {
  if (worker.active) worker.inactive_since = now;
  worker.active = false;
  worker.open_attempts.ForEach(attempts_,
                               [](AttemptRef, Attempt& attempt) { attempt.set_orphaned(true); });
  Schedule(worker);
}

void WorkerTable::SetParent(Worker& worker, Worker* parent) {
  if (worker.parent == parent) return;
  Worker* const old = worker.parent;
  if (old != nullptr) old->children.erase(worker.name);
  worker.parent = parent;
  if (parent != nullptr) parent->children.emplace(worker.name, &worker);
  if (old != nullptr) DropIfUnused(*old);
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
  const WallTime gone = worker.active ? worker.expiration : worker.inactive_since;
  const WallTime at = AddTime(gone, kRemembered);
  if (worker.forget_at == at) return;
  if (worker.forget_at != kNoTime) forgetting_.erase({worker.forget_at, &worker});
  worker.forget_at = at;
  forgetting_.emplace(at, &worker);
}

bool WorkerTable::ForgetSome(WallTime now, std::size_t budget) {
  while (!forgetting_.empty() && forgetting_.begin()->first <= now) {
    if (budget-- == 0) return true;
    Forget(*forgetting_.begin()->second, now);
  }
  return false;
}

void WorkerTable::Forget(Worker& worker, WallTime now) {
  forgetting_.erase({worker.forget_at, &worker});
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
  worker.forget_at = kNoTime;
  worker.known = false;
  worker.data = HeapBytes();
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

WallTime WorkerTable::NextDue() const {
  return forgetting_.empty() ? kNoTime : forgetting_.begin()->first;
}

void WorkerTable::Visit(std::optional<std::string_view> after,
                        const std::function<bool(Worker&)>& visit) {
  auto position = after ? records_.upper_bound(*after) : records_.begin();
  for (; position != records_.end(); ++position) {
    if (position->second->known && !visit(*position->second)) return;
  }
}

}  // namespace coord

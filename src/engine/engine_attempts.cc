// SPDX-License-Identifier: MIT
// Attempts: their life, updates of work units, chaining, reading.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "domain/names.h"
#include "domain/unit_items.h"
#include "engine/engine.h"

namespace coord {

// --- Making and changing -------------------------------------------------------------------------

AttemptRef Engine::StartAttempt(Spec& spec, UnitId id, Worker& worker, Duration lifetime) {
  const AttemptRef ref = attempts_.Allocate();
  Attempt& attempt = attempts_[ref];
  attempt.set_id(AttemptId{++shared_.last.attempt});
  if (attempt_ids_ != nullptr) attempt_ids_->Add(attempt.id());
  attempt.table = spec.units.get();
  attempt.worker = &worker;
  attempt.start = now_;
  attempt.expiration =
      AddTime(now_, lifetime > Duration(0) ? lifetime : WorkerTable::kDefaultLifetime);
  attempt.unit = id;
  stats_.NoteStarted();
  if (shared_.journal != nullptr) {
    shared_.MarkChanged(ref);
    shared_.journal->undo.OnUndo([this, ref] { attempts_.Free(ref); });
  }
  worker.table->ListNew(ref);
  spec.units->Update(id, [&](Unit& unit) {
    attempt.older = unit.newest;
    unit.newest = ref;
    unit.set_has_active(true);
    unit.set_status(WorkUnitStatus::kPending);
    unit.count_try();
  });
  return ref;
}

Result<void> Engine::ApplyEvent(Spec& spec, AttemptRef ref, AttemptEvent event, Duration duration,
                                Data data, bool never_shorten) {
  Attempt& attempt = attempts_[ref];
  const Unit& unit = (*spec.units)[attempt.unit];
  const AttemptState state{attempt.stored(), attempt.Lapsed(now_), unit.active() == ref};
  COORD_TRY(transition, NextAttemptState(state, event, duration > Duration(0)));
  if (!transition.applies) return {};
  NoteAttempt(ref);
  if (!data.is_null()) SetAttemptData(ref, data.cbor());
  if (transition.to == AttemptStatus::kPending) {
    WallTime expiration = AddTime(now_, duration);
    if (never_shorten) expiration = std::max(expiration, attempt.expiration);
    RenewLease(spec, attempt, expiration);
    attempt.worker->table->Relist(ref);
  } else {
    const bool ran_out = state.lapsed && transition.to == AttemptStatus::kExpired;
    attempt.end = ran_out ? attempt.expiration : now_;
    attempt.worker->table->ListAsEnded(ref);
    EndAttempt(spec, attempt, transition, state.active, duration);
  }
  if (transition.lost_lease) {
    return Error{ErrorCode::kLostLease, "lost lease", std::string(unit.name())};
  }
  return {};
}

void Engine::RenewLease(Spec& spec, Attempt& attempt, WallTime expiration) {
  if ((*spec.units)[attempt.unit].status() == WorkUnitStatus::kPending) {
    spec.units->SetExpiration(attempt.unit, expiration);
  } else {
    spec.units->Update(attempt.unit, [&](Unit& unit) {
      attempt.expiration = expiration;
      unit.set_status(WorkUnitStatus::kPending);
    });
  }
}

void Engine::EndAttempt(Spec& spec, Attempt& attempt, const AttemptTransition& transition,
                        bool active, Duration delay) {
  attempt.set_stored(transition.to);
  stats_.NoteEnded(transition.to, now_ - attempt.start);
  if (!active) return;
  spec.units->Update(attempt.unit, [&](Unit& unit) {
    if (transition.to == AttemptStatus::kRetryable) unit.not_before = AddTime(now_, delay);
    if (transition.clears_active) {
      unit.set_has_active(false);
      unit.set_status(RestingStatus(unit));
    } else {
      unit.set_status(transition.to == AttemptStatus::kFinished ? WorkUnitStatus::kFinished
                                                                : WorkUnitStatus::kFailed);
    }
  });
  if (transition.chains) Chain(spec, attempt);
}

void Engine::Chain(Spec& spec, const Attempt& attempt) {
  if (spec.meta.next_work_spec_name.empty()) return;
  Spec* next = spec.name_space->FindSpec(spec.meta.next_work_spec_name);
  if (next == nullptr) return;
  const Unit& unit = (*spec.units)[attempt.unit];
  const double priority = unit.priority;
  // A unit's own data is copied, because the unit may add itself again.
  const Data data = attempt.data.is_null() ? Data::FromStored(scratch_.Copy(unit.bytes.data()))
                                           : Data::FromStored(attempt.data.view());
  const auto items = ParseOutput(data, scratch_);
  for (const UnitItem& item : items) AddUnit(*next, item, priority, /*only_new=*/false);
  if (!items.empty()) Changed(*next);
}

// --- By attempt ----------------------------------------------------------------------------------

namespace {

bool Fits(const Attempt& attempt, const AttemptKey& key) {
  return (!key.worker || attempt.worker->name == *key.worker) &&
         (key.start == kNoTime || attempt.start == key.start);
}

}  // namespace

Result<AttemptRef> Engine::FindAttempt(Namespace& name_space, const AttemptKey& key, Spec*& spec) {
  spec = name_space.FindSpec(key.spec);
  if (spec == nullptr) return NoSuchWorkSpecError(key.spec);
  const UnitId id = spec->units->Find(key.unit);
  if (id == kNoUnit) return NoSuchWorkUnitError(key.unit);
  AttemptRef ref = (*spec->units)[id].newest;
  while (ref != kNoAttempt && attempts_[ref].id() != key.id) ref = attempts_[ref].older;
  if (ref != kNoAttempt && Fits(attempts_[ref], key)) return ref;
  if (key.worker) {
    COORD_TRY_VOID(CheckName(*key.worker, "worker"));
    name_space.workers.Ask(*key.worker, now_);
  }
  return Error{ErrorCode::kGone, "the attempt is gone", std::string(key.unit)};
}

Outcome Engine::Run(Namespace& name_space, const ChangeAttempts& command) {
  const auto errors = scratch_.NewArray<const Error*>(command.changes.size());
  failures_.clear();
  for (std::size_t i = 0; i < command.changes.size(); ++i) {
    const AttemptChange& change = command.changes[i];
    Spec* spec = nullptr;
    auto found = FindAttempt(name_space, change.key, spec);
    if (found.has_error()) {
      errors[i] = &failures_.emplace_back(found.error());
      continue;
    }
    const auto applied = ApplyEvent(*spec, *found, change.event, change.duration, change.data);
    if (applied.has_error()) errors[i] = &failures_.emplace_back(applied.error());
    Changed(*spec);
  }
  return ResultsReply{errors};
}

Outcome Engine::Run(Namespace& name_space, const ReleaseAttempts& command) {
  Worker* worker = name_space.workers.Find(command.worker);
  if (worker == nullptr) return Done{};
  std::vector<AttemptId> ids(command.ids.begin(), command.ids.end());
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  // From the newest back, until all are found: what was never sent was made last.
  std::size_t left = ids.size();
  for (AttemptRef ref = worker->open_attempts.last(); ref != kNoAttempt && left > 0;) {
    const Attempt& attempt = attempts_[ref];
    const AttemptRef current = std::exchange(ref, attempt.worker_previous);
    if (!std::binary_search(ids.begin(), ids.end(), attempt.id())) continue;
    --left;
    Spec* spec = attempt.table->spec();
    if (spec == nullptr) continue;
    IgnoreError(ApplyEvent(*spec, current, AttemptEvent::kExpire, Duration(0), Data()),
                "an open attempt can always be expired");
    Changed(*spec);
  }
  return Done{};
}

Outcome Engine::Run(Namespace& name_space, const MakeAttempt& command) {
  Spec* spec = name_space.FindSpec(command.spec);
  if (spec == nullptr) return NoSuchWorkSpecError(command.spec);
  const UnitId id = spec->units->Find(command.unit);
  if (id == kNoUnit) return NoSuchWorkUnitError(command.unit);
  if (const auto checked = CheckName(command.worker, "worker"); checked.has_error()) {
    return checked.error();
  }
  Worker& worker = name_space.workers.Ask(command.worker, now_);
  const AttemptRef ref = StartAttempt(*spec, id, worker, command.lifetime);
  Changed(*spec);
  const auto views = scratch_.NewArray<AttemptView>(1);
  views[0] = ViewOf(attempts_[ref]);
  return AttemptsReply{views};
}

// --- update_work_unit ----------------------------------------------------------------------------

Outcome Engine::Run(Namespace& name_space, const UpdateWorkUnits& command) {
  return UpdatesReply{ApplyUpdates(name_space, command.updates)};
}

std::span<UpdateReply> Engine::ApplyUpdates(Namespace& name_space,
                                            std::span<const WorkUnitUpdate> updates) {
  const auto replies = scratch_.NewArray<UpdateReply>(updates.size());
  for (std::size_t i = 0; i < updates.size(); ++i) {
    if (i + UnitTable::kLookAhead < updates.size()) {
      const WorkUnitUpdate& coming = updates[i + UnitTable::kLookAhead];
      if (const Spec* spec = name_space.FindSpec(coming.spec)) {
        spec->units->PrefetchEntry(coming.unit);
      }
    }
    replies[i] = ApplyUpdate(name_space, updates[i]);
  }
  return replies;
}

UpdateReply Engine::ApplyUpdate(Namespace& name_space, const WorkUnitUpdate& update) {
  if (!update.defect.empty()) return {false, update.defect};
  Spec* spec = name_space.FindSpec(update.spec);
  if (spec == nullptr) return {false, scratch_.Copy(NoSuchWorkSpecError(update.spec).detail)};
  const UnitId id = spec->units->Find(update.unit);
  if (id == kNoUnit) return {false, scratch_.Copy(NoSuchWorkUnitError(update.unit).detail)};
  if (const auto checked = CheckName(update.worker, "worker_id"); checked.has_error()) {
    return {false, scratch_.Copy(checked.error().detail)};
  }
  const Unit& unit = (*spec->units)[id];
  if (update.only_if_owner) {
    const AttemptRef active = unit.active();
    if (active == kNoAttempt || attempts_[active].worker->name != update.worker) {
      return {false, "lost lease"};
    }
  }
  const UpdateDecision decision = DecideUpdate(unit.status(), update.request);
  if (decision.action == UpdateAction::kNothing) return {decision.answer, decision.message};
  const UpdateReply reply = ApplyDecision(*spec, id, update, decision);
  Changed(*spec);
  return reply;
}

UpdateReply Engine::ApplyDecision(Spec& spec, UnitId id, const WorkUnitUpdate& update,
                                  const UpdateDecision& decision) {
  switch (decision.action) {
    case UpdateAction::kNothing:
      break;
    case UpdateAction::kReplaceUnitData:
      spec.units->SetData(id, update.data.cbor());
      break;
    case UpdateAction::kClearActive:
      ClearActive(spec, id);
      break;
    case UpdateAction::kTakeUpThenApply:
    case UpdateAction::kApply: {
      const AttemptRef ref = decision.action == UpdateAction::kApply ? (*spec.units)[id].active()
                                                                     : TakeUp(spec, id, update);
      const Duration duration =
          decision.event == AttemptEvent::kRetry ? update.delay : decision.extend;
      const auto applied =
          ApplyEvent(spec, ref, decision.event, duration, update.data, decision.never_shorten);
      if (applied.has_error()) return {false, scratch_.Copy(applied.error().detail)};
      break;
    }
  }
  return {decision.answer, decision.message};
}

AttemptRef Engine::TakeUp(Spec& spec, UnitId id, const WorkUnitUpdate& update) {
  const AttemptRef lapsed = (*spec.units)[id].active();
  if (lapsed != kNoAttempt &&
      (!update.has_worker || attempts_[lapsed].worker->name == update.worker)) {
    return lapsed;
  }
  Worker& worker = spec.name_space->workers.Ask(update.worker, now_);
  return StartAttempt(spec, id, worker, kDefaultUpdateLease);
}

// --- Reading -------------------------------------------------------------------------------------

AttemptView Engine::ViewOf(const Attempt& attempt) const {
  const UnitTable& units = *attempt.table;
  const Unit& unit = units[attempt.unit];
  AttemptView view;
  view.id = attempt.id();
  view.spec = units.spec()->name;
  view.unit = unit.name();
  view.worker = attempt.worker->name;
  const bool lapsed = attempt.Lapsed(now_);
  view.status = lapsed ? AttemptStatus::kExpired : attempt.stored();
  view.start = attempt.start;
  view.expiration = attempt.expiration;
  view.end = lapsed ? attempt.expiration : attempt.end;
  view.data = Data::FromStored(attempt.data.is_null() ? unit.bytes.data() : attempt.data.view());
  return view;
}

std::span<AttemptView> Engine::ViewsOldestFirst(std::vector<const Attempt*>& attempts) {
  std::sort(attempts.begin(), attempts.end(),
            [](const Attempt* left, const Attempt* right) { return left->id() < right->id(); });
  const auto views = scratch_.NewArray<AttemptView>(attempts.size());
  for (std::size_t i = 0; i < attempts.size(); ++i) views[i] = ViewOf(*attempts[i]);
  return views;
}

Outcome Engine::Run(Namespace& name_space, const GetAttempt& command) {
  Spec* spec = nullptr;
  auto found = FindAttempt(name_space, command.key, spec);
  if (found.has_error()) return found.error();
  const auto views = scratch_.NewArray<AttemptView>(1);
  views[0] = ViewOf(attempts_[*found]);
  return AttemptsReply{views};
}

Outcome Engine::Run(Namespace& name_space, const ListUnitAttempts& command) {
  const Spec* spec = name_space.FindSpec(command.spec);
  if (spec == nullptr) return NoSuchWorkSpecError(command.spec);
  const UnitId id = spec->units->Find(command.unit);
  if (id == kNoUnit) return NoSuchWorkUnitError(command.unit);
  std::vector<const Attempt*> attempts;
  for (AttemptRef ref = (*spec->units)[id].newest; ref != kNoAttempt; ref = attempts_[ref].older) {
    if (command.limit > 0 && attempts.size() == command.limit) break;
    attempts.push_back(&attempts_[ref]);
  }
  return AttemptsReply{ViewsOldestFirst(attempts)};
}

Outcome Engine::Run(Namespace& name_space, const ListWorkerAttempts& command) {
  std::vector<const Attempt*> attempts;
  const auto add = [&](const AttemptList& list, bool with_orphaned) {
    list.ForEach(attempts_, [&](AttemptRef, const Attempt& attempt) {
      if (attempt.table->spec() == nullptr || (attempt.orphaned() && !with_orphaned)) return;
      attempts.push_back(&attempt);
    });
  };
  Worker* worker = name_space.workers.FindRecord(command.worker);
  if (worker == nullptr) return AttemptsReply{};
  switch (command.which) {
    case WorkerAttempts::kActive:
      add(worker->open_attempts, false);
      break;
    case WorkerAttempts::kAll:
      add(worker->open_attempts, true);
      add(worker->ended_attempts, true);
      break;
    case WorkerAttempts::kChildren:
      for (const auto& [name, child] : worker->children) add(child->open_attempts, false);
      break;
  }
  return AttemptsReply{ViewsOldestFirst(attempts)};
}

}  // namespace coord

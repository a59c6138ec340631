// SPDX-License-Identifier: MIT
// Work units: adding, reading, meta, deleting.
#include "domain/names.h"
#include "engine/engine.h"

namespace coord {

WorkUnitStatus Engine::RestingStatus(const Unit& unit) const {
  return unit.not_before > now_ ? WorkUnitStatus::kDelayed : WorkUnitStatus::kAvailable;
}

WorkUnitStatus Engine::LoadedStatus(const Unit& unit) const {
  const Attempt* const active = RunningAttempt(unit);
  if (active == nullptr) return RestingStatus(unit);
  switch (active->stored()) {
    case AttemptStatus::kPending:
      return WorkUnitStatus::kPending;
    case AttemptStatus::kFinished:
      return WorkUnitStatus::kFinished;
    case AttemptStatus::kFailed:
      return WorkUnitStatus::kFailed;
    case AttemptStatus::kExpired:
    case AttemptStatus::kRetryable:
      break;
  }
  return RestingStatus(unit);
}

const Attempt* Engine::RunningAttempt(const Unit& unit) const {
  const AttemptRef active = unit.active();
  return active == kNoAttempt || attempts_[active].Lapsed(now_) ? nullptr : &attempts_[active];
}

Data Engine::VisibleData(const Unit& unit) const {
  const Attempt* attempt = RunningAttempt(unit);
  return Data::FromStored(attempt != nullptr && !attempt->data.is_null() ? attempt->data.view()
                                                                         : unit.bytes.data());
}

WorkUnitView Engine::ViewOf(const Unit& unit) const {
  WorkUnitView view;
  view.name = unit.name();
  view.status = unit.status();
  view.priority = unit.priority;
  view.not_before = unit.not_before;
  view.data = VisibleData(unit);
  if (const Attempt* attempt = RunningAttempt(unit)) view.active = ViewOf(*attempt);
  return view;
}

// --- Adding --------------------------------------------------------------------------------------

Outcome Engine::Run(Namespace& name_space, const AddWorkUnits& command) {
  Spec* spec = name_space.FindSpec(command.spec);
  if (spec == nullptr) return NoSuchWorkSpecError(command.spec);
  for (const UnitItem& item : command.items) {
    if (const auto checked = CheckWorkUnitName(item.name); checked.has_error()) {
      return checked.error();
    }
    if (const auto checked = CheckPriority(item.priority.value_or(0), item.name);
        checked.has_error()) {
      return checked.error();
    }
  }
  spec->units->LearnNames(command.items);
  // Of equal names the last wins: where only new ones are added it is the one that comes first.
  const std::size_t count = command.items.size();
  const auto item_at = [&](std::size_t i) -> const UnitItem& {
    return command.items[command.only_new ? count - 1 - i : i];
  };
  for (std::size_t i = 0; i < count; ++i) {
    if (i + UnitTable::kLookAhead < count) {
      spec->units->PrefetchEntry(item_at(i + UnitTable::kLookAhead).name);
    }
    AddUnit(*spec, item_at(i), 0, command.only_new);
  }
  Changed(*spec);
  return Done{};
}

void Engine::AddUnit(Spec& spec, const UnitItem& item, double default_priority, bool only_new) {
  const double priority = item.priority.value_or(default_priority);
  const WallTime not_before =
      item.delay > Duration(0) ? AddTime(now_, item.delay) : item.not_before;
  const UnitId id = spec.units->Find(item.name);
  if (id == kNoUnit) {
    spec.units->Insert(item.name, item.data.cbor(), priority, not_before, now_);
  } else if (!only_new) {
    ReplaceUnit(spec, id, item, priority, not_before);
  }
}

void Engine::ReplaceUnit(Spec& spec, UnitId id, const UnitItem& item, double priority,
                         WallTime not_before) {
  spec.units->Update(id, [&](Unit& unit) {
    unit.priority = priority;
    unit.not_before = not_before;
    unit.reset_tries();
    if (unit.status() == WorkUnitStatus::kPending) {
      // The running attempt keeps what was handed out.
      const Attempt& running = attempts_[unit.newest];
      if (running.data.is_null()) SetAttemptData(unit.newest, unit.bytes.data());
    } else {
      unit.set_has_active(false);
      unit.set_status(RestingStatus(unit));
    }
  });
  spec.units->SetData(id, item.data.cbor());
}

// --- Clearing and erasing ------------------------------------------------------------------------

void Engine::ClearActive(Spec& spec, UnitId id) {
  spec.units->Update(id, [&](Unit& unit) {
    unit.set_has_active(false);
    unit.reset_tries();
    unit.set_status(RestingStatus(unit));
  });
}

void Engine::EraseAttempts(UnitTable& table, UnitId id) {
  Unit& unit = table[id];
  while (unit.newest != kNoAttempt) {
    const AttemptRef ref = unit.newest;
    unit.newest = attempts_[ref].older;
    shared_.MarkChanged(ref);
    attempts_[ref].set_erased(true);
    attempts_[ref].worker->table->Unlist(ref);
    Reversibly(
        [this, &unit, ref] {
          unit.newest = ref;
          attempts_[ref].set_erased(false);
        },
        [this, ref] { attempts_.Free(ref); });
  }
}

bool Engine::FreeAttempts(Unit& unit, std::size_t& budget) {
  for (; unit.newest != kNoAttempt && budget > 0; --budget) {
    const AttemptRef ref = unit.newest;
    unit.newest = attempts_[ref].older;
    if (shared_.journal != nullptr) {
      shared_.journal->rows.freed_attempts.push_back(
          static_cast<std::uint64_t>(attempts_[ref].id()));
    }
    attempts_[ref].worker->table->UnlistFreed(ref);
    attempts_.Free(ref);
  }
  return unit.newest == kNoAttempt;
}

void Engine::EraseUnit(Spec& spec, UnitId id) {
  // The indexes of a pending unit need its attempt: it rests before its attempts go.
  if ((*spec.units)[id].status() == WorkUnitStatus::kPending) ClearActive(spec, id);
  EraseAttempts(*spec.units, id);
  spec.units->Erase(id);
}

// --- Reading -------------------------------------------------------------------------------------

Outcome Engine::Run(Namespace& name_space, const CountWorkUnits& command) {
  const Spec* spec = name_space.FindSpec(command.spec);
  if (spec == nullptr) return NoSuchWorkSpecError(command.spec);
  return StatusCountsReply{spec->Counts()};
}

Outcome Engine::Run(Namespace& name_space, const ListWorkUnits& command) {
  Spec* spec = name_space.FindSpec(command.spec);
  if (spec == nullptr) return NoSuchWorkSpecError(command.spec);
  std::vector<WorkUnitView> views;
  UnitSelection(command.query).VisitSome(*spec->units, SIZE_MAX, [&](UnitId, const Unit& unit) {
    views.push_back(ViewOf(unit));
  });
  return UnitsReply{scratch_.CopyArray(std::span<const WorkUnitView>(views))};
}

Outcome Engine::Run(Namespace& name_space, const GetWorkUnits& command) {
  const Spec* spec = name_space.FindSpec(command.spec);
  if (spec == nullptr) return NoSuchWorkSpecError(command.spec);
  const auto views = scratch_.NewArray<WorkUnitView>(command.names.size());
  for (std::size_t i = 0; i < command.names.size(); ++i) {
    const UnitId id = spec->units->Find(command.names[i]);
    if (id != kNoUnit) {
      views[i] = ViewOf((*spec->units)[id]);
    } else {
      views[i].name = command.names[i];
      views[i].exists = false;
    }
  }
  return UnitsReply{views};
}

// --- Meta ----------------------------------------------------------------------------------------

Outcome Engine::Run(Namespace& name_space, const SetWorkUnitMeta& command) {
  Spec* spec = name_space.FindSpec(command.spec);
  if (spec == nullptr) return NoSuchWorkSpecError(command.spec);
  const UnitId id = spec->units->Find(command.unit);
  if (id == kNoUnit) return NoSuchWorkUnitError(command.unit);
  if (const auto checked = CheckPriority(command.priority.value_or(0), command.unit);
      checked.has_error()) {
    return checked.error();
  }
  if (command.clear_active) ClearActive(*spec, id);
  spec->units->Update(id, [&](Unit& unit) {
    if (command.priority) unit.priority = *command.priority;
    if (command.not_before) unit.not_before = *command.not_before;
    const bool rests =
        unit.status() == WorkUnitStatus::kAvailable || unit.status() == WorkUnitStatus::kDelayed;
    if (rests) unit.set_status(RestingStatus(unit));
  });
  Changed(*spec);
  return Done{};
}

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "stores/postgres/units.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"
#include "stores/postgres/unit_writer.h"

namespace coord {

namespace {
constexpr Duration kDefaultLifetime = std::chrono::minutes(15);
}  // namespace

WorkUnitStatus StatusOf(const UnitImage& unit, WallTime now) {
  const AttemptImage* const running = RunningAttempt(unit, now);
  if (running == nullptr) return RestingStatus(unit, now);
  switch (running->status) {
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
  return RestingStatus(unit, now);
}

// --- Reading -------------------------------------------------------------------------------------

void Units::Load(std::span<const UnitKey> keys) {
  std::vector<UnitImage*> with_row;
  std::vector<UnitImage*> without;
  for (const UnitKey& key : keys) {
    std::unique_ptr<UnitImage>& image = units_[Key(key.spec->generation, key.name)];
    if (image != nullptr) continue;
    image = std::make_unique<UnitImage>();
    image->spec = key.spec;
    image->name = key.name;
    (key.with_row ? with_row : without).push_back(image.get());
  }
  if (with_row.empty() && without.empty()) return;
  LoadUnits(transaction_, with_row, without);
  for (UnitImage* const unit : with_row) NoteLapse(*unit);
  for (UnitImage* const unit : without) NoteLapse(*unit);
}

UnitRow& Units::RowOf(UnitImage& unit) {
  if (!unit.row) LoadUnitRow(transaction_, unit);
  return *unit.row;
}

bool Units::NeedsRow(const SpecImage& spec, AttemptEvent event) {
  switch (event) {
    case AttemptEvent::kRenew:
    case AttemptEvent::kFail:
      return false;
    case AttemptEvent::kFinish:
      return !spec.meta.next_work_spec_name.empty();
    case AttemptEvent::kExpire:
    case AttemptEvent::kRetry:
      return true;
  }
  return true;
}

// One whose lease has ended, and that is not noted yet because another daemon had it locked.
void Units::NoteLapse(UnitImage& unit) {
  const WallTime now = transaction_.now();
  if (unit.active == nullptr || !unit.active->Lapsed(now) || unit.active->stored_lapsed) return;
  state_.stats.NoteLapsed();
  Count(unit, WorkUnitStatus::kPending, -1);
  Count(unit, RestingStatus(unit, now), 1);
  unit.active->dirty = true;
  Touch(unit);
}

void Units::Count(UnitImage& unit, WorkUnitStatus status, std::int64_t by) {
  SpecImage& spec = *unit.spec;
  spec.counts[IndexOf(status)] += static_cast<std::uint64_t>(by);
  spec.delta[IndexOf(status)] += by;
}

UnitImage& Units::ImageOf(SpecImage& spec, std::string_view name) {
  const UnitKey key{&spec, name};
  Load({&key, 1});
  return *units_[Key(spec.generation, name)];
}

UnitImage* Units::Find(SpecImage& spec, std::string_view name) {
  UnitImage& unit = ImageOf(spec, name);
  return unit.exists ? &unit : nullptr;
}

AttemptImage* Units::FindAttempt(UnitImage& unit, PgId id) {
  const auto find = [&]() -> AttemptImage* {
    for (const auto& attempt : unit.attempts) {
      if (attempt->id == id && !attempt->erased) return attempt.get();
    }
    return nullptr;
  };
  if (AttemptImage* const found = find()) return found;
  if (unit.stored) LoadHistory(transaction_, unit);
  return find();
}

std::vector<AttemptImage*> Units::History(UnitImage& unit) {
  if (unit.stored) LoadHistory(transaction_, unit);
  std::vector<AttemptImage*> attempts;
  for (const auto& attempt : unit.attempts) {
    if (!attempt->erased) attempts.push_back(attempt.get());
  }
  std::sort(attempts.begin(), attempts.end(), [](const AttemptImage* a, const AttemptImage* b) {
    return std::pair(a->start, a->id) < std::pair(b->start, b->id);
  });
  return attempts;
}

// --- Changing ------------------------------------------------------------------------------------

void Units::Touch(UnitImage& unit) {
  if (unit.dirty) return;
  unit.dirty = true;
  dirty_.push_back(&unit);
}

void Units::Moved(UnitImage& unit, std::optional<WorkUnitStatus> before) {
  Touch(unit);
  unit.spec->changed = true;
  if (before) Count(unit, *before, -1);
  if (unit.exists) Count(unit, StatusOf(unit, transaction_.now()), 1);
}

void Units::Add(SpecImage& spec, const UnitItem& item, double default_priority, bool only_new) {
  UnitRow row;
  row.priority = item.priority.value_or(default_priority);
  row.not_before =
      item.delay > Duration(0) ? AddTime(transaction_.now(), item.delay) : item.not_before;
  row.data = item.data.cbor();
  UnitImage& unit = ImageOf(spec, item.name);
  if (unit.exists) {
    if (!only_new) Replace(unit, std::move(row));
    return;
  }
  Update(unit, [&] {
    unit.exists = true;
    unit.row = std::move(row);
    unit.tries = 0;
    unit.active = nullptr;
    unit.row_dirty = true;
  });
}

void Units::Replace(UnitImage& unit, UnitRow row) {
  UnitRow& stored = RowOf(unit);
  Update(unit, [&] {
    unit.row_dirty = true;
    unit.tries = 0;
    AttemptImage* const running = RunningAttempt(unit, transaction_.now());
    if (running != nullptr && running->status == AttemptStatus::kPending) {
      // The running attempt keeps what was handed out.
      if (!running->data) running->data = stored.data;
      running->dirty = true;
    } else {
      if (unit.active != nullptr) unit.active->dirty = true;
      unit.active = nullptr;
    }
    stored = std::move(row);
  });
}

void Units::ClearActive(UnitImage& unit) {
  RowOf(unit);
  Update(unit, [&] {
    if (unit.active != nullptr) unit.active->dirty = true;
    unit.active = nullptr;
    unit.tries = 0;
  });
}

void Units::Erase(UnitImage& unit) {
  Update(unit, [&] {
    unit.exists = false;
    unit.purged = true;
    unit.active = nullptr;
    for (const auto& attempt : unit.attempts) attempt->erased = true;
  });
}

void Units::SetData(UnitImage& unit, std::string_view data) {
  Touch(unit);
  unit.spec->changed = true;
  RowOf(unit).data = data;
  unit.row_dirty = true;
}

void Units::SetPriority(UnitImage& unit, double priority) {
  Touch(unit);
  unit.spec->changed = true;
  RowOf(unit).priority = priority;
  unit.row_dirty = true;
}

UnitImage& Units::TakeClaimed(SpecImage& spec, std::string_view name, UnitRow row,
                              std::uint32_t tries) {
  std::unique_ptr<UnitImage>& image = units_[Key(spec.generation, name)];
  if (image == nullptr) {
    image = std::make_unique<UnitImage>();
    image->spec = &spec;
    image->name = name;
  }
  UnitImage& unit = *image;
  if (unit.active != nullptr) unit.active->dirty = true;
  unit.exists = true;
  unit.stored = true;
  unit.row = std::move(row);
  unit.tries = tries;
  unit.active = nullptr;
  unit.resting = {};
  Touch(unit);
  return unit;
}

// --- Attempts ------------------------------------------------------------------------------------

AttemptImage& Units::StartAttempt(UnitImage& unit, const WorkerImage& worker, Duration lifetime) {
  state_.stats.NoteStarted();
  AttemptImage& attempt = *unit.attempts.emplace_back(std::make_unique<AttemptImage>());
  attempt.id = transaction_.NextId();
  attempt.unit = &unit;
  attempt.worker = worker.id;
  attempt.worker_name = worker.name;
  attempt.start = transaction_.now();
  attempt.expiration =
      AddTime(transaction_.now(), lifetime > Duration(0) ? lifetime : kDefaultLifetime);
  attempt.dirty = true;
  Update(unit, [&] {
    if (unit.active != nullptr) unit.active->dirty = true;
    unit.active = &attempt;
    ++unit.tries;
  });
  return attempt;
}

Result<void> Units::ApplyEvent(AttemptImage& attempt, AttemptEvent event, Duration duration,
                               Data data, bool never_shorten) {
  UnitImage& unit = *attempt.unit;
  const WallTime now = transaction_.now();
  const AttemptState state{attempt.status, attempt.Lapsed(now), unit.active == &attempt};
  COORD_TRY(transition, NextAttemptState(state, event, duration > Duration(0)));
  if (!transition.applies) return {};
  const bool rests =
      transition.to == AttemptStatus::kPending ? duration <= Duration(0) : transition.clears_active;
  if (rests && unit.exists) RowOf(unit);
  attempt.dirty = true;
  Touch(unit);
  if (!data.is_null()) attempt.data = data.cbor();
  if (transition.to == AttemptStatus::kPending) {
    WallTime expiration = AddTime(now, duration);
    if (never_shorten) expiration = std::max(expiration, attempt.expiration);
    Update(unit, [&] { attempt.expiration = expiration; });
    attempt.open = true;
    attempt.orphaned = false;
  } else {
    const bool ran_out = state.lapsed && transition.to == AttemptStatus::kExpired;
    attempt.end = ran_out ? attempt.expiration : now;
    attempt.open = false;
    attempt.orphaned = false;
    EndAttempt(attempt, transition, state.active, duration);
  }
  if (transition.lost_lease) return Error{ErrorCode::kLostLease, "lost lease", unit.name};
  return {};
}

void Units::EndAttempt(AttemptImage& attempt, const AttemptTransition& transition, bool active,
                       Duration delay) {
  state_.stats.NoteEnded(transition.to, attempt.end - attempt.start);
  UnitImage& unit = *attempt.unit;
  Update(unit, [&] {
    attempt.status = transition.to;
    if (!active) return;
    if (transition.to == AttemptStatus::kRetryable) {
      RowOf(unit).not_before = AddTime(transaction_.now(), delay);
      unit.row_dirty = true;
    }
    if (transition.clears_active) unit.active = nullptr;
  });
  if (active && transition.chains) Chain(attempt);
}

void Units::Chain(const AttemptImage& attempt) {
  UnitImage& unit = *attempt.unit;
  const std::string& next_name = unit.spec->meta.next_work_spec_name;
  if (next_name.empty()) return;
  SpecImage* const next = catalog_.NamespaceOf(unit.spec->name_space_name).FindSpec(next_name);
  if (next == nullptr) return;
  const UnitRow& row = RowOf(unit);
  const double priority = row.priority;
  // Copied, because the unit may add itself again.
  const Data data = Data::FromStored(scratch_.Copy(attempt.data ? *attempt.data : row.data));
  const auto items = ParseOutput(data, scratch_);
  std::vector<UnitKey> keys;
  for (const UnitItem& item : items) keys.push_back({next, item.name});
  Load(keys);
  for (const UnitItem& item : items) Add(*next, item, priority, /*only_new=*/false);
}

// --- Writing -------------------------------------------------------------------------------------

void Units::AddChanges(std::vector<PgStatement>& statements) {
  UnitWriter writer(transaction_.now());
  for (UnitImage* const unit : dirty_) {
    unit->dirty = false;
    writer.Write(*unit);
  }
  dirty_.clear();
  state_.due.NoteUnits(writer.earliest_due());
  state_.NoteAvailable(writer.set_backs());
  std::vector<PgStatement> written = writer.TakeStatements();
  std::move(written.begin(), written.end(), std::back_inserter(statements));
}

void Units::Flush() {
  std::vector<PgStatement> statements;
  AddChanges(statements);
  transaction_.Defer(std::move(statements));
}

void Units::Forget(const SpecImage& spec) {
  std::erase_if(dirty_, [&](const UnitImage* unit) { return unit->spec == &spec; });
  absl::erase_if(units_, [&](const auto& entry) { return entry.second->spec == &spec; });
}

void Units::Drop() {
  Flush();
  units_.clear();
}

}  // namespace coord

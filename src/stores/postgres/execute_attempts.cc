// SPDX-License-Identifier: MIT
// Attempts and updates of work units.
#include <algorithm>
#include <map>

#include "domain/names.h"
#include "stores/postgres/executor.h"

namespace coord {

namespace {

// An attempt of a worker, of whatever spec.
#define COORD_WORKER_ATTEMPT_COLUMNS \
  "a.id, a.generation, a.name, w.name, a.start, a.expiration, coalesce(a.data, u.data) "
constexpr const char* kOpenOf =
    "SELECT " COORD_WORKER_ATTEMPT_COLUMNS
    "FROM open_attempts a JOIN workers w ON w.id = a.worker_id "
    "JOIN work_units u ON u.generation = a.generation AND u.name = a.name "
    "WHERE a.worker_id = $1 AND (NOT a.orphaned OR $2)";
constexpr const char* kOpenOfChildren =
    "SELECT " COORD_WORKER_ATTEMPT_COLUMNS
    "FROM workers w JOIN open_attempts a ON a.worker_id = w.id "
    "JOIN work_units u ON u.generation = a.generation AND u.name = a.name "
    "WHERE w.parent_id = $1 AND (NOT a.orphaned OR $2)";
constexpr const char* kEndedOf =
    "SELECT " COORD_WORKER_ATTEMPT_COLUMNS
    ", a.status, a.ended "
    "FROM ended_attempts a JOIN workers w ON w.id = a.worker_id "
    "JOIN work_units u ON u.generation = a.generation AND u.name = a.name "
    "WHERE a.worker_id = $1";
constexpr const char* kUnitsOfAttempts =
    "SELECT generation, name, id FROM open_attempts WHERE worker_id = $1 AND id = ANY ($2) "
    "ORDER BY id";

AttemptView ViewOfRow(const PgRows& rows, int row, const SpecImage& spec, WallTime now) {
  AttemptView view;
  view.id = AttemptId{rows.Unsigned(row, 0)};
  view.spec = spec.name;
  view.unit = rows.Bytes(row, 2);
  view.worker = rows.Bytes(row, 3);
  view.start = rows.Time(row, 4);
  view.expiration = rows.Time(row, 5);
  view.data = Data::FromStored(rows.Bytes(row, 6));
  if (view.expiration <= now) {
    view.status = AttemptStatus::kExpired;
    view.end = view.expiration;
  }
  return view;
}

bool Fits(const AttemptImage& attempt, const AttemptKey& key) {
  return (!key.worker || attempt.worker_name == *key.worker) &&
         (key.start == kNoTime || attempt.start == key.start);
}

}  // namespace

// --- By attempt ----------------------------------------------------------------------------------

Result<AttemptImage*> Executor::FindAttempt(NamespaceImage& name_space, const AttemptKey& key) {
  SpecImage* const spec = name_space.FindSpec(key.spec);
  if (spec == nullptr) return NoSuchWorkSpecError(key.spec);
  UnitImage* const unit = units_.Find(*spec, key.unit);
  if (unit == nullptr) return NoSuchWorkUnitError(key.unit);
  AttemptImage* const attempt = units_.FindAttempt(*unit, static_cast<PgId>(key.id));
  if (attempt != nullptr && Fits(*attempt, key)) return attempt;
  if (key.worker) {
    COORD_TRY_VOID(CheckName(*key.worker, "worker"));
    workers_.Ask(name_space.id, *key.worker);
  }
  return Error{ErrorCode::kGone, "the attempt is gone", std::string(key.unit)};
}

Outcome Executor::Run(NamespaceImage& name_space, const ChangeAttempts& command) {
  const auto errors = scratch_.NewArray<const Error*>(command.changes.size());
  for (std::size_t i = 0; i < command.changes.size(); ++i) {
    const AttemptChange& change = command.changes[i];
    const auto found = FindAttempt(name_space, change.key);
    if (found.has_error()) {
      errors[i] = &failures_.emplace_back(found.error());
      continue;
    }
    const auto applied = units_.ApplyEvent(**found, change.event, change.duration, change.data);
    if (applied.has_error()) errors[i] = &failures_.emplace_back(applied.error());
  }
  return ResultsReply{errors};
}

Outcome Executor::Run(NamespaceImage& name_space, const ReleaseAttempts& command) {
  const WorkerImage* const worker = workers_.Find(name_space.id, command.worker);
  if (worker == nullptr) return Done{};
  Flush();
  PgArray ids(PgType::kInt8);
  for (const AttemptId id : command.ids) ids.Add(static_cast<std::int64_t>(id));
  const PgRows rows = transaction_.Query(kUnitsOfAttempts, PgParameters().Add(worker->id).Add(ids));
  for (int row = 0; row < rows.size(); ++row) {
    SpecImage* const spec = name_space.SpecOf(rows.Integer(row, 0));
    if (spec == nullptr) continue;
    UnitImage* const unit = units_.Find(*spec, rows.Bytes(row, 1));
    if (unit == nullptr) continue;
    AttemptImage* const attempt = units_.FindAttempt(*unit, rows.Integer(row, 2));
    if (attempt == nullptr || !attempt->open) continue;
    IgnoreError(units_.ApplyEvent(*attempt, AttemptEvent::kExpire, Duration(0), Data()),
                "an open attempt can always be expired");
  }
  return Done{};
}

Outcome Executor::Run(NamespaceImage& name_space, const MakeAttempt& command) {
  SpecImage* const spec = name_space.FindSpec(command.spec);
  if (spec == nullptr) return NoSuchWorkSpecError(command.spec);
  UnitImage* const unit = units_.Find(*spec, command.unit);
  if (unit == nullptr) return NoSuchWorkUnitError(command.unit);
  if (const auto checked = CheckName(command.worker, "worker"); checked.has_error()) {
    return checked.error();
  }
  const WorkerImage& worker = workers_.Ask(name_space.id, command.worker);
  const AttemptImage& attempt = units_.StartAttempt(*unit, worker, command.lifetime);
  const auto views = scratch_.NewArray<AttemptView>(1);
  views[0] = ViewOf(attempt);
  return AttemptsReply{views};
}

// --- update_work_unit ----------------------------------------------------------------------------

Outcome Executor::Run(NamespaceImage& name_space, const UpdateWorkUnits& command) {
  return UpdatesReply{ApplyUpdates(name_space, command.updates)};
}

std::span<UpdateReply> Executor::ApplyUpdates(NamespaceImage& name_space,
                                              std::span<const WorkUnitUpdate> updates) {
  const auto replies = scratch_.NewArray<UpdateReply>(updates.size());
  for (std::size_t i = 0; i < updates.size(); ++i) {
    replies[i] = ApplyUpdate(name_space, updates[i]);
  }
  return replies;
}

UpdateReply Executor::ApplyUpdate(NamespaceImage& name_space, const WorkUnitUpdate& update) {
  if (!update.defect.empty()) return {false, update.defect};
  SpecImage* const spec = name_space.FindSpec(update.spec);
  if (spec == nullptr) return {false, scratch_.Copy(NoSuchWorkSpecError(update.spec).detail)};
  UnitImage* const unit = units_.Find(*spec, update.unit);
  if (unit == nullptr) return {false, scratch_.Copy(NoSuchWorkUnitError(update.unit).detail)};
  if (const auto checked = CheckName(update.worker, "worker_id"); checked.has_error()) {
    return {false, scratch_.Copy(checked.error().detail)};
  }
  if (update.only_if_owner &&
      (unit->active == nullptr || unit->active->worker_name != update.worker)) {
    return {false, "lost lease"};
  }
  const UpdateDecision decision = DecideUpdate(StatusOf(*unit, now()), update.request);
  if (decision.action == UpdateAction::kNothing) return {decision.answer, decision.message};
  return ApplyDecision(*unit, name_space, update, decision);
}

UpdateReply Executor::ApplyDecision(UnitImage& unit, NamespaceImage& name_space,
                                    const WorkUnitUpdate& update, const UpdateDecision& decision) {
  switch (decision.action) {
    case UpdateAction::kNothing:
      break;
    case UpdateAction::kReplaceUnitData:
      units_.SetData(unit, update.data.cbor());
      break;
    case UpdateAction::kClearActive:
      units_.ClearActive(unit);
      break;
    case UpdateAction::kTakeUpThenApply:
    case UpdateAction::kApply: {
      AttemptImage* attempt = unit.active;
      const bool takes_over =
          attempt == nullptr || (update.has_worker && attempt->worker_name != update.worker);
      if (decision.action == UpdateAction::kTakeUpThenApply && takes_over) {
        const WorkerImage& worker = workers_.Ask(name_space.id, update.worker);
        attempt = &units_.StartAttempt(unit, worker, kDefaultUpdateLease);
      }
      const Duration duration =
          decision.event == AttemptEvent::kRetry ? update.delay : decision.extend;
      const auto applied = units_.ApplyEvent(*attempt, decision.event, duration, update.data,
                                             decision.never_shorten);
      if (applied.has_error()) return {false, scratch_.Copy(applied.error().detail)};
      break;
    }
  }
  return {decision.answer, decision.message};
}

// --- Reading -------------------------------------------------------------------------------------

AttemptView Executor::ViewOf(const AttemptImage& attempt) {
  AttemptView view;
  view.id = AttemptId{static_cast<std::uint64_t>(attempt.id)};
  view.spec = attempt.unit->spec->name;
  view.unit = attempt.unit->name;
  view.worker = attempt.worker_name;
  const bool lapsed = attempt.Lapsed(now());
  view.status = lapsed ? AttemptStatus::kExpired : attempt.status;
  view.start = attempt.start;
  view.expiration = attempt.expiration;
  view.end = lapsed ? attempt.expiration : attempt.end;
  view.data = Data::FromStored(attempt.data ? *attempt.data : units_.RowOf(*attempt.unit).data);
  return view;
}

Outcome Executor::Run(NamespaceImage& name_space, const GetAttempt& command) {
  const auto found = FindAttempt(name_space, command.key);
  if (found.has_error()) return found.error();
  const auto views = scratch_.NewArray<AttemptView>(1);
  views[0] = ViewOf(**found);
  return AttemptsReply{views};
}

Outcome Executor::Run(NamespaceImage& name_space, const ListUnitAttempts& command) {
  SpecImage* const spec = name_space.FindSpec(command.spec);
  if (spec == nullptr) return NoSuchWorkSpecError(command.spec);
  UnitImage* const unit = units_.Find(*spec, command.unit);
  if (unit == nullptr) return NoSuchWorkUnitError(command.unit);
  const std::vector<AttemptImage*> history = units_.History(*unit);
  std::span<AttemptImage* const> wanted(history);
  if (command.limit > 0 && command.limit < wanted.size()) {
    wanted = wanted.last(static_cast<std::size_t>(command.limit));
  }
  const auto views = scratch_.NewArray<AttemptView>(wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) views[i] = ViewOf(*wanted[i]);
  return AttemptsReply{views};
}

Outcome Executor::Run(NamespaceImage& name_space, const ListWorkerAttempts& command) {
  const WorkerImage* const worker = workers_.FindRecord(name_space.id, command.worker);
  if (worker == nullptr) return AttemptsReply{};
  Flush();
  std::vector<AttemptView> views;
  const auto read = [&](const char* sql, bool ended, PgParameters parameters) {
    const PgRows& rows = Hold(transaction_.Query(sql, parameters));
    for (int row = 0; row < rows.size(); ++row) {
      const SpecImage* const spec = name_space.SpecOf(rows.Integer(row, 1));
      if (spec == nullptr) continue;
      AttemptView& view = views.emplace_back(ViewOfRow(rows, row, *spec, now()));
      if (!ended) continue;
      view.status = static_cast<AttemptStatus>(rows.Integer(row, 7));
      view.end = rows.Time(row, 8);
    }
  };
  const bool all = command.which == WorkerAttempts::kAll;
  const bool children = command.which == WorkerAttempts::kChildren;
  read(children ? kOpenOfChildren : kOpenOf, false, PgParameters().Add(worker->id).Add(all));
  if (all) read(kEndedOf, true, PgParameters().Add(worker->id));
  std::sort(views.begin(), views.end(), [](const AttemptView& a, const AttemptView& b) {
    return std::pair(a.start, a.id) < std::pair(b.start, b.id);
  });
  return AttemptsReply{scratch_.CopyArray(std::span<const AttemptView>(views))};
}

}  // namespace coord

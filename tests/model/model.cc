// SPDX-License-Identifier: MIT
#include "model.h"

#include <algorithm>
#include <chrono>
#include <set>

namespace coord::testing {

using namespace std::chrono_literals;

namespace {

// Reads the kinds of output that the model test writes.
std::vector<NewUnit> ReadOutput(const Value& data) {
  std::vector<NewUnit> units;
  const Value* const output = data.Find("output");
  if (output == nullptr) return units;
  if (const Map* const map = output->As<Map>()) {
    for (const auto& [name, unit_data] : *map) {
      units.push_back({.name = *name.AsString()});
      if (unit_data.As<Map>() != nullptr) units.back().data = *unit_data.As<Map>();
    }
  } else if (const List* const list = output->As<List>()) {
    for (const Value& item : *list) {
      if (const std::string* const name = item.AsString()) {
        units.push_back({.name = *name});
        continue;
      }
      const List& parts = *item.As<List>();
      units.push_back({.name = *parts[0].AsString(), .data = *parts[1].As<Map>()});
      if (const Value* const delay = parts[2].Find("delay")) {
        units.back().delay = std::chrono::seconds(static_cast<int>(*delay->AsNumber()));
      }
      if (const Value* const priority = parts[2].Find("priority")) {
        units.back().priority = priority->AsNumber();
      }
      if (parts.size() > 3 && !parts[3].is_null()) units.back().priority = parts[3].AsNumber();
    }
  }
  return units;
}

}  // namespace

Map ModelDefinition::ToMap(const std::string& name) const {
  Map map = {{"name", name},
             {"priority", priority},
             {"weight", weight},
             {"disabled", paused},
             {"continuous", can_be_continuous},
             {"interval", std::chrono::duration<double>(interval).count()},
             {"max_running", max_running},
             {"max_getwork", max_attempts_returned},
             {"max_retries", max_retries},
             {"then", then},
             {"runtime", runtime}};
  if (keep_count) map.emplace_back("limit_completed_count", *keep_count);
  if (keep_age) {
    map.emplace_back("limit_completed_age", std::chrono::duration<double>(*keep_age).count());
  }
  return map;
}

// --- Work specs and units ------------------------------------------------------------------------

void Model::SetWorkSpec(const std::string& name, const ModelDefinition& definition) {
  ModelSpec& spec = specs[name];
  spec.meta = definition;
  spec.continuous = definition.can_be_continuous;
}

bool Model::IsLapsed(const ModelAttempt& attempt) const {
  return attempt.stored == AttemptStatus::kPending && attempt.expiration <= now;
}

WorkUnitStatus Model::Resting(const ModelUnit& unit) const {
  return unit.not_before > now ? WorkUnitStatus::kDelayed : WorkUnitStatus::kAvailable;
}

WorkUnitStatus Model::StatusOf(const ModelUnit& unit) const {
  if (!unit.active) return Resting(unit);
  const ModelAttempt& attempt = unit.attempts.at(*unit.active);
  if (attempt.stored == AttemptStatus::kFinished) return WorkUnitStatus::kFinished;
  if (attempt.stored == AttemptStatus::kFailed) return WorkUnitStatus::kFailed;
  return IsLapsed(attempt) ? Resting(unit) : WorkUnitStatus::kPending;
}

void Model::ReplaceData(ModelUnit& unit, const Value& data) {
  const bool pending = StatusOf(unit) == WorkUnitStatus::kPending;
  for (auto& [id, attempt] : unit.attempts) {
    if (!(pending && unit.active == id) && !attempt.own) attempt.data_open = true;
  }
  unit.data = data;
}

void Model::Add(ModelSpec& spec, const NewUnit& item, double default_priority) {
  ModelUnit& unit = spec.units[item.name];
  if (StatusOf(unit) != WorkUnitStatus::kPending) unit.active.reset();
  ReplaceData(unit, item.data);
  unit.tries = 0;
  unit.priority = item.priority.value_or(default_priority);
  unit.not_before = item.delay > Duration(0) ? now + item.delay : item.not_before;
}

void Model::ClearActive(ModelUnit& unit) {
  unit.active.reset();
  unit.tries = 0;
}

std::vector<std::string> Model::Select(const ModelSpec& spec, const Query& query) const {
  std::vector<std::string> names;
  for (const auto& [name, unit] : spec.units) {
    if (query.names &&
        std::find(query.names->begin(), query.names->end(), name) == query.names->end()) {
      continue;
    }
    if (query.statuses && !query.statuses->Has(StatusOf(unit))) continue;
    if (query.from && name < *query.from) continue;
    if (query.after && name <= *query.after) continue;
    if (query.limit == 0 || names.size() < query.limit) names.push_back(name);
  }
  return names;
}

std::uint64_t Model::Delete(ModelSpec& spec, const Query& query) {
  const std::vector<std::string> names = Select(spec, query);
  std::uint64_t count = names.size();
  for (const std::string& name : names) spec.units.erase(name);
  if (query.names || query.from || query.after || query.limit != 0) return count;
  for (const WorkUnitStatus status : kWorkUnitStatuses) {
    if (query.statuses && !query.statuses->Has(status)) continue;
    count += spec.removed[IndexOf(status)];
    spec.removed[IndexOf(status)] = 0;
  }
  return count;
}

StatusCounts Model::Counts(const ModelSpec& spec) const {
  StatusCounts counts = spec.removed;
  for (const auto& [name, unit] : spec.units) ++counts[IndexOf(StatusOf(unit))];
  return counts;
}

// --- Attempts ------------------------------------------------------------------------------------

ModelAttempt& Model::Begin(const std::string& spec, const std::string& unit_name,
                           const std::string& worker, AttemptId id, Duration lifetime) {
  ModelUnit& unit = specs.at(spec).units.at(unit_name);
  ModelAttempt attempt;
  attempt.id = id;
  attempt.spec = spec;
  attempt.unit = unit_name;
  attempt.worker = worker;
  attempt.start = now;
  attempt.expiration = now + (lifetime > Duration(0) ? lifetime : Duration(15min));
  attempt.handed_out = unit.data;
  WorkerOf(worker);
  unit.active = id;
  ++unit.tries;
  return unit.attempts[id] = attempt;
}

void Model::End(ModelUnit& unit, ModelAttempt& attempt, AttemptStatus status, bool clear) {
  attempt.stored = status;
  attempt.end = now;
  attempt.listed = false;
  if (clear && unit.active == attempt.id) unit.active.reset();
}

bool Model::IsActive(const Held& held) const {
  const auto spec = specs.find(held.spec);
  if (spec == specs.end()) return false;
  const auto unit = spec->second.units.find(held.unit);
  return unit != spec->second.units.end() && unit->second.active == held.id;
}

Failure Model::Change(const Held& held, AttemptEvent event, Duration duration,
                      const std::optional<Map>& data) {
  const auto spec = specs.find(held.spec);
  if (spec == specs.end()) return ErrorCode::kNoSuchWorkSpec;
  const auto found = spec->second.units.find(held.unit);
  if (found == spec->second.units.end()) return ErrorCode::kNoSuchWorkUnit;
  ModelUnit& unit = found->second;
  if (!unit.attempts.contains(held.id)) return ErrorCode::kGone;
  ModelAttempt& attempt = unit.attempts.at(held.id);

  const bool pending = attempt.stored == AttemptStatus::kPending;
  const bool active = unit.active == held.id;
  const bool lapsed = IsLapsed(attempt);
  const bool may_end = pending && (!lapsed || active);
  const auto record = [&] {
    if (data) attempt.own = Value(*data);
  };
  switch (event) {
    case AttemptEvent::kRenew:
      if (!pending) return ErrorCode::kNotPending;
      record();
      if (active && duration > Duration(0)) {
        attempt.expiration = now + duration;
        if (!attempt.listed) attempt.listed_open = true;  // its worker was unregistered meanwhile
        return kOk;
      }
      End(unit, attempt, AttemptStatus::kExpired, true);
      attempt.end_open = lapsed || !active;
      attempt.listed_open = !active;
      return active ? kOk : Failure(ErrorCode::kLostLease);
    case AttemptEvent::kExpire:
      if (lapsed) attempt.listed_open = true;
      if (lapsed || attempt.stored == AttemptStatus::kExpired) return kOk;
      if (!pending) return ErrorCode::kNotPending;
      record();
      End(unit, attempt, AttemptStatus::kExpired, true);
      return kOk;
    case AttemptEvent::kFinish:
      if (!may_end && attempt.stored != AttemptStatus::kFailed) return ErrorCode::kNotPending;
      record();
      End(unit, attempt, AttemptStatus::kFinished, false);
      if (active) Chain(spec->second, unit, attempt);
      return kOk;
    case AttemptEvent::kFail:
      if (!may_end) return ErrorCode::kNotPending;
      record();
      End(unit, attempt, AttemptStatus::kFailed, false);
      return kOk;
    case AttemptEvent::kRetry:
      if (!may_end) return ErrorCode::kNotPending;
      record();
      unit.not_before = now + duration;
      End(unit, attempt, AttemptStatus::kRetryable, true);
      return kOk;
  }
  return kOk;
}

void Model::Chain(const ModelSpec& spec, const ModelUnit& unit, const ModelAttempt& attempt) {
  const auto next = specs.find(spec.meta.then);
  if (next == specs.end()) return;
  const double priority = unit.priority;
  for (const NewUnit& item : ReadOutput(attempt.own.value_or(attempt.handed_out))) {
    Add(next->second, item, priority);
  }
}

bool Model::WillBegin(const Update& update) const {
  if (update.status == AskedStatus::kNone || update.status == AskedStatus::kAvailable) return false;
  const auto spec = specs.find(update.spec);
  if (spec == specs.end()) return false;
  const auto found = spec->second.units.find(update.unit);
  if (found == spec->second.units.end()) return false;
  const ModelUnit& unit = found->second;
  if (StatusOf(unit) != Resting(unit)) return false;
  return !unit.active || (update.worker && *update.worker != unit.attempts.at(*unit.active).worker);
}

OwnedUpdate Model::Apply(const Update& update, AttemptId made) {
  const OwnedUpdate yes{true, ""};
  const OwnedUpdate no{false, ""};
  const OwnedUpdate refused{false, "a message"};
  if (update.status == AskedStatus::kNone && !update.data && !update.lease_time) return refused;
  const auto spec = specs.find(update.spec);
  if (spec == specs.end()) return refused;
  const auto found = spec->second.units.find(update.unit);
  if (found == spec->second.units.end()) return refused;
  ModelUnit& unit = found->second;
  const WorkUnitStatus status = StatusOf(unit);
  if (update.only_if_owner &&
      (!unit.active || unit.attempts.at(*unit.active).worker != update.worker)) {
    return refused;
  }
  const bool given = update.lease_time && *update.lease_time <= Duration(24h);
  Duration extend = given ? *update.lease_time : Duration(300s);
  const auto event = [&](AttemptEvent what, Duration duration) {
    Change({update.spec, update.unit, *unit.active}, what, duration, update.data);
    return yes;
  };
  if (status == WorkUnitStatus::kFinished || status == WorkUnitStatus::kFailed) {
    if (update.status == AskedStatus::kPending) return refused;
    if (update.status == AskedStatus::kAvailable) {
      ClearActive(unit);
      return yes;
    }
    const bool wins = status == WorkUnitStatus::kFailed && update.status == AskedStatus::kFinished;
    return wins ? event(AttemptEvent::kFinish, Duration(0)) : no;
  }
  if (status != WorkUnitStatus::kPending) {
    if (update.status == AskedStatus::kNone || update.status == AskedStatus::kAvailable) {
      if (!update.data) return no;
      ReplaceData(unit, *update.data);
      return yes;
    }
    if (WillBegin(update)) {
      Begin(update.spec, update.unit, update.worker.value_or(""), made, extend);
    }
  } else if (!update.lease_time) {
    extend = std::max(extend, unit.attempts.at(*unit.active).expiration - now);
  }
  switch (update.status) {
    case AskedStatus::kNone:
    case AskedStatus::kPending:
      return event(AttemptEvent::kRenew, extend);
    case AskedStatus::kAvailable:
      return update.delay ? event(AttemptEvent::kRetry, *update.delay)
                          : event(AttemptEvent::kExpire, Duration(0));
    case AskedStatus::kFinished:
      return event(AttemptEvent::kFinish, Duration(0));
    case AskedStatus::kFailed:
      return event(AttemptEvent::kFail, Duration(0));
  }
  return no;
}

void Model::Release(const std::string& worker, const std::vector<AttemptId>& ids) {
  for (const ModelAttempt* const attempt : AttemptsOf(worker)) {
    if (std::find(ids.begin(), ids.end(), attempt->id) == ids.end()) continue;
    if (attempt->stored != AttemptStatus::kPending || IsLapsed(*attempt)) continue;
    Change({attempt->spec, attempt->unit, attempt->id}, AttemptEvent::kExpire, Duration(0), {});
  }
}

// --- Retention -----------------------------------------------------------------------------------

Mismatch Model::FollowRetention(ModelSpec& spec, const std::vector<std::string>& kept) {
  for (const WorkUnitStatus status : {WorkUnitStatus::kFinished, WorkUnitStatus::kFailed}) {
    std::vector<WallTime> ends;  // of those that stay
    std::vector<std::pair<WallTime, std::string>> gone;
    for (const std::string& name : Select(spec, {.statuses = status})) {
      const ModelUnit& unit = spec.units.at(name);
      const WallTime end = unit.attempts.at(*unit.active).end;
      const bool old = spec.meta.keep_age && end + *spec.meta.keep_age <= now;
      if (std::find(kept.begin(), kept.end(), name) == kept.end()) {
        gone.emplace_back(end, name);
      } else if (old) {
        return name + " is too old to be kept";
      } else {
        ends.push_back(end);
      }
    }
    const std::size_t most = spec.meta.keep_count.value_or(SIZE_MAX);
    if (ends.size() > most) return "more completed units than may be kept";
    for (const auto& [end, name] : gone) {
      const bool old = spec.meta.keep_age && end + *spec.meta.keep_age <= now;
      const bool older = ends.size() == most && std::all_of(ends.begin(), ends.end(),
                                                            [&](WallTime e) { return e >= end; });
      if (!old && !older) return name + " should have been kept";
      spec.units.erase(name);
      ++spec.removed[IndexOf(status)];
    }
  }
  return std::nullopt;
}

// --- Views ---------------------------------------------------------------------------------------

OwnedAttempt Model::View(const ModelAttempt& attempt) const {
  const bool lapsed = IsLapsed(attempt);
  return {.id = attempt.id,
          .spec = attempt.spec,
          .unit = attempt.unit,
          .worker = attempt.worker,
          .status = lapsed ? AttemptStatus::kExpired : attempt.stored,
          .start = attempt.start,
          .expiration = attempt.expiration,
          .end = lapsed ? attempt.expiration : attempt.end,
          .data = attempt.own.value_or(attempt.handed_out)};
}

OwnedUnit Model::View(const std::string& name, const ModelUnit& unit) const {
  OwnedUnit view{.name = name,
                 .exists = true,
                 .status = StatusOf(unit),
                 .priority = unit.priority,
                 .not_before = unit.not_before,
                 .data = unit.data,
                 .active = std::nullopt};
  if (unit.active && !IsLapsed(unit.attempts.at(*unit.active))) {
    view.active = View(unit.attempts.at(*unit.active));
    view.data = view.active->data;
  }
  return view;
}

std::vector<const ModelAttempt*> Model::AttemptsOf(const std::string& worker) const {
  std::vector<const ModelAttempt*> attempts;
  for (const auto& [spec_name, spec] : specs) {
    for (const auto& [unit_name, unit] : spec.units) {
      for (const auto& [id, attempt] : unit.attempts) {
        if (attempt.worker == worker) attempts.push_back(&attempt);
      }
    }
  }
  std::sort(attempts.begin(), attempts.end(),
            [](const ModelAttempt* a, const ModelAttempt* b) { return a->id < b->id; });
  return attempts;
}

std::vector<WallTime> Model::Boundaries() const {
  std::set<WallTime> times;
  for (const auto& [spec_name, spec] : specs) {
    times.insert(spec.next_continuous);
    for (const auto& [unit_name, unit] : spec.units) {
      times.insert(unit.not_before);
      if (unit.active) times.insert(unit.attempts.at(*unit.active).expiration);
    }
  }
  for (const auto& [name, worker] : workers) times.insert(worker.expiration);
  for (const ModelLock& lock : locks) times.insert(lock.until);
  times.erase(times.begin(), times.upper_bound(now));
  return {times.begin(), times.end()};
}

}  // namespace coord::testing

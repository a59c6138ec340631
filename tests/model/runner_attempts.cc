// SPDX-License-Identifier: MIT
// The runner's operations on attempts: requesting work, changing and making attempts.
#include <algorithm>
#include <chrono>

#include "describe.h"
#include "printing.h"
#include "runner.h"

namespace coord::testing {

using namespace std::chrono_literals;

Mismatch Runner::RunAttempts(World& world, OperationKind kind, Draw& draw) {
  switch (kind) {
    case OperationKind::kRequest:
      return Request(world, draw);
    case OperationKind::kUpdate:
      return ApplyUpdates(world, draw);
    case OperationKind::kChange:
      return Change(world, draw);
    case OperationKind::kMakeAttempt:
      return MakeAttempt(world, draw);
    default:
      return Release(world, draw);
  }
}

// Leaves out what is not said: what an update does to a lapsed attempt's data, or that is never
// pending.
Update Runner::Specified(World& world, Update update) {
  const auto spec = world.model.specs.find(update.spec);
  if (spec == world.model.specs.end()) return update;
  const auto found = spec->second.units.find(update.unit);
  if (found == spec->second.units.end()) return update;
  const ModelUnit& unit = found->second;
  if (world.model.StatusOf(unit) == WorkUnitStatus::kPending) return update;
  if (update.lease_time && *update.lease_time <= Duration(0)) update.lease_time = 30s;
  if (unit.active && world.model.IsLapsed(unit.attempts.at(*unit.active))) {
    update.only_if_owner = false;
    const bool ends = update.status == AskedStatus::kFinished ||
                      update.status == AskedStatus::kFailed ||
                      update.status == AskedStatus::kPending;
    if (!ends) update.data.reset();
  }
  return update;
}

Mismatch Runner::ApplyUpdates(World& world, Draw& draw) {
  // Each is on a unit of its own, so that Specified() is right for all of them beforehand.
  const Update first = Specified(world, draw.AnyUpdate());
  std::vector<Update> updates = {first};
  const Update second = Specified(world, draw.AnyUpdate());
  if (draw.OneIn(3) && second.unit != first.unit) {
    Map no_output;
    updates.front().data = updates.front().data ? std::optional<Map>(no_output) : std::nullopt;
    updates.push_back(second);
  }
  for (const Update& update : updates) {
    Say(Text(update));
    SyncWorker(world, update.worker.value_or(""));
  }
  Keeper keeper;
  const OwnedOutcome outcome = world.client.Run(UpdateWorkUnits{.updates = keeper.Keep(updates)});
  const OwnedUpdates* const replies = std::get_if<OwnedUpdates>(&outcome);
  if (replies == nullptr) return "update: " + ToDebugText(outcome);
  return FollowUpdates(world, updates, *replies);
}

Mismatch Runner::FollowUpdates(World& world, const std::vector<Update>& updates,
                               const OwnedUpdates& replies) {
  if (replies.size() != updates.size()) return "another number of updates was answered";
  for (std::size_t i = 0; i < updates.size(); ++i) {
    AttemptId made{0};
    if (world.model.WillBegin(updates[i])) {
      const ModelUnit& unit = world.model.specs.at(updates[i].spec).units.at(updates[i].unit);
      for (const OwnedAttempt& attempt :
           world.client.UnitAttempts(updates[i].spec, updates[i].unit)) {
        if (made == AttemptId{0} && !unit.attempts.contains(attempt.id)) made = attempt.id;
      }
      if (!replies[i].ok) made = AttemptId{0};
      Remember({updates[i].spec, updates[i].unit, made});
    }
    const OwnedUpdate expected = world.model.Apply(updates[i], made);
    if (expected.ok != replies[i].ok || expected.message.empty() != replies[i].message.empty()) {
      return "update " + std::to_string(i) + " answered " + (replies[i].ok ? "true" : "false") +
             " with the message '" + replies[i].message + "'";
    }
  }
  return std::nullopt;
}

Mismatch Runner::Change(World& world, Draw& draw) {
  if (held_.empty()) return std::nullopt;
  Held held = draw.OneOf(held_);
  if (draw.OneIn(20)) held.unit = draw.Unit();
  auto event = static_cast<AttemptEvent>(draw.Below(5));
  // Whether the retry of a pre-empted attempt delays its unit is not said.
  if (event == AttemptEvent::kRetry && !world.model.IsActive(held)) event = AttemptEvent::kFail;
  const Duration duration = draw.OneOf<Duration>({-1s, 0s, 10s, 10s, 60s});
  const std::optional<Map> data = draw.MaybeData();
  const Duration given =
      event == AttemptEvent::kRetry ? std::max<Duration>(duration, 0s) : duration;
  Say(std::string(ToText(event)) + " " + Text(held) + " " + Seconds(given) + " " + Text(data));
  const Failure got = world.client.Change(held, event, given, data);
  return Compare("change", world.model.Change(held, event, given, data), got);
}

// The units that the store has failed and the model has not.
OutOfTries Runner::FindOutOfTries(World& world) {
  OutOfTries failed;
  for (const auto& [name, spec] : world.model.specs) {
    if (spec.meta.max_retries == 0) continue;
    for (const OwnedUnit& unit : world.client.List(name, {.statuses = WorkUnitStatus::kFailed})) {
      const auto found = spec.units.find(unit.name);
      if (found == spec.units.end() || !unit.active) continue;
      if (world.model.StatusOf(found->second) != WorkUnitStatus::kFailed) {
        failed[name][unit.name] = unit.active->id;
      }
    }
  }
  return failed;
}

Mismatch Runner::Request(World& world, Draw& draw) {
  const Ask ask = draw.Ask();
  std::vector<Update> updates;
  if (draw.OneIn(4)) updates.push_back(Specified(world, draw.AnyUpdate()));
  Say("request " + std::to_string(ask.count) + " for " + ask.worker + " lifetime " +
      Seconds(ask.lifetime) + " specs " + Text(ask.specs) + " runtimes " + Text(ask.runtimes));
  SyncWorker(world, ask.worker);
  for (const Update& update : updates) {
    Say(Text(update));
    SyncWorker(world, update.worker.value_or(""));
  }
  Keeper keeper;
  RequestWork request = keeper.Keep(ask);
  request.updates = keeper.Keep(updates);
  const OwnedOutcome outcome = world.client.Run(request);
  const OwnedWork* const work = std::get_if<OwnedWork>(&outcome);
  if (work == nullptr) return "request: " + ToDebugText(outcome);
  Say("-> " + ToDebugText(outcome));
  if (Mismatch mismatch = FollowUpdates(world, updates, work->updates)) return mismatch;
  for (const OwnedGrant& unit : work->units) Remember({work->spec, unit.name, unit.attempt});
  return world.model.FollowRequest(ask, *work, FindOutOfTries(world));
}

Mismatch Runner::MakeAttempt(World& world, Draw& draw) {
  const std::string spec = draw.Spec();
  const std::string unit = draw.Unit();
  const std::string worker = draw.Worker();
  const Duration lifetime = draw.Lifetime();
  Say("make an attempt at " + spec + "/" + unit + " for " + worker + " " + Seconds(lifetime));
  SyncWorker(world, worker);
  const OwnedOutcome outcome = world.client.Run(
      coord::MakeAttempt{.spec = spec, .unit = unit, .worker = worker, .lifetime = lifetime});
  const auto found = world.model.specs.find(spec);
  if (found == world.model.specs.end()) {
    return Compare("make", ErrorCode::kNoSuchWorkSpec, FailureOf(outcome));
  }
  if (!found->second.units.contains(unit)) {
    return Compare("make", ErrorCode::kNoSuchWorkUnit, FailureOf(outcome));
  }
  const OwnedAttempts* const made = std::get_if<OwnedAttempts>(&outcome);
  if (made == nullptr || made->size() != 1) return "make: " + ToDebugText(outcome);
  Remember({spec, unit, made->front().id});
  const ModelAttempt& begun = world.model.Begin(spec, unit, worker, made->front().id, lifetime);
  if (world.model.View(begun) != made->front()) return "make: " + ToDebugText(outcome);
  return std::nullopt;
}

Mismatch Runner::Release(World& world, Draw& draw) {
  const std::string worker = draw.Worker();
  std::vector<AttemptId> ids = {AttemptId{999'999'999}};
  for (std::uint64_t left = draw.Below(4); left > 0 && !held_.empty(); --left) {
    ids.push_back(draw.OneOf(held_).id);
  }
  // Whether those that may not be in the worker's list any more are found is not said.
  for (const ModelAttempt* const attempt : world.model.AttemptsOf(worker)) {
    if (attempt->listed_open) std::erase(ids, attempt->id);
  }
  Say("release " + std::to_string(ids.size()) + " of " + worker);
  const Failure failure = world.client.ErrorOf(ReleaseAttempts{.worker = worker, .ids = ids});
  world.model.Release(worker, ids);
  return Compare("release", kOk, failure);
}

}  // namespace coord::testing

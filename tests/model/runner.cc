// SPDX-License-Identifier: MIT
#include "runner.h"

#include <algorithm>
#include <chrono>

#include "describe.h"
#include "printing.h"

namespace coord::testing {

using namespace std::chrono_literals;

namespace {

// How many attempts are kept to do something with.
constexpr std::size_t kRemembered = 30;

}  // namespace

Runner::Runner(StoreHarness& harness) : harness_(harness), connection_(harness) {
  for (const char* const name : {"", "n"}) {
    worlds_.emplace(name, World{Client(connection_, name), Model()});
  }
}

Mismatch Runner::Run(const Operation& operation) {
  Draw draw(operation.seed);
  auto world = worlds_.begin();
  if (draw.OneIn(5)) ++world;
  trace_.push_back(world->first + ":");
  for (auto& [name, each] : worlds_) each.model.now = harness_.clock().Now();
  if (Mismatch mismatch = Execute(world->second, operation, draw)) return mismatch;
  for (auto& [name, each] : worlds_) {
    each.model.now = harness_.clock().Now();
    if (Mismatch mismatch = FollowRetention(each)) return mismatch;
    SyncWorkers(each);
  }
  return std::nullopt;
}

Mismatch Runner::Execute(World& world, const Operation& operation, Draw& draw) {
  switch (operation.kind) {
    case OperationKind::kSetSpec:
    case OperationKind::kSetMeta:
    case OperationKind::kDeleteSpec:
    case OperationKind::kClearSpecs:
    case OperationKind::kDestroyNamespace:
      return RunSpecs(world, operation.kind, draw);
    case OperationKind::kAdd:
    case OperationKind::kSetUnitMeta:
    case OperationKind::kRetryUnits:
    case OperationKind::kPrioritize:
    case OperationKind::kDelete:
    case OperationKind::kList:
      return RunUnits(world, operation.kind, draw);
    case OperationKind::kRequest:
    case OperationKind::kUpdate:
    case OperationKind::kChange:
    case OperationKind::kMakeAttempt:
    case OperationKind::kRelease:
      return RunAttempts(world, operation.kind, draw);
    case OperationKind::kBeat:
    case OperationKind::kUnregister:
    case OperationKind::kGetWorker:
    case OperationKind::kLocks:
      return RunWorkers(world, operation.kind, draw);
    case OperationKind::kAdvance:
    case OperationKind::kSettle:
    case OperationKind::kReopen:
      return RunClock(operation.kind, draw);
  }
  return std::nullopt;
}

void Runner::Remember(const Held& held) {
  held_.push_back(held);
  if (held_.size() > kRemembered) held_.erase(held_.begin());
}

// --- Specs ---------------------------------------------------------------------------------------

Mismatch Runner::RunSpecs(World& world, OperationKind kind, Draw& draw) {
  switch (kind) {
    case OperationKind::kSetSpec:
      return SetSpec(world, draw);
    case OperationKind::kSetMeta:
      return SetMeta(world, draw);
    case OperationKind::kDeleteSpec: {
      const std::string name = draw.Spec();
      Say("delete spec " + name);
      const bool known = world.model.specs.erase(name) > 0;
      return Compare("delete spec", known ? kOk : Failure(ErrorCode::kNoSuchWorkSpec),
                     world.client.ErrorOf(DeleteWorkSpec{name}));
    }
    case OperationKind::kClearSpecs: {
      Say("clear specs");
      const OwnedOutcome outcome = world.client.Run(ClearWorkSpecs{});
      const std::uint64_t expected = world.model.specs.size();
      world.model.specs.clear();
      const CountReply* const reply = std::get_if<CountReply>(&outcome);
      return Compare("clear specs", expected, reply == nullptr ? UINT64_MAX : reply->count);
    }
    default:
      Say("destroy the namespace");
      world.model = Model();
      return Compare("destroy", kOk, world.client.ErrorOf(DestroyNamespace{}));
  }
}

Mismatch Runner::SetSpec(World& world, Draw& draw) {
  const std::string name = draw.Spec();
  const ModelDefinition definition = draw.Definition();
  Say("set spec " + ToDebugText(Value(definition.ToMap(name))));
  Keeper keeper;
  const Failure failure = world.client.ErrorOf(
      SetWorkSpec{.definition = keeper.Keep(definition.ToMap(name)), .replaces = {}});
  world.model.SetWorkSpec(name, definition);
  return Compare("set spec", kOk, failure);
}

Mismatch Runner::SetMeta(World& world, Draw& draw) {
  const std::string name = draw.Spec();
  WorkSpecMetaChange change;
  if (draw.OneIn(2)) change.max_running = draw.Below(4);
  if (draw.OneIn(3)) change.paused = draw.OneIn(3);
  if (draw.OneIn(3)) change.weight = static_cast<std::int64_t>(draw.Below(50));
  if (draw.OneIn(3)) change.priority = static_cast<std::int64_t>(draw.Below(3));
  if (draw.OneIn(3)) change.max_retries = draw.Below(3);
  if (draw.OneIn(3)) change.continuous = draw.OneIn(2);
  Say("set meta of " + name + (change.paused ? " paused" : "") +
      (change.max_running ? " max_running " + std::to_string(*change.max_running) : ""));
  const Failure failure = world.client.ErrorOf(SetWorkSpecMeta{.spec = name, .change = change});
  const auto found = world.model.specs.find(name);
  if (found == world.model.specs.end()) {
    return Compare("set meta", ErrorCode::kNoSuchWorkSpec, failure);
  }
  ModelDefinition& meta = found->second.meta;
  meta.max_running = change.max_running.value_or(meta.max_running);
  meta.paused = change.paused.value_or(meta.paused);
  meta.weight = change.weight.value_or(meta.weight);
  meta.priority = change.priority.value_or(meta.priority);
  meta.max_retries = change.max_retries.value_or(meta.max_retries);
  if (change.continuous) found->second.continuous = *change.continuous && meta.can_be_continuous;
  return Compare("set meta", kOk, failure);
}

// --- Units ---------------------------------------------------------------------------------------

Mismatch Runner::RunUnits(World& world, OperationKind kind, Draw& draw) {
  if (kind == OperationKind::kAdd) return Add(world, draw);
  if (kind == OperationKind::kSetUnitMeta) return SetUnitMeta(world, draw);
  if (kind == OperationKind::kList) return List(world, draw);
  return ChangeByQuery(world, kind, draw);
}

Mismatch Runner::Add(World& world, Draw& draw) {
  const std::string name = draw.Spec();
  const bool only_new = draw.OneIn(6);
  std::vector<NewUnit> units;
  for (std::uint64_t left = 1 + draw.Below(4); left > 0; --left) units.push_back(draw.Item());
  Say((only_new ? "add new to " : "add to ") + name);
  for (const NewUnit& unit : units) {
    Say(unit.name + " " + ToDebugText(Value(unit.data)) +
        (unit.priority ? " priority " + std::to_string(*unit.priority) : "") +
        (unit.delay > Duration(0) ? " delay " + Seconds(unit.delay) : ""));
  }
  Keeper keeper;
  const Failure failure = world.client.ErrorOf(
      AddWorkUnits{.spec = name, .items = keeper.Keep(units), .only_new = only_new});
  const auto found = world.model.specs.find(name);
  if (found == world.model.specs.end()) {
    return Compare("add", ErrorCode::kNoSuchWorkSpec, failure);
  }
  const std::map<std::string, ModelUnit> before = found->second.units;
  for (const NewUnit& unit : units) {
    if (!only_new || !before.contains(unit.name)) world.model.Add(found->second, unit);
  }
  return Compare("add", kOk, failure);
}

Mismatch Runner::SetUnitMeta(World& world, Draw& draw) {
  const std::string spec_name = draw.Spec();
  const std::string unit_name = draw.Unit();
  SetWorkUnitMeta change;
  change.spec = spec_name;
  change.unit = unit_name;
  if (draw.OneIn(2)) change.priority = static_cast<double>(draw.Below(5)) - 2;
  if (draw.OneIn(3)) {
    change.not_before = world.model.now + std::chrono::seconds(5 * draw.Below(3));
  }
  change.clear_active = draw.OneIn(2);
  const auto spec = world.model.specs.find(spec_name);
  ModelUnit* unit = nullptr;
  if (spec != world.model.specs.end() && spec->second.units.contains(unit_name)) {
    unit = &spec->second.units.at(unit_name);
    // Whether clearing nothing gives new tries is not said.
    if (!unit->active) change.clear_active = false;
  }
  Say("set meta of unit " + spec_name + "/" + unit_name + (change.clear_active ? " clear" : ""));
  const Failure failure = world.client.ErrorOf(change);
  if (spec == world.model.specs.end()) {
    return Compare("unit meta", ErrorCode::kNoSuchWorkSpec, failure);
  }
  if (unit == nullptr) return Compare("unit meta", ErrorCode::kNoSuchWorkUnit, failure);
  unit->priority = change.priority.value_or(unit->priority);
  unit->not_before = change.not_before.value_or(unit->not_before);
  if (change.clear_active) world.model.ClearActive(*unit);
  return Compare("unit meta", kOk, failure);
}

Mismatch Runner::ChangeByQuery(World& world, OperationKind kind, Draw& draw) {
  const std::string name = draw.Spec();
  Query query = draw.AnyQuery();
  const bool adjust = draw.OneIn(2);
  const double priority = static_cast<double>(draw.Below(4)) - 1;
  if (kind == OperationKind::kRetryUnits) {
    // Whether a lapsed attempt counts here is not said.
    query.statuses = draw.OneOf<WorkUnitStatus>(
        {WorkUnitStatus::kPending, WorkUnitStatus::kFinished, WorkUnitStatus::kFailed});
  }
  Keeper keeper;
  OwnedOutcome outcome;
  if (kind == OperationKind::kDelete) {
    Say("delete " + name + " " + Text(query));
    outcome = world.client.Run(DeleteWorkUnits{.spec = name, .query = keeper.Keep(query)});
  } else if (kind == OperationKind::kRetryUnits) {
    Say("retry " + name + " " + Text(query));
    outcome = world.client.Run(RetryWorkUnits{.spec = name, .query = keeper.Keep(query)});
  } else {
    Say((adjust ? "adjust " : "prioritize ") + name + " " + Text(query));
    outcome = world.client.Run(PrioritizeWorkUnits{
        .spec = name, .query = keeper.Keep(query), .priority = priority, .adjust = adjust});
  }
  const auto found = world.model.specs.find(name);
  if (found == world.model.specs.end()) {
    return Compare("by query", ErrorCode::kNoSuchWorkSpec, FailureOf(outcome));
  }
  ModelSpec& spec = found->second;
  const std::vector<std::string> names = world.model.Select(spec, query);
  std::uint64_t expected = names.size();
  if (kind == OperationKind::kDelete) {
    expected = world.model.Delete(spec, query);
  } else {
    for (const std::string& unit_name : names) {
      ModelUnit& unit = spec.units.at(unit_name);
      if (kind == OperationKind::kRetryUnits) {
        world.model.ClearActive(unit);
      } else {
        unit.priority = adjust ? unit.priority + priority : priority;
      }
    }
  }
  const CountReply* const reply = std::get_if<CountReply>(&outcome);
  return Compare("by query", expected, reply == nullptr ? UINT64_MAX : reply->count);
}

Mismatch Runner::List(World& world, Draw& draw) {
  const std::string name = draw.Spec();
  const Query query = draw.AnyQuery();
  Say("list " + name + " " + Text(query));
  Keeper keeper;
  const OwnedOutcome outcome =
      world.client.Run(ListWorkUnits{.spec = name, .query = keeper.Keep(query)});
  const auto found = world.model.specs.find(name);
  if (found == world.model.specs.end()) {
    return Compare("list", ErrorCode::kNoSuchWorkSpec, FailureOf(outcome));
  }
  const OwnedUnits* const units = std::get_if<OwnedUnits>(&outcome);
  if (units == nullptr) return "list: " + ToDebugText(outcome);
  Strings names;
  for (const OwnedUnit& unit : *units) names.push_back(unit.name);
  const Strings expected = world.model.Select(found->second, query);
  if (names != expected) return Differ("list", Text(expected), Text(names));
  return std::nullopt;
}

// --- Workers, locks, time ------------------------------------------------------------------------

void Runner::SyncWorker(World& world, const std::string& name) {
  if (world.model.MayBeForgotten(name) && !world.client.FindWorker(name)) world.model.Forget(name);
}

void Runner::SyncWorkers(World& world) {
  Strings names;
  for (const auto& [name, worker] : world.model.workers) names.push_back(name);
  for (const std::string& name : names) SyncWorker(world, name);
}

Mismatch Runner::RunWorkers(World& world, OperationKind kind, Draw& draw) {
  if (kind == OperationKind::kLocks) return ChangeLocks(world, draw);
  if (kind == OperationKind::kBeat) return Beat(world, draw);
  const std::string name = draw.Worker();
  SyncWorker(world, name);
  if (kind == OperationKind::kUnregister) {
    Say("unregister " + name);
    const Failure failure = world.client.ErrorOf(UnregisterWorker{name});
    return Compare("unregister", world.model.Unregister(name) ? kOk : Failure(ErrorCode::kNotFound),
                   failure);
  }
  Say("get worker " + name);
  world.model.WorkerOf(name);
  if (world.client.Worker(name).name != name) return "get worker: another one";
  return std::nullopt;
}

Mismatch Runner::Beat(World& world, Draw& draw) {
  const std::string name = draw.Worker();
  const Duration lifetime = draw.OneOf<Duration>({10s, 60s, 1h});
  const Map data = draw.UnitData();
  std::optional<std::string> parent;
  // Of a pool of their own: whether naming a parent makes it is not said.
  if (draw.OneIn(2)) parent = "p" + std::to_string(draw.Below(2));
  Say("heartbeat of " + name + " for " + Seconds(lifetime) + " parent " + parent.value_or("-"));
  SyncWorker(world, name);
  world.client.Beat(name, lifetime, data, parent, "run");
  world.model.Beat(name, lifetime, data, parent);
  world.model.WorkerOf(name).mode = "run";
  return std::nullopt;
}

Mismatch Runner::ChangeLocks(World& world, Draw& draw) {
  const auto operation = static_cast<LockOperation>(draw.Below(4));
  const std::string locker = "l" + std::to_string(draw.Below(2));
  const Duration lifetime = draw.OneOf<Duration>({10s, 30s});
  std::vector<Path> paths;
  Say("locks " + std::to_string(static_cast<int>(operation)) + " by " + locker);
  for (std::uint64_t left = 1 + draw.Below(3); left > 0; --left) {
    const Path path = draw.LockPath();
    // What a path given twice means to renewing and releasing is not said.
    if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
    Say(ToDebugText(Value(coord::List(path))));
  }
  const std::vector<bool> got = world.client.ChangeLocks(operation, locker, paths, lifetime);
  if (got != world.model.ChangeLocks(operation, locker, paths, lifetime)) {
    return "locks: another answer";
  }
  return std::nullopt;
}

Mismatch Runner::RunClock(OperationKind kind, Draw& draw) {
  if (kind == OperationKind::kAdvance) return Advance(draw);
  if (kind == OperationKind::kReopen && harness_.capabilities().durable) {
    Say("reopen");
    connection_.Reopen();
    return std::nullopt;
  }
  Say("settle");
  connection_.Settle();
  return std::nullopt;
}

Mismatch Runner::Advance(Draw& draw) {
  ManualClock& clock = harness_.clock();
  const WallTime now = clock.Now();
  std::vector<WallTime> boundaries;
  for (const auto& [name, world] : worlds_) {
    const std::vector<WallTime> of_world = world.model.Boundaries();
    boundaries.insert(boundaries.end(), of_world.begin(), of_world.end());
  }
  std::sort(boundaries.begin(), boundaries.end());
  WallTime to = now + std::chrono::seconds(1 + draw.Below(10));
  if (!boundaries.empty() && !draw.OneIn(4)) {
    // Mostly to one of the next, and to the instants around it.
    const std::uint64_t among = std::min<std::uint64_t>(boundaries.size(), 4);
    to = boundaries[draw.Below(among)] + Duration(static_cast<int>(draw.Below(3)) - 1);
  } else if (draw.OneIn(30)) {
    to = now + 25h;
  } else if (draw.OneIn(10)) {
    to = now + 1h;
  }
  clock.Set(std::max(to, now));
  Say("advance by " + Seconds(clock.Now() - now));
  return std::nullopt;
}

Mismatch Runner::FollowRetention(World& world) {
  for (auto& [name, spec] : world.model.specs) {
    if (!spec.meta.keep_age && !spec.meta.keep_count) continue;
    world.client.ApplyRetention(Strings{name});
    if (Mismatch mismatch = world.model.FollowRetention(spec, world.client.Names(name))) {
      return "retention of " + name + ": " + *mismatch;
    }
  }
  return std::nullopt;
}

}  // namespace coord::testing

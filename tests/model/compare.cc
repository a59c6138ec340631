// SPDX-License-Identifier: MIT
// The runner's comparison of everything that can be read.
#include <algorithm>
#include <sstream>

#include "printing.h"
#include "runner.h"

namespace coord::testing {

namespace {

template <typename T>
Mismatch Differ(const std::string& what, const T& expected, const T& got) {
  std::ostringstream text;
  text << what << ": expected ";
  PrintTo(expected, &text);
  text << ", got ";
  PrintTo(got, &text);
  return text.str();
}

// The store's attempt with what is not said replaced by what the model has.
OwnedAttempt WithoutOpen(const ModelAttempt& attempt, const OwnedAttempt& expected,
                         OwnedAttempt got) {
  if (attempt.stored != AttemptStatus::kPending) got.expiration = expected.expiration;
  if (attempt.end_open) got.end = expected.end;
  if (attempt.data_open && !attempt.own) got.data = expected.data;
  return got;
}

bool IsParent(const std::string& worker) { return worker.starts_with("p"); }

}  // namespace

Mismatch Runner::CompareAll() {
  for (auto& [name, world] : worlds_) {
    world.model.now = harness_.clock().Now();
    if (Mismatch mismatch = CompareSpecs(world)) return mismatch;
    if (Mismatch mismatch = CompareSummary(world, name)) return mismatch;
    if (Mismatch mismatch = CompareWorkers(world)) return mismatch;
    if (Mismatch mismatch = CompareLocks(world)) return mismatch;
  }
  return std::nullopt;
}

Mismatch Runner::CompareSpecs(World& world) {
  Strings expected;
  for (const auto& [name, spec] : world.model.specs) expected.push_back(name);
  if (world.client.ListWorkSpecs().names != expected) return "other specs";
  for (const auto& [name, spec] : world.model.specs) {
    const OwnedMeta got = world.client.MetaWithCounts(name);
    const StatusCounts counts = world.model.Counts(spec);
    const ModelDefinition& meta = spec.meta;
    const std::uint64_t available = counts[IndexOf(WorkUnitStatus::kAvailable)];
    const std::uint64_t pending = counts[IndexOf(WorkUnitStatus::kPending)];
    if (got.available != available || got.pending != pending) {
      return name + ": expected " + std::to_string(available) + " available and " +
             std::to_string(pending) + " pending, got " + std::to_string(got.available) + " and " +
             std::to_string(got.pending);
    }
    if (got.meta.priority != meta.priority || got.meta.weight != meta.weight ||
        got.meta.paused != meta.paused || got.meta.continuous != spec.continuous ||
        got.meta.next_continuous != spec.next_continuous ||
        got.meta.max_running != meta.max_running || got.meta.max_retries != meta.max_retries ||
        got.meta.next_work_spec_name != meta.then) {
      return "other meta of " + name;
    }
    if (world.client.Counts(name) != counts) return "other counts of " + name;
    if (Mismatch mismatch = CompareUnits(world, name, spec)) return mismatch;
  }
  return std::nullopt;
}

Mismatch Runner::CompareUnits(World& world, const std::string& name, const ModelSpec& spec) {
  const OwnedUnits got = world.client.List(name);
  if (got.size() != spec.units.size()) return "another number of units in " + name;
  std::size_t index = 0;
  for (const auto& [unit_name, unit] : spec.units) {
    const OwnedUnit expected = world.model.View(unit_name, unit);
    OwnedUnit seen = got[index++];
    if (expected.active && seen.active) {
      seen.active =
          WithoutOpen(unit.attempts.at(expected.active->id), *expected.active, *seen.active);
    }
    if (seen != expected) return Differ("unit of " + name, expected, seen);
    if (Mismatch mismatch = CompareAttempts(world, name, unit_name, unit)) return mismatch;
  }
  return std::nullopt;
}

Mismatch Runner::CompareAttempts(World& world, const std::string& spec, const std::string& unit,
                                 const ModelUnit& expected) {
  OwnedAttempts got = world.client.UnitAttempts(spec, unit);
  if (got.size() != expected.attempts.size()) {
    return "another number of attempts at " + spec + "/" + unit;
  }
  std::sort(got.begin(), got.end(),
            [](const OwnedAttempt& a, const OwnedAttempt& b) { return a.id < b.id; });
  std::size_t index = 0;
  for (const auto& [id, attempt] : expected.attempts) {
    const OwnedAttempt view = world.model.View(attempt);
    const OwnedAttempt seen = WithoutOpen(attempt, view, got[index++]);
    if (seen != view) return Differ("attempt", view, seen);
  }
  return std::nullopt;
}

Mismatch Runner::CompareSummary(World& world, const std::string& name_space) {
  OwnedSummary expected;
  for (const auto& [name, spec] : world.model.specs) {
    const StatusCounts counts = world.model.Counts(spec);
    for (const WorkUnitStatus status : kWorkUnitStatuses) {
      if (counts[IndexOf(status)] == 0) continue;
      expected.push_back({name_space, name, status, counts[IndexOf(status)]});
    }
  }
  OwnedSummary got = world.client.Summary();
  std::sort(got.begin(), got.end());
  if (got != expected) return "another summary";
  return std::nullopt;
}

Mismatch Runner::CompareWorkers(World& world) {
  SyncWorkers(world);
  Strings names;
  for (const auto& [name, worker] : world.model.workers) names.push_back(name);
  for (const std::string& name : world.client.WorkerNames()) {
    if (!IsParent(name) && !world.model.workers.contains(name)) return "a worker too many: " + name;
  }
  for (const auto& [name, worker] : world.model.workers) {
    std::optional<OwnedWorker> got = world.client.FindWorker(name);
    if (!got) return "no worker " + name;
    const OwnedWorker expected{.name = name,
                               .parent = worker.parent,
                               .data = worker.data,
                               .mode = worker.mode,
                               .active = worker.active,
                               .shown = world.model.IsShown(worker),
                               .last_update = worker.last_update,
                               .last_heartbeat = worker.last_heartbeat,
                               .expiration = worker.expiration,
                               .children = {}};
    if (*got != expected) return Differ("worker", expected, *got);
  }
  for (const std::string& name : names) {
    if (Mismatch mismatch = CompareLists(world, name)) return mismatch;
  }
  return std::nullopt;
}

Mismatch Runner::CompareLists(World& world, const std::string& worker) {
  std::vector<AttemptId> active;
  std::vector<AttemptId> all;
  std::vector<AttemptId> open;
  for (const ModelAttempt* const attempt : world.model.AttemptsOf(worker)) {
    all.push_back(attempt->id);
    if (attempt->listed_open) {
      open.push_back(attempt->id);
    } else if (attempt->listed) {
      active.push_back(attempt->id);
    }
  }
  const auto ids_of = [&](WorkerAttempts which) {
    std::vector<AttemptId> ids;
    for (const OwnedAttempt& attempt : world.client.WorkerAttemptsOf(worker, which)) {
      ids.push_back(attempt.id);
    }
    std::sort(ids.begin(), ids.end());
    return ids;
  };
  if (ids_of(WorkerAttempts::kAll) != all) return "another history of " + worker;
  std::vector<AttemptId> got = ids_of(WorkerAttempts::kActive);
  std::erase_if(
      got, [&](AttemptId id) { return std::find(open.begin(), open.end(), id) != open.end(); });
  if (got != active) {
    std::string text = "another active list of " + worker + ": expected";
    for (const AttemptId id : active) text += " " + std::to_string(static_cast<std::uint64_t>(id));
    text += ", got";
    for (const AttemptId id : got) text += " " + std::to_string(static_cast<std::uint64_t>(id));
    return text;
  }
  return std::nullopt;
}

Mismatch Runner::CompareLocks(World& world) {
  std::vector<Path> paths;
  for (const ModelLock& lock : world.model.locks) paths.push_back(lock.path);
  if (paths.empty()) return std::nullopt;
  const std::vector<std::optional<std::string>> got = world.client.ReadLocks(paths);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (got.at(i) != world.model.HolderOf(paths[i])) return "another holder of a lock";
  }
  return std::nullopt;
}

}  // namespace coord::testing

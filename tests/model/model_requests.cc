// SPDX-License-Identifier: MIT
// Requesting work, as the model sees it: the store chooses, the model checks and follows.
#include <algorithm>
#include <chrono>

#include "model.h"

namespace coord::testing {

namespace {

const Value kTooManyRetries = Map{{"traceback", "too many retries"}};

}  // namespace

std::vector<std::string> Model::InOrder(const ModelSpec& spec) const {
  std::vector<std::string> names = Select(spec, {.statuses = WorkUnitStatus::kAvailable});
  std::stable_sort(names.begin(), names.end(), [&](const std::string& a, const std::string& b) {
    return spec.units.at(a).priority > spec.units.at(b).priority;
  });
  return names;
}

std::uint64_t Model::Room(const ModelSpec& spec, std::uint64_t asked) const {
  std::uint64_t room = std::max<std::uint64_t>(asked, 1);
  if (spec.meta.max_attempts_returned != 0) room = std::min(room, spec.meta.max_attempts_returned);
  const std::uint64_t pending = Counts(spec)[IndexOf(WorkUnitStatus::kPending)];
  if (spec.meta.max_running == 0) return room;
  return spec.meta.max_running > pending ? std::min(room, spec.meta.max_running - pending) : 0;
}

bool Model::Passes(const std::string& name, const ModelSpec& spec, const Ask& ask) const {
  const auto among = [](const Strings& list, const std::string& one) {
    return list.empty() || std::find(list.begin(), list.end(), one) != list.end();
  };
  return !spec.meta.paused && spec.meta.weight > 0 && among(ask.specs, name) &&
         among(ask.runtimes, spec.meta.runtime) && Room(spec, 1) > 0;
}

bool Model::CanGive(const std::string& name, const ModelSpec& spec, const Ask& ask) const {
  if (!Passes(name, spec, ask)) return false;
  const StatusCounts counts = Counts(spec);
  if (counts[IndexOf(WorkUnitStatus::kAvailable)] > 0) return true;
  return spec.continuous && counts[IndexOf(WorkUnitStatus::kPending)] == 0 &&
         spec.next_continuous <= now;
}

void Model::FailOutOfTries(const std::string& spec, const std::string& unit,
                           const std::string& worker, AttemptId id) {
  ModelAttempt& attempt = Begin(spec, unit, worker, id, Duration(0));
  attempt.own = kTooManyRetries;
  attempt.expiration = kNoTime;  // not said; see View()
  End(specs.at(spec).units.at(unit), attempt, AttemptStatus::kFailed, false);
}

// Rounds in which all the units chosen were out of tries.
Mismatch Model::FollowFailures(const std::string& name, const Ask& ask,
                               std::map<std::string, AttemptId>& failed) {
  ModelSpec& spec = specs.at(name);
  while (!failed.empty()) {
    if (!Passes(name, spec, ask)) return "a unit of " + name + " failed, which cannot give work";
    std::vector<std::string> round = InOrder(spec);
    round.resize(std::min<std::size_t>(round.size(), Room(spec, ask.count)));
    if (round.empty()) return failed.begin()->first + " failed but was not available";
    for (const std::string& unit : round) {
      // Not all are: then this is the last round, and FollowUnits() looks at it.
      if (spec.units.at(unit).tries < spec.meta.max_retries) return std::nullopt;
    }
    for (const std::string& unit : round) {
      if (!failed.contains(unit)) return unit + " of " + name + " should have failed";
      FailOutOfTries(name, unit, ask.worker, failed.at(unit));
      failed.erase(unit);
    }
  }
  return std::nullopt;
}

Mismatch Model::CheckChoice(const Ask& ask, const std::string& chosen) const {
  if (!specs.contains(chosen) || !CanGive(chosen, specs.at(chosen), ask)) {
    return "work from " + chosen + ", which cannot give any";
  }
  std::int64_t weights = 0;
  std::int64_t pendings = 0;
  const auto pending_of = [this](const ModelSpec& spec) {
    return static_cast<std::int64_t>(Counts(spec)[IndexOf(WorkUnitStatus::kPending)]);
  };
  const ModelSpec& best = specs.at(chosen);
  for (const auto& [name, spec] : specs) {
    if (!CanGive(name, spec, ask)) continue;
    if (spec.meta.priority > best.meta.priority) return name + " goes before " + chosen;
    if (spec.meta.priority < best.meta.priority) continue;
    weights += spec.meta.weight;
    pendings += pending_of(spec);
  }
  const std::int64_t score = best.meta.weight * (pendings + 1) - weights * pending_of(best);
  if (score <= 0) return chosen + " has more than its share";
  return std::nullopt;
}

Mismatch Model::FollowUnits(const Ask& ask, const OwnedWork& reply,
                            std::map<std::string, AttemptId>& failed) {
  ModelSpec& spec = specs.at(reply.spec);
  std::vector<std::string> round = InOrder(spec);
  if (round.empty()) return FollowMadeUp(ask, reply);
  round.resize(std::min<std::size_t>(round.size(), Room(spec, ask.count)));
  std::size_t next = 0;
  for (const std::string& unit : round) {
    if (spec.meta.max_retries != 0 && spec.units.at(unit).tries >= spec.meta.max_retries) {
      if (!failed.contains(unit)) return unit + " is out of tries and did not fail";
      FailOutOfTries(reply.spec, unit, ask.worker, failed.at(unit));
      failed.erase(unit);
      continue;
    }
    if (next == reply.units.size()) return unit + " should have been returned";
    const OwnedGrant& got = reply.units[next++];
    if (got.name != unit) return "got " + got.name + " instead of " + unit;
    if (got.data != spec.units.at(unit).data) return got.name + " came with other data";
    const ModelAttempt& begun = Begin(reply.spec, unit, ask.worker, got.attempt, ask.lifetime);
    if (got.start != now || got.expiration != begun.expiration) return got.name + ": wrong times";
  }
  if (next != reply.units.size()) return reply.units[next].name + " should not have been returned";
  return std::nullopt;
}

Mismatch Model::FollowMadeUp(const Ask& ask, const OwnedWork& reply) {
  ModelSpec& spec = specs.at(reply.spec);
  if (reply.units.size() != 1) return "made up more than one unit";
  const std::string& name = reply.units.front().name;
  const std::string seconds = std::to_string(
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
  if (spec.units.contains(name)) return "made up a unit that exists: " + name;
  if (!spec.units.contains(seconds) && name != seconds) return "made up a unit called " + name;
  Add(spec, {.name = name});
  spec.next_continuous = now + spec.meta.interval;
  Begin(reply.spec, name, ask.worker, reply.units.front().attempt, ask.lifetime);
  return std::nullopt;
}

Mismatch Model::FollowRequest(const Ask& ask, const OwnedWork& reply, OutOfTries failed) {
  WorkerOf(ask.worker).last_update = now;
  std::int64_t least = INT64_MAX;  // of the priorities of specs that failed units
  for (auto& [name, units] : failed) {
    if (!units.empty()) least = std::min(least, specs.at(name).meta.priority);
    if (Mismatch mismatch = FollowFailures(name, ask, units)) return mismatch;
  }
  if (reply.units.empty()) {
    for (const auto& [name, spec] : specs) {
      if (CanGive(name, spec, ask)) return "no work though " + name + " has some";
    }
  } else {
    if (Mismatch mismatch = CheckChoice(ask, reply.spec)) return mismatch;
    if (least < specs.at(reply.spec).meta.priority) return "failed units of a lesser priority";
    if (Mismatch mismatch = FollowUnits(ask, reply, failed[reply.spec])) return mismatch;
  }
  for (const auto& [name, units] : failed) {
    if (!units.empty()) return "failed " + units.begin()->first + " of " + name + " for nothing";
  }
  return std::nullopt;
}

}  // namespace coord::testing

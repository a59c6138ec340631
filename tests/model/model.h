// SPDX-License-Identifier: MIT
// A second, simple implementation of spec/domain.md, to compare stores with: ordered maps and
// linear scans, one function for each rule, nothing shared with src/domain but the plain data
// types.
//
// Where the document leaves a point open, the model says so (the `_open` fields) and the comparison
// leaves it out; where a store may choose, the model checks that its choice is allowed and follows.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client.h"

namespace coord::testing {

struct ModelAttempt {
  AttemptId id{0};
  std::string spec;
  std::string unit;
  std::string worker;
  AttemptStatus stored = AttemptStatus::kPending;  // a lapsed one is still pending here
  WallTime start = kNoTime;
  WallTime expiration = kNoTime;
  WallTime end = kNoTime;
  std::optional<Value> own;  // what it set itself
  Value handed_out;          // the unit's data when it began
  bool listed = true;        // in its worker's active list
  bool data_open = false;    // its unit's data was replaced and it had none of its own
  bool end_open = false;     // it is not said when it ended
  bool listed_open = false;  // it is not said whether it is listed
};

struct ModelUnit {
  Value data;
  double priority = 0;
  WallTime not_before = kNoTime;
  std::uint64_t tries = 0;  // attempts since it was last added or cleared
  std::optional<AttemptId> active;
  std::map<AttemptId, ModelAttempt> attempts;
};

// What a definition of the model test may say.
struct ModelDefinition {
  std::int64_t priority = 0;
  std::int64_t weight = 20;
  bool paused = false;
  bool can_be_continuous = false;
  Duration interval{0};
  std::uint64_t max_running = 0;
  std::uint64_t max_attempts_returned = 0;
  std::uint64_t max_retries = 0;
  std::string then;
  std::string runtime;
  std::optional<std::uint64_t> keep_count;
  std::optional<Duration> keep_age;

  Map ToMap(const std::string& name) const;
};

struct ModelSpec {
  ModelDefinition meta;  // the definition's values, as changed by meta since
  bool continuous = false;
  WallTime next_continuous = kNoTime;
  std::map<std::string, ModelUnit> units;
  StatusCounts removed{};  // by retention
};

struct ModelWorker {
  std::optional<std::string> parent;
  Value data = Map{};
  Value mode = "";
  bool active = true;
  WallTime last_update = kNoTime;
  WallTime last_heartbeat = kNoTime;
  WallTime expiration = kNoTime;
  WallTime inactive_since = kNoTime;
};

struct ModelLock {
  Path path;
  std::string locker;
  WallTime until = kNoTime;
};

// What is wrong with an answer; nothing where it is right.
using Mismatch = std::optional<std::string>;

// The units that a request found out of tries, by spec: name and the attempt made.
using OutOfTries = std::map<std::string, std::map<std::string, AttemptId>>;

// One namespace.
class Model {
 public:
  WallTime now = kNoTime;
  std::map<std::string, ModelSpec> specs;
  std::map<std::string, ModelWorker> workers;
  std::vector<ModelLock> locks;

  // Work specs and units.
  void SetWorkSpec(const std::string& name, const ModelDefinition& definition);
  void Add(ModelSpec& spec, const NewUnit& item, double default_priority = 0);
  WorkUnitStatus StatusOf(const ModelUnit& unit) const;
  bool IsLapsed(const ModelAttempt& attempt) const;
  void ClearActive(ModelUnit& unit);
  std::vector<std::string> Select(const ModelSpec& spec, const Query& query) const;
  std::uint64_t Delete(ModelSpec& spec, const Query& query);
  StatusCounts Counts(const ModelSpec& spec) const;  // what retention removed included

  // Attempts.
  ModelAttempt& Begin(const std::string& spec, const std::string& unit, const std::string& worker,
                      AttemptId id, Duration lifetime);
  bool IsActive(const Held& held) const;
  Failure Change(const Held& held, AttemptEvent event, Duration duration,
                 const std::optional<Map>& data);
  // `made` is the attempt that the store made, where one had to be made.
  OwnedUpdate Apply(const Update& update, AttemptId made);
  // True if Apply() will make an attempt.
  bool WillBegin(const Update& update) const;
  void Release(const std::string& worker, const std::vector<AttemptId>& ids);

  // Checks that a request may be answered so and does what the store did.
  Mismatch FollowRequest(const Ask& ask, const OwnedWork& reply, OutOfTries failed);
  // Checks that the store kept what it had to keep of a spec's completed units, and follows.
  // `kept`: the names of those that it still has.
  Mismatch FollowRetention(ModelSpec& spec, const std::vector<std::string>& kept);

  // Workers and locks.
  ModelWorker& WorkerOf(const std::string& name);  // made if unknown
  void Beat(const std::string& name, Duration lifetime, const Map& data,
            const std::optional<std::string>& parent);
  bool Unregister(const std::string& name);
  bool IsShown(const ModelWorker& worker) const;
  bool MayBeForgotten(const std::string& name) const;
  void Forget(const std::string& name);
  std::vector<bool> ChangeLocks(LockOperation operation, const std::string& locker,
                                const std::vector<Path>& paths, Duration lifetime);
  std::optional<std::string> HolderOf(const Path& path) const;

  // Views.
  OwnedAttempt View(const ModelAttempt& attempt) const;
  OwnedUnit View(const std::string& name, const ModelUnit& unit) const;
  std::vector<const ModelAttempt*> AttemptsOf(const std::string& worker) const;
  // Every time still to come at which something happens by the clock alone.
  std::vector<WallTime> Boundaries() const;

 private:
  WorkUnitStatus Resting(const ModelUnit& unit) const;
  void ReplaceData(ModelUnit& unit, const Value& data);
  void End(ModelUnit& unit, ModelAttempt& attempt, AttemptStatus status, bool clear);
  void Chain(const ModelSpec& spec, const ModelUnit& unit, const ModelAttempt& attempt);
  std::vector<std::string> InOrder(const ModelSpec& spec) const;  // available units, best first
  std::uint64_t Room(const ModelSpec& spec, std::uint64_t asked) const;
  bool Passes(const std::string& name, const ModelSpec& spec, const Ask& ask) const;
  bool CanGive(const std::string& name, const ModelSpec& spec, const Ask& ask) const;
  Mismatch FollowFailures(const std::string& name, const Ask& ask,
                          std::map<std::string, AttemptId>& failed);
  Mismatch FollowUnits(const Ask& ask, const OwnedWork& reply,
                       std::map<std::string, AttemptId>& failed);
  Mismatch FollowMadeUp(const Ask& ask, const OwnedWork& reply);
  Mismatch CheckChoice(const Ask& ask, const std::string& chosen) const;
  void FailOutOfTries(const std::string& spec, const std::string& unit, const std::string& worker,
                      AttemptId id);
  bool IsFree(const Path& path) const;
};

}  // namespace coord::testing

// SPDX-License-Identifier: MIT
// Workers and the attempts that they make. See client.h for what holds for all handles, and
// task_runner.h for a worker that is ready to be used.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "coordinate/client.h"
#include "coordinate/work_spec.h"

namespace coordinate {

// Somebody who does work.
class Worker {
 public:
  const std::string& name() const { return name_; }

  // Makes the worker if there is none.
  Result<WorkerInfo> Info() const;
  // Tells that it is alive. Errors: kInvalid (it is its own parent, data that are no map).
  Result<void> Update(const WorkerUpdate& update) const;
  // Tells that it has left; its pending attempts go on. Errors: kNotFound.
  Result<void> Deactivate() const;

  // Gets work, all of one spec; none is an empty list.
  Result<std::vector<Attempt>> RequestAttempts(const WorkRequest& request = {}) const;
  // An attempt at this unit, whatever its status and the spec's limits: for tests and repairs.
  Result<Attempt> MakeAttempt(const WorkUnit& unit,
                              Duration lifetime = std::chrono::minutes(15)) const;
  // Pending ones, and those that lapsed by the clock.
  Result<std::vector<Attempt>> ActiveAttempts() const;
  Result<std::vector<Attempt>> AllAttempts() const;
  // The active ones of its children.
  Result<std::vector<Attempt>> ChildAttempts() const;

 private:
  friend class Namespace;
  Worker(std::shared_ptr<Core> core, std::string name_space, std::string name);

  std::shared_ptr<Core> core_;  // as in Client
  std::string name_space_;
  std::string name_;
};

// One worker's try at one work unit.
class Attempt {
 public:
  const WorkUnit& unit() const { return unit_; }
  const std::string& worker() const { return worker_; }
  // As they were when the handle was made.
  const AttemptInfo& made() const { return info_; }

  // As it is now.
  Result<AttemptInfo> Info() const;

  // In all of these, a null Value leaves the data as it is.

  // The lease ends so long from now. Errors: kLostLease, kNotPending.
  Result<void> Renew(Duration extend, const Value& data = {}) const;
  // Gives the unit back. Errors of this and the next: kNotPending.
  Result<void> Expire(const Value& data = {}) const;
  // Ends it well; `output` in the data makes units of the next spec. A failed one may be finished.
  Result<void> Finish(const Value& data = {}) const;
  // Ends it badly; `traceback` in the data is what people are shown.
  Result<void> Fail(const Value& data = {}) const;
  // Gives the unit back, to be given to nobody for so long.
  Result<void> Retry(Duration delay, const Value& data = {}) const;

 private:
  friend class AttemptMaker;
  Attempt(WorkUnit unit, std::string worker, std::uint64_t id, AttemptInfo info);

  WorkUnit unit_;
  std::string worker_;
  std::uint64_t id_ = 0;
  AttemptInfo info_;
};

}  // namespace coordinate

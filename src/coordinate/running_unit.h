// SPDX-License-Identifier: MIT
// A unit that a task runs on: its lease, and who has ended it. Private.
#pragma once

#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "coordinate/lease_watch.h"
#include "coordinate/task_runner.h"

namespace coordinate {

// Used by the thread of the task and by the one that looks after leases.
class RunningUnit {
 public:
  // All outlive it. `asked`: when the request for it was sent, by this clock. The lease cannot have
  // begun before that, whatever the daemon's clock says.
  RunningUnit(const Attempt& attempt, const LeaseRules& rules, TimeSource& time, Time asked);

  // Runs the task; what it throws becomes an error.
  TaskResult Run(const Task& task, const Value& definition);

  // Renews the lease for the task.
  Result<void> Renew(Duration extend);

  // Does what is due: renews, asks the task to stop, fails the unit. Errors: what could not be
  // done, for the log. `pause`: after which a renewal is tried again.
  Result<void> LookAfter(Duration pause);
  std::optional<Time> NextDue() const;

  void AskToStop() { stop_.request_stop(); }
  // True once the unit was failed because it took too long.
  bool failed() const;

 private:
  Result<void> RenewFor(Duration extend, Duration pause);

  const Attempt& attempt_;
  TimeSource& time_;
  std::stop_source stop_;
  mutable std::mutex mutex_;
  LeaseWatch watch_;  // guarded by mutex_, and so the next
  bool failed_ = false;
};

}  // namespace coordinate

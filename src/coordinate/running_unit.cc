// SPDX-License-Identifier: MIT
#include "coordinate/running_unit.h"

#include <exception>
#include <utility>

namespace coordinate {

TaskContext::TaskContext(RunningUnit& running, const Attempt& attempt, const Value& definition,
                         std::stop_token stop)
    : running_(running), attempt_(attempt), definition_(definition), stop_(std::move(stop)) {}

Result<void> TaskContext::Renew(Duration extend) { return running_.Renew(extend); }

RunningUnit::RunningUnit(const Attempt& attempt, const LeaseRules& rules, TimeSource& time,
                         Time asked)
    : attempt_(attempt),
      time_(time),
      watch_(rules, asked, asked + (attempt.made().expiration - attempt.made().start)) {}

TaskResult RunningUnit::Run(const Task& task, const Value& definition) {
  TaskContext context(*this, attempt_, definition, stop_.get_token());
  // The only place where somebody else's code is called.
  try {
    return task(context);
  } catch (const std::exception& thrown) {
    return Error{ErrorCode::kInternal, thrown.what(), {}};
  } catch (...) {
    return Error{ErrorCode::kInternal, "the task threw what is no std::exception", {}};
  }
}

Result<void> RunningUnit::Renew(Duration extend) { return RenewFor(extend, Duration(0)); }

Result<void> RunningUnit::RenewFor(Duration extend, Duration pause) {
  const Time now = time_.Now();
  auto renewed = attempt_.Renew(extend);
  const std::lock_guard lock(mutex_);
  if (renewed) {
    watch_.Renewed(now, now + extend);
  } else if (renewed.error().code == ErrorCode::kUnavailable ||
             renewed.error().code == ErrorCode::kInDoubt) {
    watch_.PutOff(now + pause);
  } else {
    // It is another's by now.
    watch_.PutOff(Time::max());
    stop_.request_stop();
  }
  return renewed;
}

Result<void> RunningUnit::LookAfter(Duration pause) {
  std::unique_lock lock(mutex_);
  const Time now = time_.Now();
  const LeaseStep step = watch_.Due(now);
  const Duration extension = watch_.Extension(now);
  if (step == LeaseStep::kFail) failed_ = true;
  lock.unlock();
  switch (step) {
    case LeaseStep::kNone:
      break;
    case LeaseStep::kRenew:
      return RenewFor(extension, pause);
    case LeaseStep::kAskToStop:
      stop_.request_stop();
      break;
    case LeaseStep::kFail:
      stop_.request_stop();
      return attempt_.Fail(Map{{"traceback", "the task took longer than its lease"}});
  }
  return {};
}

std::optional<Time> RunningUnit::NextDue() const {
  const std::lock_guard lock(mutex_);
  return watch_.NextDue();
}

bool RunningUnit::failed() const {
  const std::lock_guard lock(mutex_);
  return failed_;
}

}  // namespace coordinate

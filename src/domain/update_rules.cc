// SPDX-License-Identifier: MIT
#include "domain/update_rules.h"

namespace coord {

namespace {

constexpr std::string_view kNothingToDo = "nothing to do";
constexpr std::string_view kHasEnded = "the work unit has ended and cannot be pending";

UpdateDecision Do(UpdateAction action, AttemptEvent event = AttemptEvent::kRenew) {
  return {.action = action, .event = event, .answer = true};
}

UpdateDecision DoNothing(std::string_view message = {}) { return {.message = message}; }

UpdateDecision Renew(UpdateAction action, const UpdateRequest& request) {
  UpdateDecision decision = Do(action, AttemptEvent::kRenew);
  const bool usable = request.has_lease_time && request.lease_time <= kMaxUpdateLease;
  decision.extend = usable ? request.lease_time : kDefaultUpdateLease;
  decision.never_shorten = !request.has_lease_time;
  return decision;
}

UpdateDecision DecideAvailable(const UpdateRequest& request) {
  switch (request.status) {
    case AskedStatus::kNone:
    case AskedStatus::kAvailable:
      return request.has_data ? Do(UpdateAction::kReplaceUnitData) : DoNothing();
    case AskedStatus::kPending:
      return Renew(UpdateAction::kTakeUpThenApply, request);
    case AskedStatus::kFinished:
      return Do(UpdateAction::kTakeUpThenApply, AttemptEvent::kFinish);
    case AskedStatus::kFailed:
      return Do(UpdateAction::kTakeUpThenApply, AttemptEvent::kFail);
  }
  return DoNothing();
}

UpdateDecision DecidePending(const UpdateRequest& request) {
  switch (request.status) {
    case AskedStatus::kNone:
    case AskedStatus::kPending:
      if (request.has_lease_time && request.lease_time <= Duration(0)) {
        return Do(UpdateAction::kApply, AttemptEvent::kExpire);
      }
      return Renew(UpdateAction::kApply, request);
    case AskedStatus::kAvailable:
      return Do(UpdateAction::kApply,
                request.has_delay ? AttemptEvent::kRetry : AttemptEvent::kExpire);
    case AskedStatus::kFinished:
      return Do(UpdateAction::kApply, AttemptEvent::kFinish);
    case AskedStatus::kFailed:
      return Do(UpdateAction::kApply, AttemptEvent::kFail);
  }
  return DoNothing();
}

UpdateDecision DecideEnded(bool failed, const UpdateRequest& request) {
  switch (request.status) {
    case AskedStatus::kAvailable:
      return Do(UpdateAction::kClearActive);
    case AskedStatus::kPending:
      return DoNothing(kHasEnded);
    case AskedStatus::kFinished:
      return failed ? Do(UpdateAction::kApply, AttemptEvent::kFinish) : DoNothing();
    case AskedStatus::kNone:
    case AskedStatus::kFailed:
      return DoNothing();
  }
  return DoNothing();
}

}  // namespace

UpdateDecision DecideUpdate(WorkUnitStatus status, const UpdateRequest& request) {
  if (request.status == AskedStatus::kNone && !request.has_data && !request.has_lease_time) {
    return DoNothing(kNothingToDo);
  }
  switch (status) {
    case WorkUnitStatus::kAvailable:
    case WorkUnitStatus::kDelayed:
      return DecideAvailable(request);
    case WorkUnitStatus::kPending:
      return DecidePending(request);
    case WorkUnitStatus::kFinished:
      return DecideEnded(false, request);
    case WorkUnitStatus::kFailed:
      return DecideEnded(true, request);
  }
  return DoNothing();
}

}  // namespace coord

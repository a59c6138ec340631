// SPDX-License-Identifier: MIT
#include "domain/attempt_rules.h"

#include <array>
#include <string>

namespace coord {

namespace {

// {"traceback": "too many retries"}
constexpr std::string_view kTooManyRetries = "\xa1\x69traceback\x70too many retries";

AttemptTransition NoChange(const AttemptState& state) {
  return {.applies = false, .to = VisibleStatus(state)};
}

Error NotPendingError(const AttemptState& state) {
  std::string detail = "the attempt is ";
  detail.append(ToText(VisibleStatus(state))).append(", not pending");
  return {ErrorCode::kNotPending, std::move(detail), {}};
}

AttemptTransition Renewed(const AttemptState& state, bool extend_positive) {
  if (!state.active) return {.to = AttemptStatus::kExpired, .lost_lease = true};
  if (extend_positive) return {.to = AttemptStatus::kPending};
  return {.to = AttemptStatus::kExpired, .clears_active = true};
}

}  // namespace

Result<AttemptTransition> NextAttemptState(const AttemptState& state, AttemptEvent event,
                                           bool extend_positive) {
  const bool stored_pending = state.stored == AttemptStatus::kPending;
  // A lapsed attempt is still its worker's to end, until it is no longer the active one.
  const bool may_end = stored_pending && (!state.lapsed || state.active);
  switch (event) {
    case AttemptEvent::kRenew:
      if (stored_pending) return Renewed(state, extend_positive);
      break;
    case AttemptEvent::kExpire:
      if (VisibleStatus(state) == AttemptStatus::kExpired) return NoChange(state);
      if (stored_pending) {
        return AttemptTransition{.to = AttemptStatus::kExpired, .clears_active = state.active};
      }
      break;
    case AttemptEvent::kFinish:
      if (may_end || state.stored == AttemptStatus::kFailed) {
        return AttemptTransition{.to = AttemptStatus::kFinished, .chains = state.active};
      }
      break;
    case AttemptEvent::kFail:
      if (may_end) return AttemptTransition{.to = AttemptStatus::kFailed};
      break;
    case AttemptEvent::kRetry:
      if (may_end) {
        return AttemptTransition{.to = AttemptStatus::kRetryable, .clears_active = state.active};
      }
      break;
  }
  return NotPendingError(state);
}

std::string_view ToText(AttemptEvent event) {
  constexpr std::array<std::string_view, 5> kTexts = {"renew", "expire", "finish", "fail", "retry"};
  return kTexts[static_cast<std::size_t>(event)];
}

std::string_view TooManyRetriesData() { return kTooManyRetries; }

}  // namespace coord

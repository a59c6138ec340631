// SPDX-License-Identifier: MIT
// The life of an attempt as one table (spec/domain.md, section 4).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "domain/status.h"

namespace coord {

// What may be asked of an attempt.
enum class AttemptEvent : std::uint8_t { kRenew, kExpire, kFinish, kFail, kRetry };

// Where an attempt stands when it is asked.
struct AttemptState {
  // As stored: an attempt whose time ran out is kPending here, with `lapsed` set.
  AttemptStatus stored = AttemptStatus::kPending;
  bool lapsed = false;  // stored pending and its expiration has passed
  bool active = false;  // it is its unit's active attempt, lapsed or not
};

// What an allowed event does. Data given with the event is recorded whenever `applies`.
struct AttemptTransition {
  bool applies = true;  // false: nothing changes, and that is no error
  AttemptStatus to = AttemptStatus::kPending;
  bool clears_active = false;  // the unit has no active attempt afterwards
  bool chains = false;         // its output becomes units of the next spec
  bool lost_lease = false;     // the change is made, and the answer is the error kLostLease
};

// The table. `extend_positive` matters to kRenew only: a renewal by nothing or less expires.
// Errors: kNotPending, and then nothing changes.
Result<AttemptTransition> NextAttemptState(const AttemptState& state, AttemptEvent event,
                                           bool extend_positive = true);

// How a reader sees an attempt.
constexpr AttemptStatus VisibleStatus(const AttemptState& state) {
  return state.lapsed ? AttemptStatus::kExpired : state.stored;
}

// "renew", "expire", "finish", "fail", "retry".
std::string_view ToText(AttemptEvent event);

// The data of the attempt that is made, and fails at once, when a unit is out of tries (section 5):
// the encoded map {"traceback": "too many retries"}.
std::string_view TooManyRetriesData();

}  // namespace coord

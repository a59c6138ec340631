// SPDX-License-Identifier: MIT
// update_work_unit as one table (spec/cbor-rpc.md, section 3).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "domain/attempt_rules.h"
#include "domain/status.h"

namespace coord {

// The status that an update asks for. Delayed counts as available.
enum class AskedStatus : std::uint8_t { kNone, kAvailable, kPending, kFinished, kFailed };

struct UpdateRequest {
  AskedStatus status = AskedStatus::kNone;
  bool has_data = false;
  bool has_lease_time = false;
  Duration lease_time{0};  // as given
  bool has_delay = false;
};

// What an update does to the unit.
enum class UpdateAction : std::uint8_t {
  kNothing,          // the answer says all
  kReplaceUnitData,  // the unit's own data, in place
  kTakeUpThenApply,  // take the lapsed attempt up again or make one, then `event`
  kApply,            // `event` on the active attempt
  kClearActive,      // clear the active attempt
};

struct UpdateDecision {
  UpdateAction action = UpdateAction::kNothing;
  AttemptEvent event = AttemptEvent::kRenew;
  Duration extend{0};             // for kRenew
  bool never_shorten = false;     // for kRenew: keep a later expiration
  bool answer = false;            // the first item of the pair
  std::string_view message = {};  // the second; empty means null. Lives for ever.
};

// The lease of an update that names none, or one over a day.
inline constexpr Duration kDefaultUpdateLease = std::chrono::seconds(300);
inline constexpr Duration kMaxUpdateLease = std::chrono::hours(24);

// The table. `status` is the unit's, by the clock.
UpdateDecision DecideUpdate(WorkUnitStatus status, const UpdateRequest& request);

}  // namespace coord

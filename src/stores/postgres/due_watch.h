// SPDX-License-Identifier: MIT
// When something will happen by the clock alone, as far as this daemon knows.
#pragma once

#include "base/clock.h"
#include "stores/postgres/housekeeping.h"

namespace coord {

// Asking the database costs a walk over rows that were deleted and are not cleaned up yet, so it is
// not asked in each transaction: a daemon knows what it has written itself, and asks now and then
// for what others have, and did not live to look after.
class DueWatch {
 public:
  // Whether to look after what is due, and to ask what comes next.
  bool MustLook(WallTime now) const {
    const bool is_due = due_.units != kNoTime && due_.units <= now;
    return is_due || asked_ == kNoTime || now - asked_ >= kAskAgain;
  }
  void Forget() { asked_ = kNoTime; }

  // What the database says, in a transaction at `now`.
  void Set(WallTime now, const DueTimes& due) {
    asked_ = now;
    due_ = due;
  }
  // What this daemon writes.
  void NoteUnits(WallTime time) { Earlier(due_.units, time); }
  void NoteWorkers(WallTime time) { Earlier(due_.workers, time); }

  const DueTimes& due() const { return due_; }

 private:
  static constexpr Duration kAskAgain = std::chrono::seconds(5);

  DueTimes due_;
  WallTime asked_ = kNoTime;
};

}  // namespace coord

// SPDX-License-Identifier: MIT
// From which time on to look for the units that ended first, so that retention does not walk over
// what it removed before (see claim_marks.h, whose reasons and limits are the same).
#pragma once

#include <map>
#include <utility>

#include "base/clock.h"
#include "domain/status.h"
#include "stores/postgres/images.h"

namespace coord {

class RetentionMarks {
 public:
  // Drops all that are too old. To be called with each transaction.
  void Refresh(WallTime now) {
    if (refreshed_ != kNoTime && now - refreshed_ < kTrustedFor) return;
    marks_.clear();
    refreshed_ = now;
  }

  // No unit of that status ended before; kNoTime: nothing is known.
  WallTime Of(PgId generation, WorkUnitStatus status) const {
    const auto found = marks_.find({generation, status});
    return found == marks_.end() ? kNoTime : found->second;
  }
  void Set(PgId generation, WorkUnitStatus status, WallTime first_end) {
    marks_[{generation, status}] = first_end;
  }
  // Units have come that may have ended at any time.
  void Drop(PgId generation) {
    marks_.erase({generation, WorkUnitStatus::kFinished});
    marks_.erase({generation, WorkUnitStatus::kFailed});
  }

 private:
  static constexpr Duration kTrustedFor = std::chrono::seconds(5);

  std::map<std::pair<PgId, WorkUnitStatus>, WallTime> marks_;
  WallTime refreshed_ = kNoTime;
};

}  // namespace coord

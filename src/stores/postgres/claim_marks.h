// SPDX-License-Identifier: MIT
// Where to begin looking for units to take, so that a claim does not walk over what was taken
// before.
//
// Rows that were deleted stay in an index until they are cleaned up, for as long as any snapshot is
// open that might see them; units are taken from the front, which is where they pile up. A mark
// says that nothing is left before it. It is only a promise of this daemon's: what others put back
// is told by them (wakeups.h), and what they did not live to tell is found when the marks are
// dropped, every few seconds.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "stores/postgres/images.h"

namespace coord {

// The first place at which units have become available, by generation.
using SetBacks = std::map<PgId, double>;

// Adds to `all` what another one tells.
void MergeSetBacks(SetBacks& all, const SetBacks& more);

class ClaimMarks {
 public:
  struct Place {
    double order = 0;
    std::string name;
  };

  // Drops all that are too old. To be called with each transaction.
  void Refresh(WallTime now);

  // After which place to look; nullptr: from the front.
  const Place* Of(PgId generation) const;
  // All up to there has been taken.
  void Advance(PgId generation, double order, std::string_view name);
  // Something stands there, or after it, that was not there before.
  void SetBack(PgId generation, double order);
  void SetBack(const SetBacks& all);
  void Drop(PgId generation) { marks_.erase(generation); }

 private:
  std::map<PgId, Place> marks_;
  WallTime refreshed_ = kNoTime;
};

}  // namespace coord

// SPDX-License-Identifier: MIT
// Time as the database has it, so that daemons on several machines agree when a lease ends.
#pragma once

#include <atomic>

#include "base/clock.h"
#include "base/result.h"
#include "stores/postgres/connection.h"

namespace coord {

// How far the database's clock is ahead of the machine's. Written by the thread that has the
// connection, read by others.
using ClockOffset = std::atomic<Duration::rep>;  // microseconds

// Asks the database several times and takes the answer that came fastest, which is right to half
// the time that it took. Errors: kUnavailable.
Result<Duration> MeasureClockOffset(PgConnection& connection);

// A clock moved by an offset, that never goes back.
class DatabaseClock {
 public:
  // `local` and `offset` outlive it; nullptr: as `local` is.
  DatabaseClock(Clock& local, const ClockOffset* offset) : local_(local), offset_(offset) {}

  WallTime Now();
  // When the local clock will show what this one shows at `time`, which may be kNoTime.
  WallTime ToLocal(WallTime time) const;

 private:
  Duration offset() const { return Duration(offset_ == nullptr ? 0 : offset_->load()); }

  Clock& local_;
  const ClockOffset* const offset_;
  WallTime last_ = kNoTime;
};

}  // namespace coord

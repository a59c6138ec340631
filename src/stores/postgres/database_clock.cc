// SPDX-License-Identifier: MIT
#include "stores/postgres/database_clock.h"

#include <algorithm>

namespace coord {

namespace {

constexpr int kSamples = 5;
constexpr const char* kAskTime = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::int8";

}  // namespace

Result<Duration> MeasureClockOffset(PgConnection& connection) {
  SystemClock clock;
  Duration best{0};
  Duration shortest = Duration::max();
  for (int sample = 0; sample < kSamples; ++sample) {
    const WallTime asked = clock.Now();
    COORD_TRY(rows, connection.Query(kAskTime));
    const Duration took = clock.Now() - asked;
    if (took >= shortest) continue;
    shortest = took;
    best = rows.Time(0, 0) - (asked + took / 2);
  }
  return best;
}

WallTime DatabaseClock::Now() {
  last_ = std::max(last_, AddTime(local_.Now(), offset()));
  return last_;
}

WallTime DatabaseClock::ToLocal(WallTime time) const {
  return time == kNoTime ? kNoTime : AddTime(time, -offset());
}

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "base/clock.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace coord {

WallTime AddTime(WallTime time, Duration delta) {
  COORD_CHECK(time != kNoTime);
  const std::int64_t since_epoch = time.time_since_epoch().count();
  std::int64_t sum = 0;
  if (__builtin_add_overflow(since_epoch, delta.count(), &sum)) {
    return delta.count() < 0 ? WallTime{} : kMaxTime;
  }
  return std::clamp(WallTime(Duration(sum)), WallTime{}, kMaxTime);
}

double ToUnixSeconds(WallTime time) {
  COORD_CHECK(time != kNoTime);
  return static_cast<double>(time.time_since_epoch().count()) / 1e6;
}

Duration FromSeconds(double seconds) {
  constexpr double kBound = 1e11;
  if (std::isnan(seconds)) return Duration(0);
  return Duration(std::llround(std::clamp(seconds, -kBound, kBound) * 1e6));
}

WallTime SystemClock::Now() {
  const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  last_ = std::max(last_, now);
  return last_;
}

void ManualClock::Advance(Duration by) {
  COORD_CHECK(by >= Duration(0));
  now_ = AddTime(now_, by);
}

void ManualClock::Set(WallTime to) {
  COORD_CHECK(to >= now_);
  now_ = to;
}

}  // namespace coord

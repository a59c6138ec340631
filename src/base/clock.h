// SPDX-License-Identifier: MIT
// Time as the whole project sees it: microseconds, from one injected clock.
#pragma once

#include <chrono>
#include <cstdint>

namespace coord {

// A span of time. Microseconds, so that every store keeps it exactly.
using Duration = std::chrono::microseconds;

// A stored instant: microseconds since the Unix epoch, UTC.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

// "No time": a value of its own, earlier than every instant, never the Unix epoch.
inline constexpr WallTime kNoTime = WallTime::min();

// The latest instant that is accepted or made; later ones are held at it. It leaves room for
// sums, and every protocol can still write it (the year is 9999).
inline constexpr WallTime kMaxTime = WallTime(std::chrono::seconds(253402300799));

// Returns `time` + `delta`, held between the epoch and kMaxTime. `time` must not be kNoTime.
WallTime AddTime(WallTime time, Duration delta);

// Moves `due` forward to `other` where that is earlier; kNoTime, here, is later than all.
inline void Earlier(WallTime& due, WallTime other) {
  if (other != kNoTime && (due == kNoTime || other < due)) due = other;
}

// Seconds since the epoch as the protocols write them. `time` must not be kNoTime.
double ToUnixSeconds(WallTime time);

// Turns seconds into a Duration, rounding to microseconds; values beyond +/-10^11 s, infinities
// included, are held at that bound. NaN counts as 0.
Duration FromSeconds(double seconds);

// Where time comes from. Implementations are used from one thread.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  // The current time. Never goes back between two calls on the same object.
  virtual WallTime Now() = 0;
};

// The machine's clock. Where that is set back, Now() stands still until it has caught up.
class SystemClock final : public Clock {
 public:
  WallTime Now() override;

 private:
  WallTime last_ = kNoTime;
};

// A clock that moves only when told to; starts at the Unix epoch.
class ManualClock final : public Clock {
 public:
  WallTime Now() override { return now_; }

  // Moves the clock forward. `by` must not be negative.
  void Advance(Duration by);
  // Moves the clock to `to`, which must not be earlier than now.
  void Set(WallTime to);

 private:
  WallTime now_{};
};

}  // namespace coord

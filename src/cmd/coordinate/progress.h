// SPDX-License-Identifier: MIT
// How fast work goes, how far it is and when it will be done: pure arithmetic over counts.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "cmd/coordinate/daemon_view.h"

namespace coord {

// Rates of finished and failed units, over the samples of the last 30 seconds or so (at least the
// last two samples, however far apart).
class RateTracker {
 public:
  // Adds what was counted at `now`, which is not earlier than before.
  void Add(WallTime now, std::vector<SpecCounts> specs);

  // Units a second of one spec; 0 before the second sample, and where counts fell (something was
  // deleted or retried).
  double PerSecond(std::string_view spec) const;

 private:
  struct Sample {
    WallTime time;
    std::vector<SpecCounts> specs;
  };
  std::deque<Sample> samples_;
};

// "[######......]  50%" with `width` characters between the brackets; full only when all is done.
// Nothing to do counts as all done.
std::string ProgressBar(std::uint64_t done, std::uint64_t total, std::size_t width);

// How long `left` units take at a rate: "1m05s"; "-" where nothing moves, "" where nothing is left.
std::string Eta(std::uint64_t left, double per_second);

// "0/s", "0.25/s", "12.5/s", "1234/s".
std::string FormatRate(double per_second);

}  // namespace coord

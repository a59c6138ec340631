// SPDX-License-Identifier: MIT
// How far an export or an import is, on a terminal; elsewhere nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "cmd/coordinate/command.h"

namespace coord {

class MovingProgress {
 public:
  // `quiet`: shows nothing on a terminal either. The context outlives it.
  MovingProgress(Context& context, bool quiet);

  // Shows that so much of `total` is done, in any unit, and how many records that were; often
  // enough to be watched, however often it is called. A total of 0 is one that is not known.
  void Show(std::uint64_t done, std::uint64_t total, std::uint64_t records);
  // Takes the line away.
  void Erase();

 private:
  Context& context_;
  const bool shows_;
  const WallTime begun_;
  std::uint64_t first_done_ = UINT64_MAX;  // what was done before this run
  WallTime drawn_ = kNoTime;
};

}  // namespace coord

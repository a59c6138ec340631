// SPDX-License-Identifier: MIT
#include "cmd/coordinate/moving_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "cmd/coordinate/progress.h"

namespace coord {

namespace {

constexpr Duration kDrawInterval = std::chrono::milliseconds(100);
constexpr std::size_t kBarWidth = 30;

}  // namespace

MovingProgress::MovingProgress(Context& context, bool quiet)
    : context_(context),
      shows_(context.terminals().error && !quiet),
      begun_(context.clock().Now()) {}

void MovingProgress::Show(std::uint64_t done, std::uint64_t total, std::uint64_t records) {
  if (!shows_) return;
  const WallTime now = context_.clock().Now();
  first_done_ = std::min(first_done_, done);
  if (drawn_ != kNoTime && now - drawn_ < kDrawInterval) return;
  drawn_ = now;
  std::string line = fmt::format("\r\x1b[K{} records", records);
  if (total > 0) {
    // Things may come while an export is under way.
    done = std::min(done, total);
    const double seconds = std::chrono::duration<double>(now - begun_).count();
    const double rate =
        seconds > 0 ? static_cast<double>(done - std::min(done, first_done_)) / seconds : 0;
    line += "  " + ProgressBar(done, total, kBarWidth) + "  " + Eta(total - done, rate);
  }
  context_.err() << line << std::flush;
}

void MovingProgress::Erase() {
  if (drawn_ != kNoTime) context_.err() << "\r\x1b[K" << std::flush;
  drawn_ = kNoTime;
}

}  // namespace coord

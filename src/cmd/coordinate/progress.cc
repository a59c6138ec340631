// SPDX-License-Identifier: MIT
#include "cmd/coordinate/progress.h"

#include <fmt/format.h>

#include "cmd/coordinate/readable.h"

namespace coord {

namespace {

constexpr Duration kWindow = std::chrono::seconds(30);

}  // namespace

void RateTracker::Add(WallTime now, std::vector<SpecCounts> specs) {
  samples_.push_back({now, std::move(specs)});
  while (samples_.size() > 2 && samples_.front().time < now - kWindow) samples_.pop_front();
}

double RateTracker::PerSecond(std::string_view spec) const {
  if (samples_.size() < 2) return 0;
  const Sample& first = samples_.front();
  const Sample& last = samples_.back();
  const std::uint64_t before = Done(CountsOf(first.specs, spec));
  const std::uint64_t after = Done(CountsOf(last.specs, spec));
  const double seconds = std::chrono::duration<double>(last.time - first.time).count();
  if (after <= before || seconds <= 0) return 0;
  return static_cast<double>(after - before) / seconds;
}

std::string ProgressBar(std::uint64_t done, std::uint64_t total, std::size_t width) {
  const bool all = done >= total;
  const double share = all ? 1.0 : static_cast<double>(done) / static_cast<double>(total);
  // Rounded down, so that neither the bar nor the number says "done" too early.
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(width));
  const auto percent = static_cast<int>(share * 100);
  return fmt::format("[{}{}] {:3}%", std::string(filled, '#'), std::string(width - filled, '.'),
                     percent);
}

std::string Eta(std::uint64_t left, double per_second) {
  if (left == 0) return "";
  if (per_second <= 0) return "-";
  return FormatSpan(static_cast<double>(left) / per_second);
}

std::string FormatRate(double per_second) {
  if (per_second <= 0) return "0/s";
  if (per_second < 1) return fmt::format("{:.2f}/s", per_second);
  if (per_second < 100) return fmt::format("{:.1f}/s", per_second);
  return fmt::format("{:.0f}/s", per_second);
}

}  // namespace coord

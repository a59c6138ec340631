// SPDX-License-Identifier: MIT
#include "stores/postgres/gather_policy.h"

#include <algorithm>

namespace coord {

namespace {

// What a second commit would cost: it never pays to wait for longer.
constexpr Duration kLongestPatience = std::chrono::milliseconds(2);
constexpr int kPartOfLast = 2;
// After several waits in vain so many transactions, 2 to this power, do not wait.
constexpr int kInVainMax = 6;

}  // namespace

void GatherPolicy::NoteAnswered(WallTime now, std::size_t answered, Duration took,
                                std::size_t waiting) {
  answered_at_ = now;
  waiting_ = waiting;
  expected_ = waiting + answered;
  patience_ = std::min(took / kPartOfLast, kLongestPatience);
}

GatherPolicy::Plan GatherPolicy::Next(WallTime now, std::size_t commands) {
  if (commands == 0 || commands >= expected_) return {};
  const Duration left = patience_ - (now - answered_at_);
  if (left <= Duration(0)) return {};
  if (skip_ > 0) {
    --skip_;
    return {};
  }
  return {expected_, left};
}

void GatherPolicy::NoteGathered(std::size_t commands) {
  const std::size_t awaited = expected_ - waiting_;
  const std::size_t came = commands - std::min(commands, waiting_);
  if (2 * came >= awaited) {
    in_vain_ = 0;
    return;
  }
  in_vain_ = std::min(in_vain_ + 1, kInVainMax);
  skip_ = 1 << in_vain_;
}

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "stores/postgres/claim_marks.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace coord {

namespace {
constexpr Duration kTrustedFor = std::chrono::seconds(5);
}  // namespace

void MergeSetBacks(SetBacks& all, const SetBacks& more) {
  for (const auto& [generation, order] : more) {
    const auto [found, added] = all.emplace(generation, order);
    if (!added) found->second = std::min(found->second, order);
  }
}

void ClaimMarks::Refresh(WallTime now) {
  if (refreshed_ != kNoTime && now - refreshed_ < kTrustedFor) return;
  marks_.clear();
  refreshed_ = now;
}

const ClaimMarks::Place* ClaimMarks::Of(PgId generation) const {
  const auto found = marks_.find(generation);
  return found == marks_.end() ? nullptr : &found->second;
}

void ClaimMarks::Advance(PgId generation, double order, std::string_view name) {
  marks_.insert_or_assign(generation, Place{order, std::string(name)});
}

void ClaimMarks::SetBack(PgId generation, double order) {
  const auto found = marks_.find(generation);
  if (found == marks_.end() || found->second.order < order) return;
  // Names are not told: before the first of that order.
  found->second = Place{std::nextafter(order, -std::numeric_limits<double>::infinity()), {}};
}

void ClaimMarks::SetBack(const SetBacks& all) {
  for (const auto& [generation, order] : all) SetBack(generation, order);
}

}  // namespace coord

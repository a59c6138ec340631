// SPDX-License-Identifier: MIT
#include "coordinate/lease_watch.h"

#include <algorithm>

namespace coordinate {

LeaseWatch::LeaseWatch(const LeaseRules& rules, Time started, Time expiration)
    : rules_(rules), started_(started), begun_(started), expiration_(expiration) {}

Time LeaseWatch::Before(Duration end, int part, int parts) const {
  return std::max(expiration_ - end, begun_ + (expiration_ - begun_) * part / parts);
}

Time LeaseWatch::StopAt() const { return Before(rules_.stop_before, 1, 2); }
Time LeaseWatch::FailAt() const { return Before(rules_.fail_before, 2, 3); }

std::optional<Time> LeaseWatch::RenewAt() const {
  if (failed_ || rules_.max_unit_time <= Duration(0)) return std::nullopt;
  // So much more than the unit may run as it is failed before the end.
  const Time end_wanted = started_ + rules_.max_unit_time + rules_.fail_before;
  const Time half = begun_ + (expiration_ - begun_) / 2;
  const Time at = std::max(half, renew_not_before_.value_or(half));
  if (expiration_ >= end_wanted || at >= expiration_) return std::nullopt;
  return at;
}

LeaseStep LeaseWatch::Due(Time now) {
  if (const auto renew = RenewAt(); renew && *renew <= now && now < expiration_) {
    return LeaseStep::kRenew;
  }
  if (!failed_ && FailAt() <= now) {
    failed_ = true;
    asked_ = true;
    return LeaseStep::kFail;
  }
  if (!asked_ && StopAt() <= now) {
    asked_ = true;
    return LeaseStep::kAskToStop;
  }
  return LeaseStep::kNone;
}

std::optional<Time> LeaseWatch::NextDue() const {
  if (failed_) return std::nullopt;
  Time next = asked_ ? FailAt() : StopAt();
  if (const auto renew = RenewAt()) next = std::min(next, *renew);
  return next;
}

Duration LeaseWatch::Extension(Time now) const {
  const Duration left = started_ + rules_.max_unit_time + rules_.fail_before - now;
  return std::min(rules_.lifetime, left);
}

void LeaseWatch::Renewed(Time now, Time expiration) {
  begun_ = now;
  expiration_ = expiration;
  renew_not_before_.reset();
}

}  // namespace coordinate

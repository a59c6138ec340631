// SPDX-License-Identifier: MIT
// What is due for a unit that runs, by the time that is left of its lease. Reads no clock. Private.
#pragma once

#include <optional>

#include "coordinate/time.h"

namespace coordinate {

struct LeaseRules {
  Duration lifetime{0};       // of a renewed lease
  Duration max_unit_time{0};  // renewed until then; 0: never
  Duration stop_before{0};
  Duration fail_before{0};
};

enum class LeaseStep {
  kNone,
  kRenew,
  kAskToStop,
  kFail,
};

class LeaseWatch {
 public:
  LeaseWatch(const LeaseRules& rules, Time started, Time expiration);

  // What is to be done now. The last two are told once for a lease; a renewal is told until
  // Renewed() or PutOff().
  LeaseStep Due(Time now);
  // When something will be.
  std::optional<Time> NextDue() const;

  // What a renewal now is for: a whole lease, or what the unit has left to run.
  Duration Extension(Time now) const;
  // The lease was renewed.
  void Renewed(Time now, Time expiration);
  // It could not be, and is to be tried again then.
  void PutOff(Time until) { renew_not_before_ = until; }

 private:
  std::optional<Time> RenewAt() const;
  Time StopAt() const;
  Time FailAt() const;
  // Not before this part of the lease is over.
  Time Before(Duration end, int part, int parts) const;

  const LeaseRules rules_;
  const Time started_;
  Time begun_;  // of the lease
  Time expiration_;
  std::optional<Time> renew_not_before_;
  bool asked_ = false;
  bool failed_ = false;
};

}  // namespace coordinate

// SPDX-License-Identifier: MIT
// What clients know of the units of one spec: what was answered for sure, and what may or may not
// have happened because the answer never came.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "client.h"

namespace coord::testing {

class UnitLedger {
 public:
  explicit UnitLedger(std::string spec) : spec_(std::move(spec)) {}

  // Answered.
  void OnAdded(const std::string& unit);
  void OnClaimed(const std::string& unit, AttemptId attempt);
  void OnFinished(const std::string& unit);

  // Not answered.
  void MaybeAdded(const std::string& unit) { maybe_added_.insert(unit); }
  void MaybeClaimed(std::uint64_t count) { maybe_claimed_ += count; }
  void MaybeFinished(const std::string& unit) { units_.at(unit).maybe_finished = true; }

  // A unit that is claimed and, as far as is known, not finished; "" if there is none. `which`: any
  // number.
  std::string ClaimedUnit(std::uint64_t which) const;

  // Looks at all units and attempts of the store and returns what cannot be. Then takes what it has
  // seen for what is known.
  std::vector<std::string> Check(Client& client);

 private:
  enum class State : std::uint8_t { kAvailable, kClaimed, kFinished };
  struct Unit {
    State state = State::kAvailable;
    AttemptId attempt{0};
    bool maybe_finished = false;
  };

  std::string WhatIsWrong(const Unit& known, const Unit& seen);
  static Unit Seen(const OwnedUnit& unit, const OwnedAttempts& attempts, std::string& wrong);

  const std::string spec_;
  std::map<std::string, Unit> units_;
  std::set<std::string> maybe_added_;
  std::uint64_t maybe_claimed_ = 0;
};

}  // namespace coord::testing

// SPDX-License-Identifier: MIT
#include "unit_ledger.h"

#include <iterator>

namespace coord::testing {

void UnitLedger::OnAdded(const std::string& unit) { units_.try_emplace(unit); }

void UnitLedger::OnClaimed(const std::string& unit, AttemptId attempt) {
  // The unit may have been added by a request that is still unanswered.
  units_[unit] = {.state = State::kClaimed, .attempt = attempt};
}

void UnitLedger::OnFinished(const std::string& unit) { units_.at(unit).state = State::kFinished; }

std::string UnitLedger::ClaimedUnit(std::uint64_t which) const {
  std::vector<std::string> claimed;
  for (const auto& [name, unit] : units_) {
    if (unit.state == State::kClaimed && !unit.maybe_finished) claimed.push_back(name);
  }
  return claimed.empty() ? "" : claimed[which % claimed.size()];
}

std::vector<std::string> UnitLedger::Check(Client& client) {
  std::vector<std::string> wrong;
  std::map<std::string, Unit> seen;
  for (const OwnedUnit& unit : client.List(spec_)) {
    std::string impossible;
    const Unit now = Seen(unit, client.UnitAttempts(spec_, unit.name), impossible);
    const auto known = units_.find(unit.name);
    if (known != units_.end()) {
      impossible += WhatIsWrong(known->second, now);
    } else if (maybe_added_.contains(unit.name)) {
      impossible += WhatIsWrong({}, now);
    } else {
      impossible += "nobody added it";
    }
    if (!impossible.empty()) wrong.push_back(unit.name + ": " + impossible);
    if (!seen.emplace(unit.name, now).second) wrong.push_back(unit.name + ": it is there twice");
  }
  for (const auto& [name, unit] : units_) {
    if (!seen.contains(name)) wrong.push_back(name + ": it is lost");
  }
  units_ = std::move(seen);
  maybe_added_.clear();
  maybe_claimed_ = 0;
  return wrong;
}

UnitLedger::Unit UnitLedger::Seen(const OwnedUnit& unit, const OwnedAttempts& attempts,
                                  std::string& wrong) {
  if (attempts.size() > 1) wrong = std::to_string(attempts.size()) + " attempts";
  Unit seen;
  if (!attempts.empty()) seen.attempt = attempts.front().id;
  switch (unit.status) {
    case WorkUnitStatus::kAvailable:
      if (!attempts.empty()) wrong = "available with an attempt";
      break;
    case WorkUnitStatus::kPending:
      seen.state = State::kClaimed;
      if (!unit.active) wrong = "pending without an attempt";
      break;
    case WorkUnitStatus::kFinished:
      seen.state = State::kFinished;
      if (attempts.empty() || attempts.front().status != AttemptStatus::kFinished) {
        wrong = "finished without a finished attempt";
      }
      break;
    case WorkUnitStatus::kDelayed:
    case WorkUnitStatus::kFailed:
      wrong = "a status that nobody asked for";
      break;
  }
  return seen;
}

std::string UnitLedger::WhatIsWrong(const Unit& known, const Unit& seen) {
  switch (known.state) {
    case State::kAvailable:
      if (seen.state == State::kAvailable) return "";
      if (seen.state == State::kFinished) return "finished by nobody";
      if (maybe_claimed_ == 0) return "claimed by nobody";
      --maybe_claimed_;
      return "";
    case State::kClaimed:
      if (seen.attempt != known.attempt) return "its attempt is another one or lost";
      if (seen.state == State::kFinished && !known.maybe_finished) return "finished by nobody";
      return "";
    case State::kFinished:
      if (seen.state != State::kFinished) return "the answered finish is lost";
      return seen.attempt == known.attempt ? "" : "its attempt is another one";
  }
  return "";
}

}  // namespace coord::testing

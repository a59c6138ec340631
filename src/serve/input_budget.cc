// SPDX-License-Identifier: MIT
#include "serve/input_budget.h"

namespace coord {

bool InputBudget::Grow(Member& member, std::size_t more) {
  const std::lock_guard lock(mutex_);
  if (!member.listed) {
    member.place = members_.insert(members_.end(), &member);
    member.listed = true;
  }
  if (member.waiting) {
    member.waiting = false;
    --waiting_;
  }
  if (used_ + more > limit_ && members_.front() != &member) {
    member.waiting = true;
    member.wanted = more;
    ++waiting_;
    return false;
  }
  used_ += more;
  member.held += more;
  return true;
}

void InputBudget::Leave(Member& member) {
  const std::lock_guard lock(mutex_);
  if (!member.listed) return;
  used_ -= member.held;
  members_.erase(member.place);
  if (member.waiting) --waiting_;
  member.listed = false;
  member.waiting = false;
  member.held = 0;
  member.ticks = 0;
  if (waiting_ > 0) WakeThoseWhoFit();
}

void InputBudget::WakeThoseWhoFit() {
  std::size_t promised = used_;
  for (Member* member : members_) {
    if (!member->waiting) continue;
    if (promised + member->wanted > limit_ && member != members_.front()) continue;
    promised += member->wanted;
    member->waiting = false;
    --waiting_;
    member->resume();
  }
}

bool InputBudget::IsHoldingUp(Member& member, int ticks_max) {
  const std::lock_guard lock(mutex_);
  if (!member.listed || members_.front() != &member || waiting_ == 0) {
    member.ticks = 0;
    return false;
  }
  return ++member.ticks >= ticks_max;
}

bool InputBudget::IsMember(const Member& member) {
  const std::lock_guard lock(mutex_);
  return member.listed;
}

std::size_t InputBudget::used() {
  const std::lock_guard lock(mutex_);
  return used_;
}

}  // namespace coord

// SPDX-License-Identifier: MIT
// The memory that unfinished messages of all connections may take together.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <mutex>

namespace coord {

// When it is used up, only the member with the oldest unfinished message may take more, so that at
// least that one gets done; the others wait to be told. Thread-safe.
class InputBudget {
 public:
  // A connection that has a message bigger than what every connection is granted.
  struct Member {
    // Called, with the budget's lock held, when it is worth trying again: must only post.
    std::function<void()> resume;

   private:
    friend class InputBudget;
    std::list<Member*>::iterator place;
    bool listed = false;
    bool waiting = false;
    std::size_t held = 0;
    std::size_t wanted = 0;
    int ticks = 0;
  };

  explicit InputBudget(std::size_t limit) : limit_(limit) {}

  // Takes `more` bytes for the member and returns true, or notes that it waits and returns false.
  // The first time decides its age.
  bool Grow(Member& member, std::size_t more);

  // Gives back all that the member holds. Does nothing if it is none.
  void Leave(Member& member);

  // To be called once a tick for each member. Returns true if this one has been the oldest, while
  // others wait, for `ticks_max` ticks in a row.
  bool IsHoldingUp(Member& member, int ticks_max);

  // True if it holds or waits for something.
  bool IsMember(const Member& member);

  std::size_t used();

 private:
  void WakeThoseWhoFit();

  const std::size_t limit_;
  std::mutex mutex_;
  std::size_t used_ = 0;
  std::size_t waiting_ = 0;
  std::list<Member*> members_;  // the oldest first
};

}  // namespace coord

// SPDX-License-Identifier: MIT
// When a transaction waits a little before it begins, so that one commit serves more commands.
//
// A commit costs a sync however much it commits. Clients that send a command when they have the
// answer to the one before come in two halves: what arrives while the one half is being committed
// is the next transaction, and so on for ever, though one transaction could serve both. So a
// transaction waits for as many commands as were just answered, for a part of the time that the
// last one took.
#pragma once

#include <cstddef>

#include "base/clock.h"

namespace coord {

// Pure: times are passed in.
class GatherPolicy {
 public:
  struct Plan {
    std::size_t commands = 0;  // as many are enough
    Duration patience{};       // how long to wait for them; 0: not at all
  };

  // `answered` commands have been answered by a transaction that took so long, and `waiting` have
  // arrived meanwhile.
  void NoteAnswered(WallTime now, std::size_t answered, Duration took, std::size_t waiting);

  // For a transaction that could begin with so many commands. One that is not to wait needs no
  // NoteGathered().
  Plan Next(WallTime now, std::size_t commands);

  // How many there were at the end of the wait that was planned last. Clients that do not come back
  // soon are waited for less and less often.
  void NoteGathered(std::size_t commands);

 private:
  WallTime answered_at_ = kNoTime;
  std::size_t waiting_ = 0;   // when the last answers went out
  std::size_t expected_ = 0;  // with those who were answered
  Duration patience_{};
  int in_vain_ = 0;  // waits in a row
  int skip_ = 0;     // transactions that do not wait
};

}  // namespace coord

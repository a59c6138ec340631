// SPDX-License-Identifier: MIT
// Attempts as the engine keeps them, and the lists that they stand in.
//
// An attempt stands in two intrusive lists: its unit's (newest first, through `older`) and one of
// its worker's two (open, ended). All attempts of an engine come from one pool.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "domain/attempt_rules.h"
#include "domain/command.h"
#include "engine/heap_bytes.h"

namespace coord {

class UnitTable;
struct Worker;

// The place of a unit in its table.
enum class UnitId : std::uint32_t {};

struct Attempt {
  AttemptId id{0};
  UnitTable* table = nullptr;  // of its unit
  Worker* worker = nullptr;
  Attempt* older = nullptr;            // the unit's attempt before this one
  Attempt* worker_previous = nullptr;  // neighbours in the worker's list
  Attempt* worker_next = nullptr;
  HeapBytes data;  // its own; null until it sets any
  WallTime start = kNoTime;
  WallTime expiration = kNoTime;
  WallTime end = kNoTime;
  UnitId unit{0};
  AttemptStatus stored = AttemptStatus::kPending;
  bool open = true;       // in its worker's list of open attempts, else in that of ended ones
  bool orphaned = false;  // open, but its worker was unregistered: not in the active list any more

  bool Lapsed(WallTime now) const {
    return stored == AttemptStatus::kPending && expiration <= now;
  }
};

// A doubly linked list of one worker's attempts, oldest entry first.
class AttemptList {
 public:
  void Append(Attempt& attempt);
  void Remove(Attempt& attempt);
  Attempt* first() const { return first_; }
  bool empty() const { return first_ == nullptr; }

 private:
  Attempt* first_ = nullptr;
  Attempt* last_ = nullptr;
};

// Hands out attempts from chunks and takes them back; a pointer stays good until Free().
class AttemptPool {
 public:
  Attempt& Allocate();
  void Free(Attempt& attempt);

 private:
  static constexpr std::size_t kChunkSize = 1024;
  std::vector<std::unique_ptr<Attempt[]>> chunks_;
  Attempt* free_ = nullptr;  // linked through `older`
};

}  // namespace coord

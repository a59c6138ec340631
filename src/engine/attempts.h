// SPDX-License-Identifier: MIT
// Attempts as the engine keeps them, and the lists that they stand in.
//
// An attempt stands in two intrusive lists: its unit's (newest first, through `older`) and one of
// its worker's two (open, ended). All attempts of an engine come from one pool; they refer to each
// other by their places in it, which take half the room of pointers.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "domain/attempt_rules.h"
#include "domain/command.h"
#include "engine/heap_bytes.h"

namespace coord {

// Records that live in millions are allocated by as many as fit in this: few enough for the first
// of a spec to be cheap, in a size of which allocators waste nothing.
inline constexpr std::size_t kChunkBytes = std::size_t{128} * 1024;

class UnitTable;
struct Worker;

// The place of a unit in its table.
enum class UnitId : std::uint32_t {};
// The place of an attempt in the pool.
enum class AttemptRef : std::uint32_t {};
inline constexpr AttemptRef kNoAttempt{UINT32_MAX};

class Attempt {
 public:
  UnitTable* table = nullptr;  // of its unit
  Worker* worker = nullptr;
  HeapBytes data;  // its own; null until it sets any
  WallTime start = kNoTime;
  WallTime expiration = kNoTime;
  WallTime end = kNoTime;
  UnitId unit{0};
  AttemptRef older = kNoAttempt;            // the unit's attempt before this one
  AttemptRef worker_previous = kNoAttempt;  // neighbours in the worker's list
  AttemptRef worker_next = kNoAttempt;

  AttemptId id() const { return AttemptId{id_}; }
  void set_id(AttemptId id) { id_ = static_cast<std::uint64_t>(id) & kIdMask; }

  AttemptStatus stored() const { return static_cast<AttemptStatus>(stored_); }
  void set_stored(AttemptStatus stored) { stored_ = static_cast<std::uint64_t>(stored) & 7U; }

  // In its worker's list of open attempts, else in that of ended ones.
  bool open() const { return open_ != 0; }
  void set_open(bool open) { open_ = open ? 1 : 0; }

  // Open, but its worker was unregistered: not in the active list any more.
  bool orphaned() const { return orphaned_ != 0; }
  void set_orphaned(bool orphaned) { orphaned_ = orphaned ? 1 : 0; }

  // Listed in the journal's changed rows.
  bool changed() const { return changed_ != 0; }
  void set_changed(bool changed) { changed_ = changed ? 1 : 0; }

  // Gone, but for a journal that may take that back.
  bool erased() const { return erased_ != 0; }
  void set_erased(bool erased) { erased_ = erased ? 1 : 0; }

  bool Lapsed(WallTime now) const {
    return stored() == AttemptStatus::kPending && expiration <= now;
  }

 private:
  static constexpr std::uint64_t kIdMask = (std::uint64_t{1} << 56U) - 1;

  // Packed, because there are as many of these as there are finished units.
  std::uint64_t id_ : 56 = 0;
  std::uint64_t stored_ : 3 = 0;
  std::uint64_t open_ : 1 = 1;
  std::uint64_t orphaned_ : 1 = 0;
  std::uint64_t changed_ : 1 = 0;
  std::uint64_t erased_ : 1 = 0;
};
static_assert(sizeof(Attempt) == 72, "millions of these");

// Hands out attempts from chunks and takes them back; a reference stays good until Free().
class AttemptPool {
 public:
  Attempt& operator[](AttemptRef ref) const {
    const auto index = static_cast<std::uint32_t>(ref);
    return chunks_[index / kChunkSize][index % kChunkSize];
  }

  AttemptRef Allocate();
  void Free(AttemptRef ref);

  // Visits all that were allocated and not freed.
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    for (const auto& chunk : chunks_) {
      for (std::uint32_t i = 0; i < kChunkSize; ++i) {
        // No attempt has the number 0.
        if (chunk[i].id() != AttemptId{0}) visit(chunk[i]);
      }
    }
  }

 private:
  static constexpr std::uint32_t kChunkSize = kChunkBytes / sizeof(Attempt);
  std::vector<std::unique_ptr<Attempt[]>> chunks_;
  AttemptRef free_ = kNoAttempt;  // linked through `older`
};

// A doubly linked list of one worker's attempts, oldest entry first.
class AttemptList {
 public:
  void Append(AttemptPool& pool, AttemptRef ref);
  void Remove(AttemptPool& pool, AttemptRef ref);
  AttemptRef first() const { return first_; }
  AttemptRef last() const { return last_; }
  bool empty() const { return first_ == kNoAttempt; }

  // Calls `visit(ref, attempt)` for each; the visited one may be removed.
  template <typename Visit>
  void ForEach(const AttemptPool& pool, Visit&& visit) const {
    for (AttemptRef ref = first_; ref != kNoAttempt;) {
      Attempt& attempt = pool[ref];
      const AttemptRef next = attempt.worker_next;
      visit(ref, attempt);
      ref = next;
    }
  }

 private:
  AttemptRef first_ = kNoAttempt;
  AttemptRef last_ = kNoAttempt;
};

}  // namespace coord

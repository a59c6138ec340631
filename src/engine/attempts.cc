// SPDX-License-Identifier: MIT
#include "engine/attempts.h"

#include "base/check.h"

namespace coord {

AttemptRef AttemptPool::Allocate() {
  if (free_ == kNoAttempt) {
    const auto first = static_cast<std::uint32_t>(chunks_.size()) * kChunkSize;
    COORD_CHECK(first < UINT32_MAX - kChunkSize);
    chunks_.push_back(std::make_unique<Attempt[]>(kChunkSize));
    for (std::uint32_t i = kChunkSize; i-- > 0;) {
      chunks_.back()[i].older = free_;
      free_ = AttemptRef{first + i};
    }
  }
  const AttemptRef ref = free_;
  free_ = (*this)[ref].older;
  (*this)[ref].older = kNoAttempt;
  return ref;
}

void AttemptPool::Free(AttemptRef ref) {
  (*this)[ref] = Attempt{};
  (*this)[ref].older = free_;
  free_ = ref;
}

void AttemptList::Append(AttemptPool& pool, AttemptRef ref) {
  Attempt& attempt = pool[ref];
  attempt.worker_previous = last_;
  attempt.worker_next = kNoAttempt;
  (last_ == kNoAttempt ? first_ : pool[last_].worker_next) = ref;
  last_ = ref;
}

void AttemptList::Remove(AttemptPool& pool, AttemptRef ref) {
  Attempt& attempt = pool[ref];
  const AttemptRef previous = attempt.worker_previous;
  const AttemptRef next = attempt.worker_next;
  (previous == kNoAttempt ? first_ : pool[previous].worker_next) = next;
  (next == kNoAttempt ? last_ : pool[next].worker_previous) = previous;
  attempt.worker_previous = kNoAttempt;
  attempt.worker_next = kNoAttempt;
}

}  // namespace coord

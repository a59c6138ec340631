// SPDX-License-Identifier: MIT
#include "engine/attempts.h"

namespace coord {

void AttemptList::Append(Attempt& attempt) {
  attempt.worker_previous = last_;
  attempt.worker_next = nullptr;
  (last_ == nullptr ? first_ : last_->worker_next) = &attempt;
  last_ = &attempt;
}

void AttemptList::Remove(Attempt& attempt) {
  (attempt.worker_previous == nullptr ? first_ : attempt.worker_previous->worker_next) =
      attempt.worker_next;
  (attempt.worker_next == nullptr ? last_ : attempt.worker_next->worker_previous) =
      attempt.worker_previous;
  attempt.worker_previous = nullptr;
  attempt.worker_next = nullptr;
}

Attempt& AttemptPool::Allocate() {
  if (free_ == nullptr) {
    chunks_.push_back(std::make_unique<Attempt[]>(kChunkSize));
    for (std::size_t i = kChunkSize; i-- > 0;) {
      Attempt& attempt = chunks_.back()[i];
      attempt.older = free_;
      free_ = &attempt;
    }
  }
  Attempt& attempt = *free_;
  free_ = attempt.older;
  attempt.older = nullptr;
  return attempt;
}

void AttemptPool::Free(Attempt& attempt) {
  attempt = Attempt{};
  attempt.older = free_;
  free_ = &attempt;
}

}  // namespace coord

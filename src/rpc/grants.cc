// SPDX-License-Identifier: MIT
#include "rpc/grants.h"

#include <algorithm>
#include <utility>

namespace coord {

void Grants::Add(std::size_t offset, std::string_view worker, std::span<const GrantedUnit> units) {
  entries_.push_back({offset, workers_.size(), worker.size(), attempts_.size(), units.size()});
  workers_.append(worker);
  for (const GrantedUnit& unit : units) attempts_.push_back(unit.attempt);
}

void Grants::TakeFrom(Grants& other, std::size_t base) {
  if (other.empty()) return;
  if (empty()) {
    std::swap(*this, other);
    for (Entry& entry : entries_) entry.offset += base;
    return;
  }
  for (const Entry& entry : other.entries_) {
    entries_.push_back({entry.offset + base, entry.worker + workers_.size(), entry.worker_size,
                        entry.first + attempts_.size(), entry.count});
  }
  workers_.append(other.workers_);
  attempts_.insert(attempts_.end(), other.attempts_.begin(), other.attempts_.end());
  other.Clear();
}

void Grants::CutFront(std::size_t size) {
  Grants kept;
  for (const Entry& entry : entries_) {
    if (entry.offset < size) continue;
    kept.entries_.push_back({entry.offset - size, kept.workers_.size(), entry.worker_size,
                             kept.attempts_.size(), entry.count});
    kept.workers_.append(workers_, entry.worker, entry.worker_size);
    const auto ids = std::span(attempts_).subspan(entry.first, entry.count);
    kept.attempts_.insert(kept.attempts_.end(), ids.begin(), ids.end());
  }
  *this = std::move(kept);
}

void Grants::Clear() {
  entries_.clear();
  workers_.clear();
  attempts_.clear();
}

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "serve/grants.h"

#include <utility>

namespace coord {

void Grants::Add(std::size_t offset, std::string_view name_space, std::string_view worker,
                 std::span<const GrantedUnit> units) {
  entries_.push_back({offset, names_.size(), name_space.size() + worker.size(), name_space.size(),
                      attempts_.size(), units.size()});
  names_.append(name_space).append(worker);
  for (const GrantedUnit& unit : units) attempts_.push_back(unit.attempt);
}

void Grants::TakeFrom(Grants& other, std::size_t base) {
  if (other.empty()) return;
  if (empty()) {
    std::swap(*this, other);
    for (Entry& entry : entries_) entry.offset += base;
    return;
  }
  for (Entry entry : other.entries_) {
    entry.offset += base;
    entry.names += names_.size();
    entry.first += attempts_.size();
    entries_.push_back(entry);
  }
  names_.append(other.names_);
  attempts_.insert(attempts_.end(), other.attempts_.begin(), other.attempts_.end());
  other.Clear();
}

void Grants::CutFront(std::size_t size) {
  Grants kept;
  for (Entry entry : entries_) {
    if (entry.offset < size) continue;
    const auto ids = std::span(attempts_).subspan(entry.first, entry.count);
    entry.offset -= size;
    entry.first = kept.attempts_.size();
    kept.names_.append(names_, entry.names, entry.names_size);
    entry.names = kept.names_.size() - entry.names_size;
    kept.attempts_.insert(kept.attempts_.end(), ids.begin(), ids.end());
    kept.entries_.push_back(entry);
  }
  *this = std::move(kept);
}

void Grants::JoinAnswers() {
  for (Entry& entry : entries_) entry.offset = 0;
}

void Grants::Clear() {
  entries_.clear();
  names_.clear();
  attempts_.clear();
}

}  // namespace coord

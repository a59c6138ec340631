// SPDX-License-Identifier: MIT
// Attempts that were made for answers which may not have left yet: if no byte of such an answer can
// be sent, they are expired at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/outcome.h"

namespace coord {

// Remembers which attempts belong to the answer that starts at which offset of an output. Offsets
// are added in ascending order. Does not allocate in the steady state.
class Grants {
 public:
  bool empty() const { return entries_.empty(); }

  void Add(std::size_t offset, std::string_view name_space, std::string_view worker,
           std::span<const GrantedUnit> units);

  // Takes over all of `other`, whose offsets count from `base` here, and leaves it empty.
  void TakeFrom(Grants& other, std::size_t base);

  // Forgets those of answers that start before `size`, which has been cut off the output's front.
  void CutFront(std::size_t size);

  // All of them belong to one answer, which starts at 0.
  void JoinAnswers();

  void Clear();

  // Calls visit(name space, worker, attempt ids) for each answer that starts at `offset` or later.
  template <typename Visit>
  void VisitFrom(std::size_t offset, Visit visit) const {
    for (const Entry& entry : entries_) {
      if (entry.offset < offset) continue;
      const std::string_view names = std::string_view(names_).substr(entry.names, entry.names_size);
      visit(names.substr(0, entry.name_space_size), names.substr(entry.name_space_size),
            std::span(attempts_).subspan(entry.first, entry.count));
    }
  }

 private:
  struct Entry {
    std::size_t offset;
    std::size_t names;  // where the names of namespace and worker are in names_
    std::size_t names_size;
    std::size_t name_space_size;
    std::size_t first;  // where its attempts are in attempts_
    std::size_t count;
  };

  std::vector<Entry> entries_;
  std::string names_;
  std::vector<AttemptId> attempts_;
};

}  // namespace coord

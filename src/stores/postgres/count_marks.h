// SPDX-License-Identifier: MIT
// From which row on the counters of a set of units are added up.
//
// Counters are rows of differences; folding makes one of many, and the many stay in the index until
// they are cleaned up, for as long as any snapshot is open that might see them. A mark says that no
// row before it counts. A row that is not visible yet might still appear before the one that a
// folding made; so the mark moves only when all transactions that began before it have ended.
#pragma once

#include <cstdint>
#include <map>

#include "stores/postgres/parameters.h"

namespace coord {

class CountMarks {
 public:
  // The marks as two columns: generations, and the numbers of rows. Generations without a mark are
  // left out.
  void AddTo(PgParameters& parameters) const;
  // The mark of one; 0: none.
  std::int64_t Of(std::int64_t generation) const;

  // A folding by this daemon made `row`, in a transaction of this number.
  void NoteFolded(std::int64_t generation, std::int64_t row, std::int64_t transaction);
  // The first row that was seen by a snapshot to which all transactions before `ended` have ended.
  void NoteSeen(std::int64_t generation, std::int64_t first_row, std::int64_t ended);

 private:
  struct Mark {
    std::int64_t from = 0;
    std::int64_t folded_row = 0;  // 0: none that is waited for
    std::int64_t folded_transaction = 0;
  };

  std::map<std::int64_t, Mark> marks_;
};

}  // namespace coord

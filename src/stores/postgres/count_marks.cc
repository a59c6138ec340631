// SPDX-License-Identifier: MIT
#include "stores/postgres/count_marks.h"

#include <algorithm>

namespace coord {

namespace {

// A transaction may take the number of a row just before it gets its own number; none of those that
// got theirs so much later can have done so.
constexpr std::int64_t kSlack = 1'000;
// Generations come and go; with so many marks most are of those that have gone.
constexpr std::size_t kMarksMax = 10'000;

}  // namespace

void CountMarks::AddTo(PgParameters& parameters) const {
  PgArray generations(PgType::kInt8), rows(PgType::kInt8);
  for (const auto& [generation, mark] : marks_) {
    if (mark.from == 0) continue;
    generations.Add(generation);
    rows.Add(mark.from);
  }
  parameters.Add(generations).Add(rows);
}

std::int64_t CountMarks::Of(std::int64_t generation) const {
  const auto found = marks_.find(generation);
  return found == marks_.end() ? 0 : found->second.from;
}

void CountMarks::NoteFolded(std::int64_t generation, std::int64_t row, std::int64_t transaction) {
  if (marks_.size() >= kMarksMax) marks_.clear();
  Mark& mark = marks_[generation];
  if (mark.folded_row != 0) return;  // the one before has not been settled yet
  mark.folded_row = row;
  mark.folded_transaction = transaction;
}

void CountMarks::NoteSeen(std::int64_t generation, std::int64_t first_row, std::int64_t ended) {
  const auto found = marks_.find(generation);
  if (found == marks_.end()) return;
  Mark& mark = found->second;
  if (mark.folded_row == 0 || ended < mark.folded_transaction + kSlack) return;
  mark.from = std::max(mark.from, std::min(first_row, mark.folded_row));
  mark.folded_row = 0;
}

}  // namespace coord

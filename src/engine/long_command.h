// SPDX-License-Identifier: MIT
// Commands that may select millions of units, executed slice by slice.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/query.h"
#include "domain/store.h"
#include "engine/unit_table.h"

namespace coord {

// A query that owns what it needs and remembers how far it has come.
class UnitSelection {
 public:
  UnitSelection() = default;
  explicit UnitSelection(const WorkUnitQuery& query);

  // Visits up to `budget` of the units that are still to come, in byte order of the name. `visit`
  // may change or erase the unit. Returns true when all have been visited.
  template <typename Visit>
  bool VisitSome(UnitTable& units, std::size_t budget, Visit&& visit);

 private:
  bool by_names_ = false;
  std::vector<std::string> names_;  // sorted, each once; if by_names_
  std::size_t next_name_ = 0;
  std::optional<StatusSet> statuses_;
  std::optional<std::string> from_;
  std::optional<std::string> after_;
  std::optional<std::uint64_t> left_;  // what the limit still allows
};

// A command under way.
struct LongCommand {
  enum class Action : std::uint8_t { kPrioritize, kDelete, kRetry, kRetention };

  Action action = Action::kDelete;
  std::string name_space;
  std::string spec;
  std::uint64_t spec_serial = 0;
  UnitSelection selection;
  double priority = 0;  // kPrioritize
  bool adjust = false;
  std::vector<std::string> retention_specs;  // kRetention: those still to do, last first
  std::uint64_t count = 0;                   // units so far
  OutcomeSink* sink = nullptr;
  std::uint64_t token = 0;
};

template <typename Visit>
bool UnitSelection::VisitSome(UnitTable& units, std::size_t budget, Visit&& visit) {
  if (left_) budget = static_cast<std::size_t>(std::min<std::uint64_t>(budget, *left_));
  std::size_t visited = 0;
  const auto count_one = [&](UnitId id, Unit& unit) {
    ++visited;
    visit(id, unit);
  };
  bool finished = true;
  if (by_names_) {
    for (; next_name_ < names_.size(); ++next_name_) {
      if (visited == budget) {
        finished = false;
        break;
      }
      const std::string& name = names_[next_name_];
      if ((from_ && name < *from_) || (after_ && name <= *after_)) continue;
      const UnitId id = units.Find(name);
      if (id == kNoUnit || (statuses_ && !statuses_->Has(units[id].status()))) continue;
      count_one(id, units[id]);
    }
  } else {
    WorkUnitQuery query;
    query.statuses = statuses_;
    if (from_) query.from = *from_;
    if (after_) query.after = *after_;
    std::string last;
    units.VisitInOrder(query, [&](UnitId id, Unit& unit) {
      if (visited == budget) {
        finished = false;
        return false;
      }
      if (visited + 1 == budget) last = unit.name();
      count_one(id, unit);
      return true;
    });
    if (!finished) after_ = std::move(last);
  }
  if (left_) {
    *left_ -= visited;
    if (*left_ == 0) return true;
  }
  return finished;
}

}  // namespace coord

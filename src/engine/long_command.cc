// SPDX-License-Identifier: MIT
#include "engine/long_command.h"

namespace coord {

UnitSelection::UnitSelection(const WorkUnitQuery& query) : statuses_(query.statuses) {
  if (query.names) {
    by_names_ = true;
    names_.assign(query.names->begin(), query.names->end());
    std::sort(names_.begin(), names_.end());
    names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
  }
  if (query.from) from_ = *query.from;
  if (query.after) after_ = *query.after;
  if (query.limit > 0) left_ = query.limit;
}

}  // namespace coord

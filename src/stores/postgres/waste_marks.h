// SPDX-License-Identifier: MIT
// How far the deletion of units that were deleted as a whole has come, so that no step walks over
// what those before it deleted (see claim_marks.h for what keeps it in the indexes).
#pragma once

#include <array>
#include <limits>
#include <map>
#include <string>

#include "stores/postgres/images.h"

namespace coord {

class WasteMarks {
 public:
  // Nothing that stood before these places is left.
  struct Places {
    double available = -std::numeric_limits<double>::infinity();
    std::array<std::string, 4> names;  // in the tables that are in order of the name
    bool operator==(const Places&) const = default;
  };

  Places& Of(PgId generation) { return places_[generation]; }
  void Drop(PgId generation) { places_.erase(generation); }

 private:
  std::map<PgId, Places> places_;
};

}  // namespace coord

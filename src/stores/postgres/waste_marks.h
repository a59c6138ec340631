// SPDX-License-Identifier: MIT
// How far the removal of units that were deleted as a whole has come, so that no step walks over
// what those before it removed (see claim_marks.h for what keeps it in the indexes).
#pragma once

#include <array>
#include <limits>
#include <map>
#include <set>
#include <string>

#include "stores/postgres/images.h"
#include "stores/postgres/parameters.h"

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
  // From the front again.
  void Drop(PgId generation) { places_.erase(generation); }

  // Nothing was found of it from the front on.
  void NoteEmpty(PgId generation) { empty_.insert(generation); }
  void Forget(PgId generation) {
    Drop(generation);
    empty_.erase(generation);
  }
  PgArray empty() const {
    PgArray generations(PgType::kInt8);
    for (const PgId generation : empty_) generations.Add(generation);
    return generations;
  }

 private:
  std::map<PgId, Places> places_;
  std::set<PgId> empty_;
};

}  // namespace coord

// SPDX-License-Identifier: MIT
// Work units as callers and finished attempts describe them (spec/domain.md, section 6).
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/clock.h"
#include "base/result.h"
#include "value/data.h"

namespace coord {

// One unit to add. Views are borrowed.
struct UnitItem {
  std::string_view name;
  Data data = Data::Empty();  // never null
  std::optional<double> priority;
  // Not before this time; where `delay` is positive, now + delay counts instead.
  WallTime not_before = kNoTime;
  Duration delay{0};
};

// Reads one item: a string, or a list or tuple of (name, data, meta, priority).
// Errors: kWorkUnitNotList, kWorkUnitTooShort, kBadPriority or kInvalid; they say what, not where.
Result<UnitItem> ParseUnitItem(std::string_view item, Arena& arena);

// Reads a list of items, all or nothing; the error's detail gives the index of the first bad one.
Result<std::span<const UnitItem>> ParseUnitItems(std::string_view list, Arena& arena);

// Reads the `output` of a finished attempt's data. Items that do not parse are left out; no
// output, or one of a wrong kind, gives none. Items without a priority have none here.
std::span<const UnitItem> ParseOutput(Data final_data, Arena& arena);

}  // namespace coord

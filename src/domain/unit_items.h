// SPDX-License-Identifier: MIT
// Work units as callers and finished attempts describe them (spec/domain.md, section 6).
#pragma once

#include <cstddef>
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

// The most items that one list may have, which bounds the memory that a message of tiny ones takes.
inline constexpr std::size_t kUnitItemsMax = 4'000'000;

// A unit's priority, or an amount to adjust it by, must be a finite number.
// Errors: kBadPriority.
Result<void> CheckPriority(double priority, std::string_view unit);

// Reads one item: a text or byte string (a unit of that name with empty data), or a list or tuple
// of two to four parts: name (text or bytes), data (map or null), meta (map or null, of which
// `priority` and `delay` in seconds count), priority (number or null; wins over the meta's).
// Errors, which say what is wrong, not where: kWorkUnitNotList (neither string nor list),
// kWorkUnitTooShort (fewer than two parts), kBadPriority (no finite number), kInvalid (the rest).
Result<UnitItem> ParseUnitItem(std::string_view item, Arena& arena);

// Reads a list or tuple of items, all or nothing. Cost: one pass, one array in the arena.
// Errors: those of ParseUnitItem, the detail beginning "item N: " with the index (from 0) of the
// first bad one; kInvalid where it is no list; kOverLimit beyond kUnitItemsMax.
Result<std::span<const UnitItem>> ParseUnitItems(std::string_view list, Arena& arena);

// Reads the `output` of a finished attempt's data: a map of names to data (null: empty), or a list
// as above. Items that do not parse are left out; no output, or one of another kind, gives none.
// Items without a priority have none here: the caller gives them that of the unit that made them.
// Where a name occurs again, both are there, in order: adding them in order lets the last win.
std::span<const UnitItem> ParseOutput(Data final_data, Arena& arena);

}  // namespace coord

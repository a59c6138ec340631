// SPDX-License-Identifier: MIT
// Which work units an operation is about (spec/domain.md, section 3, "Queries").
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "domain/status.h"

namespace coord {

// Selects units of one spec, in byte order of the name. Views are borrowed.
struct WorkUnitQuery {
  // Absent: all; empty: none. Unknown names are skipped.
  std::optional<std::span<const std::string_view>> names;
  // Absent: all; empty: none.
  std::optional<StatusSet> statuses;
  // Names from this one on, inclusive.
  std::optional<std::string_view> from;
  // Names after this one, exclusive.
  std::optional<std::string_view> after;
  std::uint64_t limit = 0;  // 0: no limit
};

}  // namespace coord

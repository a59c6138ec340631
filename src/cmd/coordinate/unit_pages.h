// SPDX-License-Identifier: MIT
// Work units as commands see them: read page by page, and grouped by how they failed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/coordinate/command.h"
#include "domain/status.h"

namespace coord {

struct UnitQuery {
  std::string spec;
  StatusSet statuses = StatusSet::All();
  std::string from;         // the first key wanted
  std::uint64_t limit = 0;  // 0: none
  bool with_status = true;  // false: only `key` and `data` of a UnitView are filled in
};

struct UnitView {
  std::string key;
  Value data;
  std::string status;          // exact: delayed apart from available
  std::string worker;          // of the active attempt; empty if there is none
  std::optional<double> time;  // Unix seconds: pending: its lease ends; delayed: may run from;
                               // finished and failed: ended
  std::string traceback;       // from its data; empty if there is none
};

// How a walk over units ended.
struct UnitWalk {
  std::uint64_t seen = 0;
  // Where to go on, if the limit stopped it before the last unit.
  std::optional<std::string> next;
};

// Calls `visit` with each page of units in key order; a page holds at most 1,000 and may be empty.
// What changes meanwhile may be seen before or after. Errors: kNotFound for an unknown spec.
Result<UnitWalk> WalkUnits(Context& context, const UnitQuery& query,
                           const std::function<void(std::vector<UnitView>)>& visit);

// For each key whether its unit is delayed rather than available, and until when; asked one by one
// in a pipeline. Units that are gone are left out.
struct UnitMeta {
  std::string status;
  double priority = 0;
  std::optional<double> not_before;  // Unix seconds
};
Result<std::vector<std::optional<UnitMeta>>> GetUnitMetas(Context& context, const std::string& spec,
                                                          const std::vector<std::string>& keys);

// "expires in 4m59s", "not before 2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z" or "-".
std::string FormatUnitTime(const UnitView& unit, WallTime now);

// The text under `traceback` in a unit's or attempt's data; empty if there is none.
std::string TracebackOf(const Value& data);

}  // namespace coord

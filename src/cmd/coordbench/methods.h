// SPDX-License-Identifier: MIT
// The requests that the load generator sends, with blanks for what changes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cmd/coordbench/wire.h"

namespace coord::bench {

// What the units of a run look like.
struct UnitShape {
  std::string spec;
  std::size_t payload = 0;  // bytes of data, in one byte string; 0: an empty map
  bool scatter = false;     // names in random order
  bool random_priority = false;
};

// Blank in an item of AddUnits where shape.random_priority is set: eight bytes of a double.
inline constexpr std::string_view kBlankPriority = "pppppppp";

// add_work_units; items have kBlankUnitName and maybe kBlankPriority.
Request AddUnits(const UnitShape& shape);

struct WorkRequest {
  std::string worker_prefix;  // kBlankWorker follows it
  std::string spec;           // empty: any
  std::uint32_t max_jobs = 1;
  bool carries_updates = false;  // the list is `updates`; its items have kBlankUnitName
  std::string update_spec;       // the spec of those items
};

// get_work; kBlankWorker in front.
Request GetWork(const WorkRequest& options);

// update_work_unit with status finished; kBlankUnitName in front.
Request FinishUnit(std::string_view spec);
// update_work_units, the same for many; items have kBlankUnitName.
Request FinishUnits(std::string_view spec);

Request Now();
Request GetSummary();
Request CountUnits(std::string_view spec);
Request DeleteSpec(std::string_view spec);

struct SpecOptions {
  std::string name;
  std::uint64_t limit_completed_count = 0;  // 0: none
};
Request SetSpec(const SpecOptions& options);

}  // namespace coord::bench

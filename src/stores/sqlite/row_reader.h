// SPDX-License-Identifier: MIT
// Loads an engine from the tables.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "engine/engine_loader.h"
#include "stores/sqlite/database.h"

namespace coord {

// What a load came to.
struct LoadedRows {
  std::uint64_t last_batch = 0;
  std::uint64_t units = 0;
  std::uint64_t attempts = 0;
  // Rows that belong to nothing any more: what was deleted as a whole before the last stop.
  std::vector<RowId> waste_units;
  std::vector<RowId> waste_attempts;
};

// Called with the number of rows read so far, every hundred thousand.
using OnRowsRead = std::function<void(std::uint64_t rows)>;

// Reads everything into the empty engine behind `loader`, at the time `now`. Errors: kUnavailable;
// kCorrupt for rows that contradict each other, named. Cost: one pass over all tables.
Result<LoadedRows> ReadRows(Database& database, EngineLoader& loader, WallTime now,
                            const OnRowsRead& progress);

}  // namespace coord

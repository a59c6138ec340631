// SPDX-License-Identifier: MIT
// Reads units and attempts into images, and locks them.
#pragma once

#include <span>

#include "stores/postgres/images.h"
#include "stores/postgres/transaction.h"

namespace coord {

// Fills in images of which only spec and name are known; of those of `without_row` that are
// running, all but the unit's own row. Cost: one round trip for all of those that are running, two
// for the others, more where other daemons change them at the same moment.
void LoadUnits(PgTransaction& transaction, std::span<UnitImage* const> with_row,
               std::span<UnitImage* const> without_row);

// Reads the unit's own row, which is there because the unit is running. Cost: a round trip.
void LoadUnitRow(PgTransaction& transaction, UnitImage& unit);

// Reads all attempts of a unit that have not been read yet.
void LoadHistory(PgTransaction& transaction, UnitImage& unit);

}  // namespace coord

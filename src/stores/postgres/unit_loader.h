// SPDX-License-Identifier: MIT
// Reads units and attempts into images, and locks them.
#pragma once

#include <span>

#include "stores/postgres/images.h"
#include "stores/postgres/transaction.h"

namespace coord {

// Fills in images of which only spec and name are known. Cost: one round trip for all of those that
// are pending, two for the others, more where other daemons change them at the same moment.
void LoadUnits(PgTransaction& transaction, std::span<UnitImage* const> units);

// Reads all attempts of a unit that have not been read yet.
void LoadHistory(PgTransaction& transaction, UnitImage& unit);

}  // namespace coord

// SPDX-License-Identifier: MIT
// The PostgreSQL store for the conformance suite and the model test.
#pragma once

#include "store_case.h"

namespace coord::testing {

// Each test has a schema of its own, in the database that COORD_POSTGRES names (a libpq connection
// string; scripts/with-postgres sets it), dropped at its end.
StoreCase PostgresCase();
// The same, closed and opened again after every command.
StoreCase ReopenedPostgresCase();

}  // namespace coord::testing

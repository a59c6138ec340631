// SPDX-License-Identifier: MIT
// Those tests in which threads of the PostgreSQL store meet, for the thread sanitizer.
#include "postgres_case.h"
#include "suite.h"

namespace coord::testing {

COORD_INSTANTIATE_AREA(ManyClientsTest, PostgresCase());

}  // namespace coord::testing

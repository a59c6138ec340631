// SPDX-License-Identifier: MIT
// The conformance suite on PostgreSQL.
#include "postgres_case.h"
#include "suite.h"

namespace coord::testing {

COORD_INSTANTIATE_CONFORMANCE(PostgresCase());

}  // namespace coord::testing

// SPDX-License-Identifier: MIT
// The conformance suite on PostgreSQL, closed and opened again after every command: a daemon keeps
// nothing that it cannot lose.
#include "postgres_case.h"
#include "suite.h"

namespace coord::testing {

COORD_INSTANTIATE_CONFORMANCE(ReopenedPostgresCase());

}  // namespace coord::testing

// SPDX-License-Identifier: MIT
// The conformance suite on the store that speaks to another daemon, on PostgreSQL.
#include "rest_case.h"
#include "suite.h"

namespace coord::testing {

COORD_INSTANTIATE_CONFORMANCE(RestOverPostgresCase());

}  // namespace coord::testing

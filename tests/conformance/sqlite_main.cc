// SPDX-License-Identifier: MIT
// The conformance suite on the embedded store.
#include "sqlite_case.h"
#include "suite.h"

namespace coord::testing {

COORD_INSTANTIATE_CONFORMANCE(SqliteCase());

}  // namespace coord::testing

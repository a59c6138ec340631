// SPDX-License-Identifier: MIT
// The conformance suite on the embedded store, closed and opened again after every command.
#include "sqlite_case.h"
#include "suite.h"

namespace coord::testing {

COORD_INSTANTIATE_CONFORMANCE(ReopenedSqliteCase());

}  // namespace coord::testing

// SPDX-License-Identifier: MIT
// The embedded store for the conformance suite and the model test.
#pragma once

#include "store_case.h"

namespace coord::testing {

StoreCase SqliteCase();
// The same, closed and opened again after every command.
StoreCase ReopenedSqliteCase();

}  // namespace coord::testing

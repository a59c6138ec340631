// SPDX-License-Identifier: MIT
// The tables, and how a database of an earlier version becomes one of this.
//
// To change the tables: append a step to kSteps in schema.cc (never change one that was released)
// and describe the change in the changelog.
#pragma once

#include "base/result.h"
#include "stores/postgres/connection.h"

namespace coord {

// What became of a database.
struct PgMigration {
  int from = 0;
  int to = 0;
};

// Brings the tables, in the schema that the connection finds first, to the version that this
// program knows; with `may_change` unset only looks. Safe when several daemons start at once.
// Errors: kInvalid (of a newer version, or older and it may not be changed), kUnavailable.
Result<PgMigration> MigratePostgres(PgConnection& connection, bool may_change);

}  // namespace coord

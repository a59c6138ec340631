// SPDX-License-Identifier: MIT
// The tables of a store's file, and how a file of an earlier version becomes one of this.
//
// To change the tables: append a step to kSteps in schema.cc (never change one that was released),
// adapt row_writer.cc and row_reader.cc, add a file of the version before to the tests' data, and
// describe the change in docs/sqlite.md.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "stores/sqlite/database.h"

namespace coord {

// Marks the files of this project among all SQLite files ("Cord").
inline constexpr int kApplicationId = 0x436f7264;

// What is run to come from one version to the next: step 0 makes the tables in an empty file.
std::span<const char* const> SchemaSteps();

// What became of a file.
struct Migration {
  int from = 0;
  int to = 0;
  std::string copy;  // the file as it was before; empty where there was nothing to keep
};

// Brings the file to the version that `steps` lead to, each step in one transaction; before the
// first of a file that holds something, a copy is made beside it. Errors: kInvalid for a file that
// is another program's or of a newer version (nothing is changed); kUnavailable.
Result<Migration> MigrateSchema(Database& database, std::span<const char* const> steps);

}  // namespace coord

// SPDX-License-Identifier: MIT
// Writes changed rows into the tables.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/result.h"
#include "engine/rows.h"
#include "stores/sqlite/database.h"

namespace coord {

// The statements of one connection, prepared once. Not thread-safe.
class RowWriter {
 public:
  // `database` outlives it.
  static Result<RowWriter> Prepare(Database& database);

  // Writes all changes and the number of their batch, inside the caller's transaction. Rows are
  // written in the order of their keys (so the changes are sorted): neighbours share pages.
  // False: an error, which the connection describes; the transaction is then to be rolled back.
  bool Write(RowChanges& changes, std::uint64_t batch);

 private:
  enum Table : std::size_t { kNamespaces, kSpecs, kUnits, kAttempts, kWorkers, kTableCount };

  bool WriteRow(const NamespaceRow& row);
  bool WriteRow(const WorkSpecRow& row);
  bool WriteRow(const WorkUnitRow& row);
  bool WriteRow(const AttemptRow& row);
  bool WriteRow(const WorkerRow& row);
  template <typename Row>
  bool WriteTable(Table table, TableChanges<Row>& changes);
  bool WriteLocks(const RowChanges& changes);
  bool WriteNumber(const char* key, std::uint64_t value);

  std::array<Statement, kTableCount> write_;
  std::array<Statement, kTableCount> delete_;
  Statement write_lock_;
  Statement delete_lock_;
  Statement delete_locks_;
  Statement write_number_;
};

}  // namespace coord

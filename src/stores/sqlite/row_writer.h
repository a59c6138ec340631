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

  // Of what follows, false: an error, which the connection describes. If a transaction is open
  // then, it is to be rolled back, and this object must not be used any more.

  // Begins a transaction, as the only one who writes.
  bool Begin() { return begin_.Execute(); }
  bool Commit() { return commit_.Execute(); }

  // Writes all changes, rows in the order of their keys (so the changes are sorted): neighbours
  // share pages.
  bool WriteRows(RowChanges& changes);
  // Writes the number of the transaction's last batch, and those of the highest ids that are not
  // known to be in the file.
  bool WriteNumbers(std::uint64_t batch, const LastIds& last);

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
  // Writes one if it differs from `written`, which it becomes.
  bool WriteNumber(const char* key, std::uint64_t value, std::uint64_t& written);

  std::array<Statement, kTableCount> write_;
  std::array<Statement, kTableCount> delete_;
  Statement begin_;
  Statement commit_;
  Statement write_lock_;
  Statement delete_lock_;
  Statement delete_locks_;
  Statement write_number_;
  // What was written last; 0: not known to be.
  std::uint64_t batch_ = 0;
  LastIds last_;
};

}  // namespace coord

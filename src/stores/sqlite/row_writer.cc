// SPDX-License-Identifier: MIT
#include "stores/sqlite/row_writer.h"

#include <algorithm>
#include <utility>

namespace coord {

namespace {

constexpr std::array kWrite = {
    "REPLACE INTO namespaces VALUES (?, ?)",
    "REPLACE INTO work_specs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "REPLACE INTO work_units VALUES (?, ?, ?, ?, ?, ?)",
    "REPLACE INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "REPLACE INTO workers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
};
constexpr std::array kDelete = {
    "DELETE FROM namespaces WHERE id = ?", "DELETE FROM work_specs WHERE id = ?",
    "DELETE FROM work_units WHERE id = ?", "DELETE FROM attempts WHERE id = ?",
    "DELETE FROM workers WHERE id = ?",
};

Statement& BindTime(Statement& statement, int place, WallTime time) {
  return time == kNoTime ? statement.BindNull(place)
                         : statement.Bind(place, std::int64_t{time.time_since_epoch().count()});
}

Statement& BindBytes(Statement& statement, int place, std::optional<std::string_view> bytes) {
  return bytes ? statement.BindBlob(place, *bytes) : statement.BindNull(place);
}

std::int64_t Flag(bool flag) { return flag ? 1 : 0; }

}  // namespace

Result<RowWriter> RowWriter::Prepare(Database& database) {
  RowWriter writer;
  for (std::size_t table = 0; table < kTableCount; ++table) {
    COORD_TRY(write, Statement::Prepare(database, kWrite[table]));
    COORD_TRY(erase, Statement::Prepare(database, kDelete[table]));
    writer.write_[table] = std::move(write);
    writer.delete_[table] = std::move(erase);
  }
  COORD_TRY(write_lock, Statement::Prepare(database, "REPLACE INTO locks VALUES (?, ?, ?, ?)"));
  COORD_TRY(delete_lock,
            Statement::Prepare(database, "DELETE FROM locks WHERE namespace_id = ? AND path = ?"));
  COORD_TRY(delete_locks, Statement::Prepare(database, "DELETE FROM locks WHERE namespace_id = ?"));
  COORD_TRY(write_number, Statement::Prepare(database, "REPLACE INTO coordinate VALUES (?, ?)"));
  COORD_TRY(begin, Statement::Prepare(database, "BEGIN IMMEDIATE"));
  COORD_TRY(commit, Statement::Prepare(database, "COMMIT"));
  writer.begin_ = std::move(begin);
  writer.commit_ = std::move(commit);
  writer.write_lock_ = std::move(write_lock);
  writer.delete_lock_ = std::move(delete_lock);
  writer.delete_locks_ = std::move(delete_locks);
  writer.write_number_ = std::move(write_number);
  return writer;
}

bool RowWriter::WriteRows(RowChanges& changes) {
  return WriteTable(kNamespaces, changes.namespaces) && WriteTable(kSpecs, changes.specs) &&
         WriteTable(kUnits, changes.units) && WriteTable(kAttempts, changes.attempts) &&
         WriteTable(kWorkers, changes.workers) && WriteLocks(changes);
}

bool RowWriter::WriteNumbers(std::uint64_t batch, const LastIds& last) {
  return WriteNumber("batch", batch, batch_) &&
         WriteNumber("last_namespace", last.name_space, last_.name_space) &&
         WriteNumber("last_work_spec", last.spec, last_.spec) &&
         WriteNumber("last_worker", last.worker, last_.worker) &&
         WriteNumber("last_attempt", last.attempt, last_.attempt) &&
         WriteNumber("last_generation", last.generation, last_.generation);
}

template <typename Row>
bool RowWriter::WriteTable(Table table, TableChanges<Row>& changes) {
  std::sort(changes.written.begin(), changes.written.end(),
            [](const Row& left, const Row& right) { return left.id < right.id; });
  std::sort(changes.deleted.begin(), changes.deleted.end());
  // Deletions first: a place may have been given to a new row since.
  for (const RowId id : changes.deleted) {
    if (!delete_[table].Bind(1, id).Execute()) return false;
  }
  return std::all_of(changes.written.begin(), changes.written.end(),
                     [this](const Row& row) { return WriteRow(row); });
}

bool RowWriter::WriteRow(const NamespaceRow& row) {
  return write_[kNamespaces].Bind(1, row.id).BindText(2, row.name).Execute();
}

bool RowWriter::WriteRow(const WorkSpecRow& row) {
  Statement& statement = write_[kSpecs];
  const WorkSpecMeta& meta = row.meta;
  statement.Bind(1, row.id).Bind(2, row.name_space).BindText(3, row.name);
  statement.Bind(4, row.generation).BindBlob(5, row.definition);
  statement.Bind(6, meta.priority).Bind(7, meta.weight).Bind(8, Flag(meta.paused));
  statement.Bind(9, Flag(meta.continuous)).Bind(10, std::int64_t{meta.interval.count()});
  BindTime(statement, 11, meta.next_continuous);
  statement.Bind(12, meta.min_memory_gb).Bind(13, meta.max_running);
  statement.Bind(14, meta.max_attempts_returned).Bind(15, meta.max_retries);
  return statement.Bind(16, row.removed_finished).Bind(17, row.removed_failed).Execute();
}

bool RowWriter::WriteRow(const WorkUnitRow& row) {
  Statement& statement = write_[kUnits];
  statement.Bind(1, row.id).Bind(2, row.spec).BindName(3, row.name).Bind(4, row.priority);
  return BindTime(statement, 5, row.not_before).BindBlob(6, row.data).Execute();
}

bool RowWriter::WriteRow(const AttemptRow& row) {
  Statement& statement = write_[kAttempts];
  statement.Bind(1, row.id).Bind(2, row.unit).Bind(3, row.worker);
  statement.Bind(4, static_cast<std::int64_t>(row.status)).Bind(5, Flag(row.active));
  statement.Bind(6, static_cast<std::int64_t>(row.listing)).Bind(7, std::int64_t{row.tries});
  BindTime(statement, 8, row.start);
  BindTime(statement, 9, row.expiration);
  BindTime(statement, 10, row.end);
  return BindBytes(statement, 11, row.data).Execute();
}

bool RowWriter::WriteRow(const WorkerRow& row) {
  Statement& statement = write_[kWorkers];
  statement.Bind(1, row.id).Bind(2, row.name_space).BindText(3, row.name);
  if (row.parent == 0) {
    statement.BindNull(4);
  } else {
    statement.Bind(4, row.parent);
  }
  statement.Bind(5, Flag(row.known)).Bind(6, Flag(row.active)).Bind(7, Flag(row.heartbeat));
  statement.BindBlob(8, row.mode);
  BindBytes(statement, 9, row.data);
  BindTime(statement, 10, row.last_update);
  BindTime(statement, 11, row.last_heartbeat);
  BindTime(statement, 12, row.expiration);
  return BindTime(statement, 13, row.inactive_since).Execute();
}

bool RowWriter::WriteLocks(const RowChanges& changes) {
  for (const RowId name_space : changes.unlocked_namespaces) {
    if (!delete_locks_.Bind(1, name_space).Execute()) return false;
  }
  for (const LockKey& key : changes.locks.deleted) {
    if (!delete_lock_.Bind(1, key.name_space).BindBlob(2, key.path).Execute()) return false;
  }
  for (const LockRow& row : changes.locks.written) {
    write_lock_.Bind(1, row.name_space).BindBlob(2, row.path).BindText(3, row.locker);
    if (!BindTime(write_lock_, 4, row.until).Execute()) return false;
  }
  return true;
}

bool RowWriter::WriteNumber(const char* key, std::uint64_t value, std::uint64_t& written) {
  if (value == std::exchange(written, value)) return true;
  return write_number_.BindText(1, key).Bind(2, value).Execute();
}

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "stores/sqlite/row_reader.h"

namespace coord {

namespace {

constexpr std::uint64_t kProgressRows = 100'000;

WallTime TimeOf(const Statement& row, int column) {
  return row.IsNull(column) ? kNoTime : WallTime(Duration(row.Integer(column)));
}

std::optional<std::string_view> BytesOf(const Statement& row, int column) {
  if (row.IsNull(column)) return std::nullopt;
  return row.Bytes(column);
}

class Reader {
 public:
  Reader(Database& database, EngineLoader& loader, const OnRowsRead& progress)
      : database_(database), loader_(loader), progress_(progress) {}

  Result<LoadedRows> ReadAll(WallTime now) {
    // One snapshot of all tables.
    COORD_TRY_VOID(database_.Run("BEGIN"));
    COORD_TRY_VOID(ReadTables());
    COORD_TRY(ids, ReadNumbers());
    COORD_TRY_VOID(database_.Run("COMMIT"));
    COORD_TRY_VOID(loader_.Finish(ids, now));
    return std::move(loaded_);
  }

 private:
  Result<void> ReadTables() {
    COORD_TRY_VOID(Each("SELECT id, name FROM namespaces ORDER BY id", [&](const Statement& row) {
      return loader_.Add(NamespaceRow{row.Unsigned(0), row.Bytes(1)});
    }));
    COORD_TRY_VOID(
        Each("SELECT id, namespace_id, name, generation, definition, priority, weight, paused, "
             "continuous, interval, next_continuous, min_memory_gb, max_running, "
             "max_attempts_returned, max_retries, removed_finished, removed_failed FROM work_specs",
             [&](const Statement& row) { return AddSpec(row); }));
    COORD_TRY_VOID(
        Each("SELECT id, namespace_id, name, parent_id, known, active, heartbeat, mode, data, "
             "last_update, last_heartbeat, expiration, inactive_since FROM workers",
             [&](const Statement& row) { return AddWorker(row); }));
    COORD_TRY_VOID(
        Each("SELECT id, work_spec_id, name, priority, not_before, data FROM work_units "
             "ORDER BY id",
             [&](const Statement& row) { return AddUnit(row); }));
    COORD_TRY_VOID(
        Each("SELECT id, work_unit_id, worker_id, status, active, listing, tries, start, "
             "expiration, end, data FROM attempts ORDER BY id",
             [&](const Statement& row) { return AddAttempt(row); }));
    return Each("SELECT namespace_id, path, locker, until FROM locks", [&](const Statement& row) {
      return loader_.Add(LockRow{row.Unsigned(0), row.Bytes(1), row.Bytes(2), TimeOf(row, 3)});
    });
  }

  template <typename Take>
  Result<void> Each(const char* sql, Take take) {
    COORD_TRY(statement, Statement::Prepare(database_, sql));
    for (int code = statement.Step(); code != SQLITE_DONE; code = statement.Step()) {
      if (code != SQLITE_ROW) return database_.Describe("cannot read");
      COORD_TRY_VOID(take(statement));
      if (++rows_ % kProgressRows == 0 && progress_) progress_(rows_);
    }
    return {};
  }

  Result<void> AddSpec(const Statement& row) {
    WorkSpecRow spec{row.Unsigned(0),  row.Unsigned(1), row.Bytes(2),
                     row.Bytes(4),     row.Unsigned(3), {},
                     row.Unsigned(15), row.Unsigned(16)};
    spec.meta.priority = row.Integer(5);
    spec.meta.weight = row.Integer(6);
    spec.meta.paused = row.Integer(7) != 0;
    spec.meta.continuous = row.Integer(8) != 0;
    spec.meta.interval = Duration(row.Integer(9));
    spec.meta.next_continuous = TimeOf(row, 10);
    spec.meta.min_memory_gb = row.Real(11);
    spec.meta.max_running = row.Unsigned(12);
    spec.meta.max_attempts_returned = row.Unsigned(13);
    spec.meta.max_retries = row.Unsigned(14);
    return loader_.Add(spec);
  }

  Result<void> AddWorker(const Statement& row) {
    WorkerRow worker;
    worker.id = row.Unsigned(0);
    worker.name_space = row.Unsigned(1);
    worker.name = row.Bytes(2);
    worker.parent = row.Unsigned(3);  // 0 where it is null
    worker.known = row.Integer(4) != 0;
    worker.active = row.Integer(5) != 0;
    worker.heartbeat = row.Integer(6) != 0;
    worker.mode = row.Bytes(7);
    worker.data = BytesOf(row, 8);
    worker.last_update = TimeOf(row, 9);
    worker.last_heartbeat = TimeOf(row, 10);
    worker.expiration = TimeOf(row, 11);
    worker.inactive_since = TimeOf(row, 12);
    return loader_.Add(worker);
  }

  Result<void> AddUnit(const Statement& row) {
    const WorkUnitRow unit{row.Unsigned(0), row.Unsigned(1), row.Bytes(2),
                           row.Bytes(5),    row.Real(3),     TimeOf(row, 4)};
    COORD_TRY(kept, loader_.Add(unit));
    if (kept) {
      ++loaded_.units;
    } else {
      loaded_.waste_units.push_back(unit.id);
    }
    return {};
  }

  Result<void> AddAttempt(const Statement& row) {
    AttemptRow attempt;
    attempt.id = row.Unsigned(0);
    attempt.unit = row.Unsigned(1);
    attempt.worker = row.Unsigned(2);
    attempt.status = static_cast<AttemptStatus>(row.Integer(3));
    attempt.active = row.Integer(4) != 0;
    attempt.listing = static_cast<AttemptListing>(row.Integer(5));
    attempt.tries = static_cast<std::uint32_t>(row.Integer(6));
    attempt.start = TimeOf(row, 7);
    attempt.expiration = TimeOf(row, 8);
    attempt.end = TimeOf(row, 9);
    attempt.data = BytesOf(row, 10);
    COORD_TRY(kept, loader_.Add(attempt));
    if (kept) {
      ++loaded_.attempts;
    } else {
      loaded_.waste_attempts.push_back(attempt.id);
    }
    return {};
  }

  Result<LastIds> ReadNumbers() {
    LastIds ids;
    COORD_TRY_VOID(Each("SELECT key, value FROM coordinate", [&](const Statement& row) {
      const std::string_view key = row.Bytes(0);
      const std::uint64_t value = row.Unsigned(1);
      if (key == "batch") loaded_.last_batch = value;
      if (key == "last_namespace") ids.name_space = value;
      if (key == "last_work_spec") ids.spec = value;
      if (key == "last_worker") ids.worker = value;
      if (key == "last_attempt") ids.attempt = value;
      if (key == "last_generation") ids.generation = value;
      return Result<void>();
    }));
    return ids;
  }

  Database& database_;
  EngineLoader& loader_;
  const OnRowsRead& progress_;
  LoadedRows loaded_;
  std::uint64_t rows_ = 0;
};

}  // namespace

Result<LoadedRows> ReadRows(Database& database, EngineLoader& loader, WallTime now,
                            const OnRowsRead& progress) {
  return Reader(database, loader, progress).ReadAll(now);
}

}  // namespace coord

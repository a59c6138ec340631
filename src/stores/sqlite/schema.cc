// SPDX-License-Identifier: MIT
#include "stores/sqlite/schema.h"

#include <array>

namespace coord {

namespace {

// Times are microseconds since the epoch, null for "no time"; maps are CBOR. Rows of units and
// attempts come in the order in which they are added and claimed, so that what is written together
// stands together. A unit's status is not stored: it follows from its newest attempt.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE coordinate (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO coordinate VALUES ('batch', 0), ('last_namespace', 0), ('last_work_spec', 0),
  ('last_worker', 0), ('last_attempt', 0), ('last_generation', 0);
CREATE TABLE namespaces (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE work_specs (
  id INTEGER PRIMARY KEY, namespace_id INTEGER NOT NULL, name TEXT NOT NULL,
  generation INTEGER NOT NULL, definition BLOB NOT NULL,
  priority INTEGER NOT NULL, weight INTEGER NOT NULL, paused INTEGER NOT NULL,
  continuous INTEGER NOT NULL, interval INTEGER NOT NULL, next_continuous INTEGER,
  min_memory_gb REAL NOT NULL, max_running INTEGER NOT NULL,
  max_attempts_returned INTEGER NOT NULL, max_retries INTEGER NOT NULL,
  removed_finished INTEGER NOT NULL, removed_failed INTEGER NOT NULL);
CREATE TABLE work_units (
  id INTEGER PRIMARY KEY, work_spec_id INTEGER NOT NULL, name NOT NULL, priority REAL NOT NULL,
  not_before INTEGER, data BLOB NOT NULL);
CREATE TABLE attempts (
  id INTEGER PRIMARY KEY, work_unit_id INTEGER NOT NULL, worker_id INTEGER NOT NULL,
  status INTEGER NOT NULL, active INTEGER NOT NULL, listing INTEGER NOT NULL,
  tries INTEGER NOT NULL, start INTEGER NOT NULL, expiration INTEGER NOT NULL, end INTEGER,
  data BLOB);
CREATE TABLE workers (
  id INTEGER PRIMARY KEY, namespace_id INTEGER NOT NULL, name TEXT NOT NULL, parent_id INTEGER,
  known INTEGER NOT NULL, active INTEGER NOT NULL, heartbeat INTEGER NOT NULL,
  mode BLOB NOT NULL, data BLOB, last_update INTEGER, last_heartbeat INTEGER, expiration INTEGER,
  inactive_since INTEGER);
CREATE TABLE locks (
  namespace_id INTEGER NOT NULL, path BLOB NOT NULL, locker TEXT NOT NULL, until INTEGER NOT NULL,
  PRIMARY KEY (namespace_id, path)) WITHOUT ROWID;
CREATE VIEW attempt_list AS
  SELECT a.id, n.name AS namespace, s.name AS work_spec, u.name AS work_unit, w.name AS worker,
    CASE WHEN a.status = 0 AND a.expiration <= unixepoch() * 1000000 THEN 'expired'
      ELSE CASE a.status WHEN 0 THEN 'pending' WHEN 1 THEN 'expired' WHEN 2 THEN 'finished'
        WHEN 3 THEN 'failed' ELSE 'retryable' END END AS status,
    datetime(a.start / 1000000, 'unixepoch') AS start,
    datetime(a.expiration / 1000000, 'unixepoch') AS expiration,
    datetime(a.end / 1000000, 'unixepoch') AS end
  FROM attempts a JOIN work_units u ON u.id = a.work_unit_id
    JOIN work_specs s ON s.id = u.work_spec_id AND s.generation = u.id >> 32
    JOIN namespaces n ON n.id = s.namespace_id JOIN workers w ON w.id = a.worker_id;
)sql";

constexpr std::array kSteps = {kVersion1};

// The copy's name says which version it is of; an older copy of that name is replaced.
Result<std::string> CopyBeside(Database& database, int version) {
  const std::string path = database.path() + ".version-" + std::to_string(version);
  COORD_TRY(copy, Database::Open(path, DatabaseAccess::kCreate, nullptr));
  sqlite3_backup* const backup =
      sqlite3_backup_init(copy.handle(), "main", database.handle(), "main");
  if (backup == nullptr) return copy.Describe("copying before the migration");
  sqlite3_backup_step(backup, -1);
  if (sqlite3_backup_finish(backup) != SQLITE_OK) {
    return copy.Describe("copying before the migration");
  }
  return path;
}

Result<void> RunStep(Database& database, const char* step, int version) {
  COORD_TRY_VOID(database.Run("BEGIN IMMEDIATE"));
  const auto run = [&]() -> Result<void> {
    COORD_TRY_VOID(database.Run(step));
    COORD_TRY_VOID(database.Run(("PRAGMA user_version = " + std::to_string(version)).c_str()));
    COORD_TRY_VOID(
        database.Run(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str()));
    return database.Run("COMMIT");
  };
  const Result<void> result = run();
  if (result.has_error() && database.in_transaction()) {
    IgnoreError(database.Run("ROLLBACK"), "the first error is the one to tell");
  }
  return result;
}

}  // namespace

std::span<const char* const> SchemaSteps() { return kSteps; }

Result<Migration> MigrateSchema(Database& database, std::span<const char* const> steps) {
  COORD_TRY(tables, database.Number("SELECT count(*) FROM sqlite_schema"));
  COORD_TRY(application, database.Number("PRAGMA application_id"));
  COORD_TRY(version, database.Number("PRAGMA user_version"));
  const bool fresh = tables.value_or(0) == 0;
  if (!fresh && application != kApplicationId) {
    return InvalidError(database.path() + ": this is another program's SQLite file");
  }
  Migration migration;
  migration.from = fresh ? 0 : static_cast<int>(version.value_or(0));
  migration.to = static_cast<int>(steps.size());
  if (migration.from > migration.to) {
    return InvalidError(database.path() + ": its version is " + std::to_string(migration.from) +
                        ", and this program knows those up to " + std::to_string(migration.to) +
                        ": use the newer program");
  }
  if (migration.from > 0 && migration.from < migration.to) {
    COORD_TRY(copy, CopyBeside(database, migration.from));
    migration.copy = copy;
  }
  for (int step = migration.from; step < migration.to; ++step) {
    COORD_TRY_VOID(RunStep(database, steps[static_cast<std::size_t>(step)], step + 1));
  }
  return migration;
}

}  // namespace coord

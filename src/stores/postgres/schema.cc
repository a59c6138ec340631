// SPDX-License-Identifier: MIT
#include "stores/postgres/schema.h"

#include <array>
#include <string>

namespace coord {

namespace {

// Names are bytea, because a unit's may be any bytes; the views show them as text. Times are
// microseconds since the epoch, null for "no time"; maps are CBOR.
//
// A unit's own row is written when it is added and when its data or priority change, never when it
// is claimed or finished. Where it stands is told by exactly one other row: among the available,
// the delayed, the open attempts (`active`), or the ended ones (`kind` 2 and 3). A claim deletes a
// row here and adds one there. So what changes all the time is small, and what is large only grows.
//
// A daemon's transactions note their numbers in `committed` (transaction_marks.h).
constexpr const char* kVersion1 = R"sql(
CREATE SEQUENCE ids INCREMENT BY 1000;
CREATE SEQUENCE versions;
CREATE TABLE namespaces (id int8 PRIMARY KEY, name bytea NOT NULL UNIQUE);
CREATE TABLE work_specs (
  id int8 PRIMARY KEY, namespace_id int8 NOT NULL, name bytea NOT NULL, generation int8 NOT NULL,
  version int8 NOT NULL DEFAULT nextval('versions'), definition bytea NOT NULL,
  priority int8 NOT NULL, weight int8 NOT NULL, paused bool NOT NULL, continuous bool NOT NULL,
  interval_us int8 NOT NULL, next_continuous int8, min_memory_gb float8 NOT NULL,
  max_running int8 NOT NULL, max_attempts_returned int8 NOT NULL, max_retries int8 NOT NULL,
  UNIQUE (namespace_id, name));
CREATE TABLE deleted_generations (
  generation int8 PRIMARY KEY, deleted_at int8 NOT NULL,
  looked_at int8 NOT NULL DEFAULT nextval('versions'));
CREATE TABLE counts (
  generation int8 NOT NULL, id int8 GENERATED ALWAYS AS IDENTITY,
  available int8 NOT NULL, delayed int8 NOT NULL, pending int8 NOT NULL, finished int8 NOT NULL,
  failed int8 NOT NULL, removed_finished int8 NOT NULL, removed_failed int8 NOT NULL,
  PRIMARY KEY (generation, id));
CREATE TABLE work_units (
  generation int8 NOT NULL, name bytea NOT NULL, priority float8 NOT NULL, not_before int8,
  data bytea NOT NULL, PRIMARY KEY (generation, name));
CREATE TABLE available (
  generation int8 NOT NULL, claim_order float8 NOT NULL, name bytea NOT NULL, tries int4 NOT NULL,
  lapsed bool NOT NULL, PRIMARY KEY (generation, claim_order, name));
CREATE TABLE delayed (
  generation int8 NOT NULL, name bytea NOT NULL, until int8 NOT NULL, tries int4 NOT NULL,
  lapsed bool NOT NULL, PRIMARY KEY (generation, name));
CREATE INDEX delayed_until ON delayed (until);
CREATE TABLE open_attempts (
  id int8 PRIMARY KEY, generation int8 NOT NULL, name bytea NOT NULL, worker_id int8 NOT NULL,
  active bool NOT NULL, lapsed bool NOT NULL, orphaned bool NOT NULL, tries int4 NOT NULL,
  start int8 NOT NULL, expiration int8 NOT NULL, data bytea);
CREATE INDEX open_attempts_unit ON open_attempts (generation, name);
CREATE INDEX open_attempts_worker ON open_attempts (worker_id);
CREATE INDEX open_attempts_expiration ON open_attempts (expiration) WHERE active AND NOT lapsed;
CREATE TABLE ended_attempts (
  id int8 NOT NULL, generation int8 NOT NULL, kind int2 NOT NULL, name bytea NOT NULL,
  worker_id int8 NOT NULL, status int2 NOT NULL, tries int4 NOT NULL, start int8 NOT NULL,
  expiration int8 NOT NULL, ended int8 NOT NULL, data bytea,
  PRIMARY KEY (generation, name, id));
CREATE INDEX ended_attempts_worker ON ended_attempts (worker_id);
CREATE INDEX ended_attempts_finished ON ended_attempts (generation, ended, id) WHERE kind = 2;
CREATE INDEX ended_attempts_failed ON ended_attempts (generation, ended, id) WHERE kind = 3;
CREATE INDEX ended_attempts_failed_name ON ended_attempts (generation, name) WHERE kind = 3;
CREATE TABLE workers (
  id int8 PRIMARY KEY, namespace_id int8 NOT NULL, name bytea NOT NULL, parent_id int8,
  known bool NOT NULL, active bool NOT NULL, heartbeat bool NOT NULL, mode bytea NOT NULL,
  data bytea, last_update int8, last_heartbeat int8, expiration int8, inactive_since int8,
  forget_at int8, UNIQUE (namespace_id, name));
CREATE INDEX workers_parent ON workers (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX workers_forget ON workers (forget_at) WHERE forget_at IS NOT NULL;
CREATE TABLE committed (
  daemon int8 NOT NULL, number int8 NOT NULL, at int8 NOT NULL, settled bool NOT NULL,
  PRIMARY KEY (daemon, number));
CREATE TABLE locks (
  namespace_id int8 NOT NULL, path bytea NOT NULL, labels int4 NOT NULL, locker bytea NOT NULL,
  until int8 NOT NULL,
  PRIMARY KEY (namespace_id, path));
CREATE VIEW work_spec_list AS
  SELECT encode(n.name, 'escape') AS namespace, encode(s.name, 'escape') AS work_spec, s.priority,
    s.weight, s.paused, c.* FROM work_specs s JOIN namespaces n ON n.id = s.namespace_id,
    LATERAL (SELECT coalesce(sum(available), 0) AS available, coalesce(sum(delayed), 0) AS delayed,
      coalesce(sum(pending), 0) AS pending, coalesce(sum(finished), 0) AS finished,
      coalesce(sum(failed), 0) AS failed FROM counts WHERE generation = s.generation) c;
CREATE VIEW attempt_list AS
  SELECT encode(s.name, 'escape') AS work_spec, encode(a.name, 'escape') AS work_unit,
    encode(w.name, 'escape') AS worker, a.status, a.active,
    to_timestamp(a.start / 1000000.0) AS start,
    to_timestamp(a.expiration / 1000000.0) AS expiration,
    to_timestamp(a.ended / 1000000.0) AS ended
  FROM (SELECT generation, name, worker_id, 'pending' AS status, active, start, expiration,
      NULL::int8 AS ended FROM open_attempts
    UNION ALL SELECT generation, name, worker_id,
      (ARRAY['pending', 'expired', 'finished', 'failed', 'retryable'])[status + 1], kind <> 0,
      start, expiration, ended FROM ended_attempts) a
  JOIN work_specs s USING (generation) JOIN workers w ON w.id = a.worker_id;
CREATE VIEW worker_list AS
  SELECT encode(n.name, 'escape') AS namespace, encode(w.name, 'escape') AS worker,
    encode(p.name, 'escape') AS parent, w.active,
    to_timestamp(w.last_update / 1000000.0) AS last_update,
    to_timestamp(w.expiration / 1000000.0) AS expiration
  FROM workers w JOIN namespaces n ON n.id = w.namespace_id LEFT JOIN workers p ON p.id = w.parent_id
  WHERE w.known;
)sql";

constexpr std::array kSteps = {kVersion1};

// Any number that other programs are unlikely to lock.
constexpr const char* kLockSchema = "SELECT pg_advisory_xact_lock(8315161653)";

Result<PgMigration> Migrate(PgConnection& connection, bool may_change) {
  COORD_TRY_VOID(connection.Run(kLockSchema));
  COORD_TRY(table, connection.Query("SELECT to_regclass('coordinate_version') IS NOT NULL"));
  PgMigration migration;
  migration.to = static_cast<int>(kSteps.size());
  if (table.Flag(0, 0)) {
    COORD_TRY(version, connection.Query("SELECT version FROM coordinate_version"));
    migration.from = version.size() == 0 ? 0 : static_cast<int>(version.Integer(0, 0));
  }
  if (migration.from > migration.to) {
    return InvalidError("postgres: the tables are of version " + std::to_string(migration.from) +
                        ", and this program knows those up to " + std::to_string(migration.to) +
                        ": use the newer program");
  }
  if (migration.from == migration.to) return migration;
  if (!may_change) {
    return InvalidError("postgres: the tables are of version " + std::to_string(migration.from) +
                        ", and this program needs version " + std::to_string(migration.to) +
                        ": run coordinated --migrate");
  }
  if (migration.from == 0) {
    COORD_TRY_VOID(connection.Run(
        "CREATE TABLE IF NOT EXISTS coordinate_version (version int4 NOT NULL);"
        "DELETE FROM coordinate_version; INSERT INTO coordinate_version VALUES (0)"));
  }
  for (int step = migration.from; step < migration.to; ++step) {
    COORD_TRY_VOID(connection.Run(kSteps[static_cast<std::size_t>(step)]));
    COORD_TRY_VOID(
        connection.Run("UPDATE coordinate_version SET version = " + std::to_string(step + 1)));
  }
  return migration;
}

}  // namespace

Result<PgMigration> MigratePostgres(PgConnection& connection, bool may_change) {
  COORD_TRY_VOID(connection.Run("BEGIN"));
  auto migrated = Migrate(connection, may_change);
  const auto ended = connection.Run(migrated.has_value() ? "COMMIT" : "ROLLBACK");
  if (migrated.has_value() && ended.has_error()) return ended.error();
  return migrated;
}

}  // namespace coord

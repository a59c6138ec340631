// SPDX-License-Identifier: MIT
#include "stores/postgres/unit_writer.h"

#include <utility>

#include "stores/postgres/lookup.h"

namespace coord {

namespace {

// Where a row is. The transaction has locked it, or that which tells where its unit stands.
#define COORD_PLACE(table, condition) COORD_LOOKUP("ctid AS place", table, condition, "") "t "
#define COORD_DELETE_OF_UNITS(table)                                               \
  "DELETE FROM " table                                                             \
  " WHERE ctid = ANY (ARRAY (SELECT t.place FROM unnest($1::int8[], $2::bytea[]) " \
  "AS k (generation, name) CROSS JOIN " COORD_PLACE(table, COORD_OF_UNIT) "))"

constexpr const char* kInsertUnits =
    "INSERT INTO work_units (generation, name, priority, not_before, data) "
    "SELECT * FROM unnest($1::int8[], $2::bytea[], $3::float8[], $4::int8[], $5::bytea[])";
constexpr const char* kUpdateUnits =
    "UPDATE work_units u SET priority = k.priority, not_before = k.not_before, data = k.data "
    "FROM unnest($1::int8[], $2::bytea[], $3::float8[], $4::int8[], $5::bytea[]) "
    "AS k (generation, name, priority, not_before, data) CROSS JOIN " COORD_PLACE(
        "work_units", COORD_OF_UNIT) "WHERE u.ctid = t.place";
constexpr const char* kPurgeUnits = COORD_DELETE_OF_UNITS("work_units");
constexpr const char* kPurgeOpen = COORD_DELETE_OF_UNITS("open_attempts");
constexpr const char* kPurgeEnded = COORD_DELETE_OF_UNITS("ended_attempts");
constexpr const char* kDeleteAvailable =
    "DELETE FROM available WHERE ctid = ANY (ARRAY (SELECT t.place "
    "FROM unnest($1::int8[], $2::bytea[], $3::float8[]) AS k (generation, name, claim_order) "
    "CROSS JOIN " COORD_PLACE("available", COORD_OF_UNIT " AND claim_order = k.claim_order") "))";
constexpr const char* kInsertAvailable =
    "INSERT INTO available (generation, name, claim_order, tries, lapsed) "
    "SELECT * FROM unnest($1::int8[], $2::bytea[], $3::float8[], $4::int4[], $5::bool[])";
constexpr const char* kDeleteDelayed = COORD_DELETE_OF_UNITS("delayed");
constexpr const char* kInsertDelayed =
    "INSERT INTO delayed (generation, name, until, tries, lapsed) "
    "SELECT * FROM unnest($1::int8[], $2::bytea[], $3::int8[], $4::int4[], $5::bool[])";
constexpr const char* kInsertOpen =
    "INSERT INTO open_attempts (id, generation, name, worker_id, active, lapsed, orphaned, tries, "
    "start, expiration, data) SELECT * FROM unnest($1::int8[], $2::int8[], $3::bytea[], "
    "$4::int8[], $5::bool[], $6::bool[], $7::bool[], $8::int4[], $9::int8[], $10::int8[], "
    "$11::bytea[])";
constexpr const char* kUpdateOpen =
    "UPDATE open_attempts a SET active = k.active, lapsed = k.lapsed, orphaned = k.orphaned, "
    "tries = k.tries, expiration = k.expiration, data = k.data FROM unnest($1::int8[], $2::bool[], "
    "$3::bool[], $4::bool[], $5::int4[], $6::int8[], $7::bytea[]) "
    "AS k (id, active, lapsed, orphaned, tries, expiration, data) CROSS JOIN " COORD_PLACE(
        "open_attempts", "id = k.id") "WHERE a.ctid = t.place";
constexpr const char* kDeleteOpen = "DELETE FROM open_attempts WHERE id = ANY ($1)";
constexpr const char* kInsertEnded =
    "INSERT INTO ended_attempts (id, generation, kind, name, worker_id, status, tries, start, "
    "expiration, ended, data) SELECT * FROM unnest($1::int8[], $2::int8[], $3::int4[], "
    "$4::bytea[], $5::int8[], $6::int4[], $7::int4[], $8::int8[], $9::int8[], $10::int8[], "
    "$11::bytea[])";
constexpr const char* kUpdateEnded =
    "UPDATE ended_attempts a SET kind = k.kind, status = k.status, tries = k.tries, "
    "ended = k.ended, data = k.data FROM unnest($1::int8[], $2::int8[], $3::bytea[], "
    "$4::int4[], $5::int4[], $6::int4[], $7::int8[], $8::bytea[]) "
    "AS k (id, generation, name, kind, status, tries, ended, data) CROSS JOIN " COORD_PLACE(
        "ended_attempts", COORD_OF_UNIT " AND id = k.id") "WHERE a.ctid = t.place";

// How an ended attempt is filed: by what its unit is because of it.
constexpr std::int64_t kHistory = 0;
constexpr std::int64_t kFinishedUnit = 2;
constexpr std::int64_t kFailedUnit = 3;

std::int64_t KindOf(const AttemptImage& attempt, bool active) {
  if (!active) return kHistory;
  return attempt.status == AttemptStatus::kFinished ? kFinishedUnit : kFailedUnit;
}

}  // namespace

void UnitWriter::Keys::Add(const UnitImage& unit) {
  generation.Add(unit.spec->generation);
  name.Add(std::string_view(unit.name));
}

void UnitWriter::UnitRows::Add(const UnitImage& unit) {
  Keys::Add(unit);
  const UnitRow& row = unit.Row();
  priority.Add(row.priority);
  not_before.Add(row.not_before);
  data.Add(std::string_view(row.data));
}

void UnitWriter::RestingRows::Add(const UnitImage& unit, const RestingRow& row) {
  Keys::Add(unit);
  claim_order.Add(-row.priority);
  until.Add(row.until);
  tries.AddInt4(static_cast<std::int32_t>(row.tries));
  lapsed.Add(row.lapsed);
}

void UnitWriter::AttemptRows::Add(const AttemptImage& attempt, bool is_active, bool has_lapsed,
                                  std::int64_t new_kind) {
  Keys::Add(*attempt.unit);
  id.Add(attempt.id);
  worker.Add(attempt.worker);
  active.Add(is_active);
  lapsed.Add(has_lapsed);
  orphaned.Add(attempt.orphaned);
  kind.AddInt4(static_cast<std::int32_t>(new_kind));
  status.AddInt4(static_cast<std::int32_t>(attempt.status));
  tries.AddInt4(static_cast<std::int32_t>(attempt.tries));
  start.Add(attempt.start);
  expiration.Add(attempt.expiration);
  end.Add(attempt.end);
  data.Add(attempt.data ? std::optional<std::string_view>(*attempt.data) : std::nullopt);
}

void UnitWriter::Write(UnitImage& unit) {
  if (unit.purged && unit.stored) {
    purge_.Add(unit);
    unit.stored = false;
  }
  WriteRow(unit);
  WriteResting(unit);
  for (const auto& attempt : unit.attempts) {
    if (!attempt->erased) WriteAttempt(unit, *attempt);
  }
  // An attempt that goes may still be in the hands of the command that made it go.
  unit.purged = false;
  unit.row_dirty = false;
}

void UnitWriter::WriteRow(UnitImage& unit) {
  if (!unit.exists) return;
  if (!unit.stored) {
    insert_units_.Add(unit);
  } else if (unit.row_dirty) {
    update_units_.Add(unit);
  }
  unit.stored = true;
}

void UnitWriter::WriteResting(UnitImage& unit) {
  RestingRow wanted;
  if (unit.exists && RunningAttempt(unit, now_) == nullptr) {
    wanted.tries = unit.tries;
    wanted.lapsed = unit.active != nullptr;
    if (RestingStatus(unit, now_) == WorkUnitStatus::kDelayed) {
      wanted.place = RestingPlace::kDelayed;
      wanted.until = unit.Row().not_before;
    } else {
      wanted.place = RestingPlace::kAvailable;
      wanted.priority = unit.Row().priority;
    }
  }
  if (wanted == unit.resting) return;
  if (unit.resting.place == RestingPlace::kAvailable) delete_available_.Add(unit, unit.resting);
  if (unit.resting.place == RestingPlace::kDelayed) delete_delayed_.Add(unit, unit.resting);
  if (wanted.place == RestingPlace::kAvailable) {
    insert_available_.Add(unit, wanted);
    MergeSetBacks(set_backs_, {{unit.spec->generation, -wanted.priority}});
  }
  if (wanted.place == RestingPlace::kDelayed) {
    insert_delayed_.Add(unit, wanted);
    Earlier(earliest_due_, wanted.until);
  }
  unit.resting = wanted;
}

void UnitWriter::WriteAttempt(UnitImage& unit, AttemptImage& attempt) {
  if (!attempt.dirty) return;
  attempt.dirty = false;
  const bool active = unit.active == &attempt;
  if (active) attempt.tries = unit.tries;
  if (attempt.open) {
    const bool lapsed = attempt.Lapsed(now_);
    if (active && !lapsed) Earlier(earliest_due_, attempt.expiration);
    AttemptRows& rows = attempt.stored == AttemptPlace::kOpen ? update_open_ : insert_open_;
    rows.Add(attempt, active, lapsed, 0);
    attempt.stored = AttemptPlace::kOpen;
    attempt.stored_lapsed = lapsed;
    return;
  }
  const std::int64_t kind = KindOf(attempt, active);
  if (attempt.stored == AttemptPlace::kOpen) delete_open_.Add(attempt, active, false, kind);
  AttemptRows& rows = attempt.stored == AttemptPlace::kEnded ? update_ended_ : insert_ended_;
  rows.Add(attempt, active, false, kind);
  attempt.stored = AttemptPlace::kEnded;
  attempt.stored_lapsed = false;
}

std::vector<PgStatement> UnitWriter::TakeStatements() {
  std::vector<PgStatement> statements;
  const auto add = [&](const Keys& rows, const char* sql, const auto&... columns) {
    if (rows.generation.size() == 0) return;
    PgParameters parameters;
    (parameters.Add(columns), ...);
    statements.push_back({sql, std::move(parameters)});
  };
  add(purge_, kPurgeUnits, purge_.generation, purge_.name);
  add(purge_, kPurgeOpen, purge_.generation, purge_.name);
  add(purge_, kPurgeEnded, purge_.generation, purge_.name);
  add(insert_units_, kInsertUnits, insert_units_.generation, insert_units_.name,
      insert_units_.priority, insert_units_.not_before, insert_units_.data);
  add(update_units_, kUpdateUnits, update_units_.generation, update_units_.name,
      update_units_.priority, update_units_.not_before, update_units_.data);
  add(delete_available_, kDeleteAvailable, delete_available_.generation, delete_available_.name,
      delete_available_.claim_order);
  add(delete_delayed_, kDeleteDelayed, delete_delayed_.generation, delete_delayed_.name);
  add(insert_available_, kInsertAvailable, insert_available_.generation, insert_available_.name,
      insert_available_.claim_order, insert_available_.tries, insert_available_.lapsed);
  add(insert_delayed_, kInsertDelayed, insert_delayed_.generation, insert_delayed_.name,
      insert_delayed_.until, insert_delayed_.tries, insert_delayed_.lapsed);
  add(delete_open_, kDeleteOpen, delete_open_.id);
  add(update_open_, kUpdateOpen, update_open_.id, update_open_.active, update_open_.lapsed,
      update_open_.orphaned, update_open_.tries, update_open_.expiration, update_open_.data);
  add(insert_open_, kInsertOpen, insert_open_.id, insert_open_.generation, insert_open_.name,
      insert_open_.worker, insert_open_.active, insert_open_.lapsed, insert_open_.orphaned,
      insert_open_.tries, insert_open_.start, insert_open_.expiration, insert_open_.data);
  add(update_ended_, kUpdateEnded, update_ended_.id, update_ended_.generation, update_ended_.name,
      update_ended_.kind, update_ended_.status, update_ended_.tries, update_ended_.end,
      update_ended_.data);
  add(insert_ended_, kInsertEnded, insert_ended_.id, insert_ended_.generation, insert_ended_.kind,
      insert_ended_.name, insert_ended_.worker, insert_ended_.status, insert_ended_.tries,
      insert_ended_.start, insert_ended_.expiration, insert_ended_.end, insert_ended_.data);
  return statements;
}

}  // namespace coord

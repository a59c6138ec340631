// SPDX-License-Identifier: MIT
#include "stores/postgres/housekeeping.h"

#include <algorithm>
#include <array>

#include "stores/postgres/lookup.h"

namespace coord {

namespace {

constexpr int kDueRows = 10'000;
constexpr std::int64_t kWasteRows = 5'000;
constexpr std::int64_t kForgetRows = 100;
// A generation's rest may be added to by a transaction that has not ended yet.
constexpr Duration kWasteKept = std::chrono::minutes(10);

#define COORD_UNIT_OF_DUE                            \
  COORD_LOOKUP("priority, not_before", "work_units", \
               "generation = d.generation AND name = d.name", "")
// The attempt stays its unit's active one, so that its worker may still end it.
constexpr const char* kLapse =
    "WITH due AS (SELECT id, generation, name, tries FROM open_attempts WHERE active "
    "AND NOT lapsed AND expiration <= $1 ORDER BY expiration LIMIT $2 FOR UPDATE SKIP LOCKED), "
    "noted AS (UPDATE open_attempts SET lapsed = true WHERE id = ANY (ARRAY (SELECT id FROM "
    "due))), "
    "resting AS (SELECT d.generation, d.name, d.tries, u.priority, u.not_before FROM due d "
    "CROSS JOIN " COORD_UNIT_OF_DUE
    "u), "
    "ready AS (INSERT INTO available (generation, name, claim_order, tries, lapsed) "
    "SELECT generation, name, -priority, tries, true FROM resting "
    "WHERE not_before IS NULL OR not_before <= $1), "
    "later AS (INSERT INTO delayed (generation, name, until, tries, lapsed) "
    "SELECT generation, name, not_before, tries, true FROM resting WHERE not_before > $1) "
    "INSERT INTO counts (generation, available, delayed, pending, finished, failed, "
    "removed_finished, removed_failed) SELECT generation, "
    "count(*) FILTER (WHERE not_before IS NULL OR not_before <= $1), "
    "count(*) FILTER (WHERE not_before > $1), -count(*), 0, 0, 0, 0 FROM resting "
    "GROUP BY generation RETURNING generation, available + delayed";
constexpr const char* kEndDelay =
    "WITH due AS (DELETE FROM delayed WHERE ctid = ANY (ARRAY (SELECT ctid FROM delayed "
    "WHERE until <= $1 ORDER BY until LIMIT $2 FOR UPDATE SKIP LOCKED)) "
    "RETURNING generation, name, tries, lapsed), "
    "ready AS (INSERT INTO available (generation, name, claim_order, tries, lapsed) "
    "SELECT d.generation, d.name, -u.priority, d.tries, d.lapsed FROM due d "
    "CROSS JOIN " COORD_UNIT_OF_DUE
    "u RETURNING generation) "
    "INSERT INTO counts (generation, available, delayed, pending, finished, failed, "
    "removed_finished, removed_failed) SELECT generation, count(*), -count(*), 0, 0, 0, 0, 0 "
    "FROM ready GROUP BY generation RETURNING generation, available";

constexpr const char* kNextDue =
    "SELECT (SELECT expiration FROM open_attempts WHERE active AND NOT lapsed AND expiration > $1 "
    "ORDER BY expiration LIMIT 1), (SELECT until FROM delayed WHERE until > $1 "
    "ORDER BY until LIMIT 1), (SELECT forget_at FROM workers WHERE forget_at > $1 "
    "ORDER BY forget_at LIMIT 1)";

// Which are to be forgotten, and until when each has a lease.
constexpr const char* kToForget =
    "SELECT w.id, (SELECT max(expiration) FROM open_attempts a WHERE a.worker_id = w.id "
    "AND a.expiration > $1 AND EXISTS (SELECT FROM work_specs s "
    "WHERE s.generation = a.generation)) FROM workers w WHERE w.forget_at <= $1 "
    "ORDER BY w.forget_at LIMIT $2 FOR UPDATE OF w SKIP LOCKED";
// What is open of a worker that nobody knows counts as history.
constexpr const char* kOrphan =
    "UPDATE open_attempts SET orphaned = true WHERE worker_id = ANY ($1)";
constexpr const char* kForget =
    "UPDATE workers SET known = false, active = false, heartbeat = false, data = NULL, "
    "parent_id = NULL, forget_at = NULL WHERE id = ANY ($1)";
constexpr const char* kPutOff =
    "UPDATE workers w SET forget_at = k.until FROM unnest($1::int8[], $2::int8[]) "
    "AS k (id, until) WHERE w.id = k.id";
constexpr const char* kDropUnused =
    "DELETE FROM workers w WHERE w.id = ANY ($1) "
    "AND NOT EXISTS (SELECT FROM workers c WHERE c.parent_id = w.id) "
    "AND NOT EXISTS (SELECT FROM open_attempts a WHERE a.worker_id = w.id) "
    "AND NOT EXISTS (SELECT FROM ended_attempts a WHERE a.worker_id = w.id)";

// One table each, a bounded number of rows of the generation that was not looked at for longest.
constexpr const char* kFirstWaste =
    "SELECT generation, deleted_at FROM deleted_generations "
    "WHERE generation <> ALL ($1) OR deleted_at <= $2 ORDER BY looked_at LIMIT 1 "
    "FOR UPDATE SKIP LOCKED";
constexpr const char* kLooked =
    "UPDATE deleted_generations SET looked_at = nextval('versions') WHERE generation = $1";
#define COORD_DELETE_WASTE(table, key)                                     \
  "DELETE FROM " table " WHERE ctid = ANY (ARRAY (SELECT ctid FROM " table \
  " WHERE generation = $1 AND " key " >= $3 ORDER BY " key " LIMIT $2)) RETURNING " key
constexpr const char* kDeleteAvailable = COORD_DELETE_WASTE("available", "claim_order");
constexpr const char* kDeleteCounts =
    "DELETE FROM counts WHERE ctid = ANY (ARRAY (SELECT ctid FROM counts "
    "WHERE generation = $1 LIMIT $2))";
constexpr std::array kDeleteByName = {
    COORD_DELETE_WASTE("delayed", "name"), COORD_DELETE_WASTE("open_attempts", "name"),
    COORD_DELETE_WASTE("ended_attempts", "name"), COORD_DELETE_WASTE("work_units", "name")};

constexpr const char* kFold =
    "WITH many AS (SELECT generation FROM counts GROUP BY generation HAVING count(*) > 100), "
    "locked AS (SELECT c.generation, c.id FROM counts c JOIN many USING (generation) "
    "FOR UPDATE OF c SKIP LOCKED), "
    "gone AS (DELETE FROM counts c USING locked l WHERE c.generation = l.generation "
    "AND c.id = l.id RETURNING c.*) "
    "INSERT INTO counts (generation, available, delayed, pending, finished, failed, "
    "removed_finished, removed_failed) SELECT generation, sum(available), sum(delayed), "
    "sum(pending), sum(finished), sum(failed), sum(removed_finished), sum(removed_failed) "
    "FROM gone GROUP BY generation RETURNING generation, id, pg_current_xact_id()::text::int8";

constexpr const char* kLate =
    "UPDATE workers w SET last_update = k.last_update FROM unnest($1::int8[], $2::int8[]) "
    "AS k (id, last_update) WHERE w.id = k.id AND w.last_update < k.last_update";

}  // namespace

DueUnits ApplyDue(PgTransaction& transaction) {
  DueUnits due;
  for (const char* const sql : {kLapse, kEndDelay}) {
    std::int64_t units = kDueRows;
    while (units >= kDueRows && !transaction.failed()) {
      const PgRows rows =
          transaction.Query(sql, PgParameters().Add(transaction.now()).Add(std::int64_t{kDueRows}));
      units = 0;
      for (int row = 0; row < rows.size(); ++row) {
        due.generations.push_back(rows.Integer(row, 0));
        units += rows.Integer(row, 1);
      }
      if (sql == kLapse) due.lapsed += static_cast<std::uint64_t>(units);
    }
  }
  return due;
}

PgStatement AskDueTimes(WallTime now) { return {kNextDue, PgParameters().Add(now)}; }

DueTimes ReadDueTimes(const PgRows& rows) {
  if (rows.size() == 0) return {};
  const WallTime lease = rows.Time(0, 0);
  const WallTime delay = rows.Time(0, 1);
  // No time is earlier than all others.
  const bool both = lease != kNoTime && delay != kNoTime;
  return {both ? std::min(lease, delay) : std::max(lease, delay), rows.Time(0, 2)};
}

bool ForgetWorkers(PgTransaction& transaction) {
  const PgRows rows =
      transaction.Query(kToForget, PgParameters().Add(transaction.now()).Add(kForgetRows));
  if (rows.size() == 0) return false;
  PgArray forgotten(PgType::kInt8), kept(PgType::kInt8), until(PgType::kInt8);
  for (int row = 0; row < rows.size(); ++row) {
    if (rows.IsNull(row, 1)) {
      forgotten.Add(rows.Integer(row, 0));
    } else {
      kept.Add(rows.Integer(row, 0));
      until.Add(rows.Time(row, 1));
    }
  }
  const PgParameters ids = PgParameters().Add(forgotten);
  transaction.Pipeline({{kOrphan, ids},
                        {kForget, ids},
                        {kPutOff, PgParameters().Add(kept).Add(until)},
                        {kDropUnused, ids}});
  return rows.size() == kForgetRows;
}

bool DeleteWaste(PgTransaction& transaction, WasteMarks& marks) {
  const WallTime old = AddTime(transaction.now(), -kWasteKept);
  const PgRows first = transaction.Query(kFirstWaste, PgParameters().Add(marks.empty()).Add(old));
  if (first.size() == 0) return false;
  const PgId generation = first.Integer(0, 0);
  WasteMarks::Places& places = marks.Of(generation);
  const WasteMarks::Places before = places;

  const PgParameters some = PgParameters().Add(generation).Add(kWasteRows);
  std::vector<PgStatement> statements = {
      {kDeleteCounts, some}, {kDeleteAvailable, PgParameters(some).Add(places.available)}};
  for (std::size_t i = 0; i < kDeleteByName.size(); ++i) {
    const std::string_view from = places.names[i];
    statements.push_back({kDeleteByName[i], PgParameters(some).Add(from)});
  }
  const std::vector<PgRows> deleted = transaction.Pipeline(std::move(statements));
  if (transaction.failed()) return false;
  bool any = deleted[0].affected() > 0;
  for (int row = 0; row < deleted[1].size(); ++row) {
    any = true;
    places.available = std::max(places.available, deleted[1].Real(row, 0));
  }
  for (std::size_t i = 0; i < kDeleteByName.size(); ++i) {
    const PgRows& rows = deleted[2 + i];
    for (int row = 0; row < rows.size(); ++row) {
      any = true;
      if (rows.Bytes(row, 0) > places.names[i]) places.names[i] = rows.Bytes(row, 0);
    }
  }
  bool over = false;
  if (!any && before != WasteMarks::Places()) {
    marks.Drop(generation);  // some may have been added before the marks
  } else if (!any) {
    over = first.Time(0, 1) <= old;
    marks.NoteEmpty(generation);
  }
  if (over) marks.Forget(generation);
  transaction.Query(over ? "DELETE FROM deleted_generations WHERE generation = $1" : kLooked,
                    PgParameters().Add(generation));
  return true;
}

PgStatement AskToFoldCounts() { return {kFold, {}}; }

void WriteLateUpdates(PgTransaction& transaction, LateUpdates& late) {
  PgArray ids(PgType::kInt8), times(PgType::kInt8);
  for (const auto& [worker, when] : late.TakeAll()) {
    ids.Add(worker);
    times.Add(when);
  }
  if (ids.size() > 0) transaction.Query(kLate, PgParameters().Add(ids).Add(times));
}

}  // namespace coord

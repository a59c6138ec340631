// SPDX-License-Identifier: MIT
#include "stores/postgres/record_rows.h"

#include <utility>

namespace coord {

namespace {

#define COORD_WORKER_RECORDS                                                                \
  "SELECT w.name, p.name, w.active, w.heartbeat, w.mode, w.data, w.last_update, "           \
  "w.last_heartbeat, w.expiration, w.inactive_since FROM workers w LEFT JOIN workers p ON " \
  "p.id = w.parent_id WHERE w.namespace_id = $1 AND w.known "

constexpr const char* kWorkersAfter =
    COORD_WORKER_RECORDS "AND ($2::bytea IS NULL OR w.name > $2) ORDER BY w.name LIMIT $3";
constexpr const char* kWorkersNamed = COORD_WORKER_RECORDS "AND w.name = ANY ($2)";

#define COORD_PICKED_COLUMNS "SELECT name, priority, not_before, data FROM work_units "
// For each unit one row of its own, then its attempts, oldest first and the active one last. How
// often it was tried stands with the unit where it rests, else with the active attempt.
#define COORD_UNIT_RECORDS                                                                      \
  "SELECT u.name, 0 AS place, u.data, coalesce(a.tries, d.tries) AS tries, u.priority, "        \
  "u.not_before, NULL::int8 AS id, NULL::bytea AS worker, NULL::int4 AS status, "               \
  "NULL::bool AS active, NULL::bool AS listed, NULL::int8 AS start, NULL::int8 AS expiration, " \
  "NULL::int8 AS ended FROM picked u "                                                          \
  "LEFT JOIN available a ON a.generation = $1 AND a.claim_order = -u.priority "                 \
  "AND a.name = u.name LEFT JOIN delayed d ON d.generation = $1 AND d.name = u.name "           \
  "UNION ALL SELECT u.name, 1, o.data, o.tries, NULL, NULL, o.id, w.name, 0, o.active, "        \
  "NOT o.orphaned, o.start, o.expiration, NULL FROM picked u "                                  \
  "JOIN open_attempts o ON o.generation = $1 AND o.name = u.name "                              \
  "JOIN workers w ON w.id = o.worker_id "                                                       \
  "UNION ALL SELECT u.name, 1, e.data, e.tries, NULL, NULL, e.id, w.name, e.status::int4, "     \
  "e.kind <> 0, false, e.start, e.expiration, e.ended FROM picked u "                           \
  "JOIN ended_attempts e ON e.generation = $1 AND e.name = u.name "                             \
  "JOIN workers w ON w.id = e.worker_id ORDER BY name, place, active, start, id"

constexpr const char* kUnitsAfter = "WITH picked AS MATERIALIZED (" COORD_PICKED_COLUMNS
                                    "WHERE generation = $1 AND ($2::bytea IS NULL OR name > $2) "
                                    "ORDER BY name LIMIT $3) " COORD_UNIT_RECORDS;
constexpr const char* kUnitsNamed =
    "WITH picked AS MATERIALIZED (" COORD_PICKED_COLUMNS
    "WHERE generation = $1 AND name = ANY ($2)) " COORD_UNIT_RECORDS;

enum UnitColumn {
  kName,
  kPlace,
  kData,
  kTries,
  kPriority,
  kNotBefore,
  kId,
  kWorker,
  kStatus,
  kActive,
  kListed,
  kStart,
  kExpiration,
  kEnded,
};

Data OwnData(const PgRows& rows, int row, int column) {
  const auto data = rows.OptionalBytes(row, column);
  return data ? Data::FromStored(*data) : Data();
}

PgArray ArrayOf(std::span<const std::string_view> names) {
  PgArray array(PgType::kBytea);
  for (const std::string_view name : names) array.Add(name);
  return array;
}

PgParameters PageOf(PgId of, const std::optional<std::string>& after, std::uint64_t limit) {
  PgParameters parameters;
  parameters.Add(of);
  parameters.Add(after ? std::optional<std::string_view>(*after) : std::nullopt);
  parameters.Add(limit);
  return parameters;
}

RecordRows<WorkerRecord> WorkersOf(PgRows rows, const NamespaceImage& in) {
  RecordRows<WorkerRecord> result;
  for (int row = 0; row < rows.size(); ++row) {
    WorkerRecord& record = result.records.emplace_back();
    record.name_space = in.name;
    record.name = rows.Bytes(row, 0);
    record.parent = rows.OptionalBytes(row, 1);
    record.active = rows.Flag(row, 2);
    record.heartbeat = rows.Flag(row, 3);
    record.mode = rows.Bytes(row, 4);
    record.data = OwnData(rows, row, 5);
    record.last_update = rows.Time(row, 6);
    record.last_heartbeat = rows.Time(row, 7);
    record.expiration = rows.Time(row, 8);
    if (!record.active) record.inactive_since = rows.Time(row, 9);
  }
  result.rows = std::move(rows);
  return result;
}

AttemptRecord AttemptOf(const PgRows& rows, int row) {
  AttemptRecord attempt;
  attempt.id = AttemptId{rows.Unsigned(row, kId)};
  attempt.worker = rows.Bytes(row, kWorker);
  attempt.status = static_cast<AttemptStatus>(rows.Integer(row, kStatus));
  attempt.listed = rows.Flag(row, kListed);
  attempt.start = rows.Time(row, kStart);
  attempt.expiration = rows.Time(row, kExpiration);
  attempt.end = rows.Time(row, kEnded);
  attempt.data = OwnData(rows, row, kData);
  return attempt;
}

RecordRows<WorkUnitRecord> UnitsOf(PgRows rows, const SpecImage& spec) {
  RecordRows<WorkUnitRecord> result;
  bool rests = false;
  for (int row = 0; row < rows.size(); ++row) {
    if (rows.Integer(row, kPlace) == 0) {
      WorkUnitRecord& unit = result.records.emplace_back();
      result.attempts.emplace_back();
      unit.name_space = spec.name_space_name;
      unit.spec = spec.name;
      unit.name = rows.Bytes(row, kName);
      unit.data = Data::FromStored(rows.Bytes(row, kData));
      unit.priority = rows.Real(row, kPriority);
      unit.not_before = rows.Time(row, kNotBefore);
      rests = !rows.IsNull(row, kTries);
      unit.tries = static_cast<std::uint32_t>(rows.Integer(row, kTries));
    } else {
      WorkUnitRecord& unit = result.records.back();
      result.attempts.back().push_back(AttemptOf(rows, row));
      unit.has_active = rows.Flag(row, kActive);
      if (unit.has_active && !rests) {
        unit.tries = static_cast<std::uint32_t>(rows.Integer(row, kTries));
      }
    }
  }
  for (std::size_t i = 0; i < result.records.size(); ++i) {
    result.records[i].attempts = result.attempts[i];
  }
  result.rows = std::move(rows);
  return result;
}

}  // namespace

WorkSpecRecord RecordOf(const SpecImage& spec) {
  WorkSpecRecord record;
  record.name_space = spec.name_space_name;
  record.name = spec.name;
  record.definition = Data::FromStored(spec.definition);
  record.meta = spec.meta;
  record.retention = spec.retention;
  record.removed_finished = spec.removed[IndexOf(WorkUnitStatus::kFinished)];
  record.removed_failed = spec.removed[IndexOf(WorkUnitStatus::kFailed)];
  return record;
}

RecordRows<WorkerRecord> ReadWorkersAfter(PgTransaction& transaction, const NamespaceImage& in,
                                          const std::optional<std::string>& after,
                                          std::uint64_t limit) {
  return WorkersOf(transaction.Query(kWorkersAfter, PageOf(in.id, after, limit)), in);
}

RecordRows<WorkerRecord> ReadWorkersNamed(PgTransaction& transaction, const NamespaceImage& in,
                                          std::span<const std::string_view> names) {
  return WorkersOf(transaction.Query(kWorkersNamed, PgParameters().Add(in.id).Add(ArrayOf(names))),
                   in);
}

RecordRows<WorkUnitRecord> ReadUnitsAfter(PgTransaction& transaction, const SpecImage& spec,
                                          const std::optional<std::string>& after,
                                          std::uint64_t limit) {
  return UnitsOf(transaction.Query(kUnitsAfter, PageOf(spec.generation, after, limit)), spec);
}

RecordRows<WorkUnitRecord> ReadUnitsNamed(PgTransaction& transaction, const SpecImage& spec,
                                          std::span<const std::string_view> names) {
  return UnitsOf(
      transaction.Query(kUnitsNamed, PgParameters().Add(spec.generation).Add(ArrayOf(names))),
      spec);
}

}  // namespace coord

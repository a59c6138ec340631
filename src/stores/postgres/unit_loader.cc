// SPDX-License-Identifier: MIT
#include "stores/postgres/unit_loader.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "stores/postgres/lookup.h"

namespace coord {

namespace {

// How often what another daemon is just moving is looked for.
constexpr int kLooksMax = 20;

#define COORD_UNIT_KEYS \
  "unnest($1::int8[], $2::bytea[]) WITH ORDINALITY AS k (generation, name, place) "
#define COORD_UNIT_ROW \
  COORD_LOOKUP("priority, not_before, data", "work_units", COORD_OF_UNIT, "") "u "
#define COORD_OPEN_COLUMNS                                                                  \
  "a.id, a.worker_id, w.name, a.start, a.expiration, a.data, a.tries, a.active, a.lapsed, " \
  "a.orphaned "
#define COORD_ENDED_COLUMNS                                                               \
  "a.id, a.worker_id, w.name, a.start, a.expiration, a.data, a.tries, a.kind, a.status, " \
  "a.ended "

// Locks are taken in the order of the keys, so that two transactions seldom wait for each other.
constexpr const char* kUnits =
    "SELECT k.place, u.priority, u.not_before, u.data FROM " COORD_UNIT_KEYS
    "CROSS JOIN " COORD_UNIT_ROW;
constexpr const char* kOpen =
    "SELECT k.place, " COORD_OPEN_COLUMNS "FROM " COORD_UNIT_KEYS
    "CROSS JOIN " COORD_LOOKUP("*", "open_attempts", COORD_OF_UNIT,
                               " FOR UPDATE") "a LEFT JOIN workers w ON w.id = a.worker_id";
constexpr const char* kAvailable =
    "SELECT k.place, a.tries, a.lapsed, u.priority FROM " COORD_UNIT_KEYS
    "CROSS JOIN " COORD_UNIT_ROW
    "CROSS JOIN " COORD_LOOKUP("tries, lapsed", "available",
                               COORD_OF_UNIT " AND claim_order = -u.priority", " FOR UPDATE") "a";
constexpr const char* kDelayed =
    "SELECT k.place, a.tries, a.lapsed, a.until FROM " COORD_UNIT_KEYS
    "CROSS JOIN " COORD_LOOKUP("tries, lapsed, until", "delayed", COORD_OF_UNIT, " FOR UPDATE") "a";
constexpr const char* kEnded =
    "SELECT k.place, " COORD_ENDED_COLUMNS "FROM " COORD_UNIT_KEYS
    "CROSS JOIN " COORD_LOOKUP("*", "ended_attempts", COORD_OF_UNIT " AND kind IN (2, 3)",
                               " FOR UPDATE") "a LEFT JOIN workers w ON w.id = a.worker_id";
constexpr const char* kEndedHistory =
    "SELECT 1, " COORD_ENDED_COLUMNS
    "FROM ended_attempts a LEFT JOIN workers w ON w.id = a.worker_id "
    "WHERE a.generation = $1 AND a.name = $2";
constexpr const char* kOpenHistory =
    "SELECT 1, " COORD_OPEN_COLUMNS
    "FROM open_attempts a LEFT JOIN workers w ON w.id = a.worker_id "
    "WHERE a.generation = $1 AND a.name = $2";

// Columns that open and ended attempts have in common, after the place.
AttemptImage* TakeAttempt(const PgRows& rows, int row, UnitImage& unit) {
  const PgId id = rows.Integer(row, 1);
  for (const auto& known : unit.attempts) {
    if (known->id == id) return nullptr;
  }
  AttemptImage& attempt = *unit.attempts.emplace_back(std::make_unique<AttemptImage>());
  attempt.id = id;
  attempt.unit = &unit;
  attempt.worker = rows.Integer(row, 2);
  attempt.worker_name = rows.Bytes(row, 3);
  attempt.start = rows.Time(row, 4);
  attempt.expiration = rows.Time(row, 5);
  if (const auto data = rows.OptionalBytes(row, 6)) attempt.data = std::string(*data);
  attempt.tries = static_cast<std::uint32_t>(rows.Integer(row, 7));
  return &attempt;
}

void TakeOpen(const PgRows& rows, int row, UnitImage& unit) {
  AttemptImage* const attempt = TakeAttempt(rows, row, unit);
  if (attempt == nullptr) return;
  attempt->stored = AttemptPlace::kOpen;
  attempt->stored_lapsed = rows.Flag(row, 9);
  attempt->orphaned = rows.Flag(row, 10);
  if (!rows.Flag(row, 8)) return;
  unit.active = attempt;
  unit.tries = attempt->tries;
}

void TakeEnded(const PgRows& rows, int row, UnitImage& unit) {
  AttemptImage* const attempt = TakeAttempt(rows, row, unit);
  if (attempt == nullptr) return;
  attempt->stored = AttemptPlace::kEnded;
  attempt->open = false;
  attempt->status = static_cast<AttemptStatus>(rows.Integer(row, 9));
  attempt->end = rows.Time(row, 10);
  if (rows.Integer(row, 8) == 0) return;
  unit.active = attempt;
  unit.tries = attempt->tries;
}

void TakeUnit(const PgRows& rows, int row, UnitImage& unit) {
  unit.exists = true;
  unit.stored = true;
  unit.row = UnitRow{rows.Real(row, 1), rows.Time(row, 2), std::string(rows.Bytes(row, 3))};
}

void TakeResting(const PgRows& rows, int row, UnitImage& unit, RestingPlace place) {
  unit.resting.place = place;
  unit.resting.tries = static_cast<std::uint32_t>(rows.Integer(row, 1));
  unit.resting.lapsed = rows.Flag(row, 2);
  unit.tries = unit.resting.tries;
}

void TakeAvailable(const PgRows& rows, int row, UnitImage& unit) {
  TakeResting(rows, row, unit, RestingPlace::kAvailable);
  unit.resting.priority = rows.Real(row, 3);
}

void TakeDelayed(const PgRows& rows, int row, UnitImage& unit) {
  TakeResting(rows, row, unit, RestingPlace::kDelayed);
  unit.resting.until = rows.Time(row, 3);
}

void SortByKey(std::vector<UnitImage*>& units) {
  std::sort(units.begin(), units.end(), [](const UnitImage* left, const UnitImage* right) {
    return std::tie(left->spec->generation, left->name) <
           std::tie(right->spec->generation, right->name);
  });
}

PgParameters KeysOf(std::span<UnitImage* const> units) {
  PgArray generations(PgType::kInt8);
  PgArray names(PgType::kBytea);
  for (const UnitImage* const unit : units) {
    generations.Add(unit->spec->generation);
    names.Add(std::string_view(unit->name));
  }
  PgParameters parameters;
  parameters.Add(generations).Add(names);
  return parameters;
}

template <typename Take>
void ForEach(const PgRows& rows, std::span<UnitImage* const> units, Take take) {
  for (int row = 0; row < rows.size(); ++row) {
    take(rows, row, *units[static_cast<std::size_t>(rows.Integer(row, 0)) - 1]);
  }
}

void Forget(UnitImage& unit) {
  unit.exists = false;
  unit.stored = false;
  unit.row.reset();
  unit.active = nullptr;
  unit.attempts.clear();
  unit.resting = {};
  unit.tries = 0;
}

// A unit that is there stands in exactly one place.
bool IsPlaced(const UnitImage& unit) {
  return !unit.exists || unit.resting.place != RestingPlace::kNone ||
         (unit.active != nullptr && !unit.active->stored_lapsed);
}

// One look at all of them; returns those that another daemon was just moving.
std::vector<UnitImage*> Look(PgTransaction& transaction, std::span<UnitImage* const> with_row,
                             std::span<UnitImage* const> without_row) {
  std::vector<UnitImage*> units(with_row.begin(), with_row.end());
  units.insert(units.end(), without_row.begin(), without_row.end());
  SortByKey(units);
  std::vector<PgStatement> looks = {{kOpen, KeysOf(units)}};
  if (!with_row.empty()) looks.push_back({kUnits, KeysOf(with_row)});
  const auto first = transaction.Pipeline(std::move(looks));
  ForEach(first[0], units, TakeOpen);
  if (!with_row.empty()) ForEach(first[1], with_row, TakeUnit);

  std::vector<UnitImage*> others;
  std::copy_if(with_row.begin(), with_row.end(), std::back_inserter(others),
               [](const UnitImage* unit) { return !IsPlaced(*unit); });
  for (UnitImage* const unit : without_row) {
    if (RunningAttempt(*unit, transaction.now()) == nullptr) {
      others.push_back(unit);
    } else {
      unit->exists = unit->stored = true;
    }
  }
  if (others.empty()) return others;
  SortByKey(others);
  const PgParameters rest = KeysOf(others);
  const auto second =
      transaction.Pipeline({{kUnits, rest}, {kAvailable, rest}, {kDelayed, rest}, {kEnded, rest}});
  ForEach(second[0], others, TakeUnit);
  ForEach(second[1], others, TakeAvailable);
  ForEach(second[2], others, TakeDelayed);
  ForEach(second[3], others, TakeEnded);
  std::erase_if(others, [](const UnitImage* unit) { return IsPlaced(*unit); });
  return others;
}

}  // namespace

void LoadUnits(PgTransaction& transaction, std::span<UnitImage* const> with_row,
               std::span<UnitImage* const> without_row) {
  std::vector<UnitImage*> left = Look(transaction, with_row, without_row);
  for (int looks = 1; !left.empty() && !transaction.failed(); ++looks) {
    if (looks == kLooksMax) return transaction.NoteConflict();
    for (UnitImage* const unit : left) Forget(*unit);
    left = Look(transaction, left, {});
  }
}

void LoadUnitRow(PgTransaction& transaction, UnitImage& unit) {
  UnitImage* const units[] = {&unit};
  const PgRows rows = transaction.Query(kUnits, KeysOf(units));
  ForEach(rows, units, TakeUnit);
  if (unit.row) return;
  // Only after a failure: then outcomes mean nothing, but somebody is going to look at the row.
  transaction.NoteConflict();
  unit.row.emplace();
}

void LoadHistory(PgTransaction& transaction, UnitImage& unit) {
  PgParameters key;
  key.Add(unit.spec->generation).Add(std::string_view(unit.name));
  AttemptImage* const active = unit.active;
  const std::uint32_t tries = unit.tries;
  const auto rows = transaction.Pipeline({{kOpenHistory, key}, {kEndedHistory, key}});
  for (int row = 0; row < rows[0].size(); ++row) TakeOpen(rows[0], row, unit);
  for (int row = 0; row < rows[1].size(); ++row) TakeEnded(rows[1], row, unit);
  // The unit's state was known before.
  unit.active = active;
  unit.tries = tries;
}

}  // namespace coord

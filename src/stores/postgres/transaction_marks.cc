// SPDX-License-Identifier: MIT
#include "stores/postgres/transaction_marks.h"

namespace coord {

namespace {

constexpr const char* kMark = "INSERT INTO committed VALUES ($1, $2, $3, false)";
constexpr const char* kSettle =
    "INSERT INTO committed VALUES ($1, $2, $3, true) ON CONFLICT DO NOTHING";
// This may be asked again, when its own answer was lost.
constexpr const char* kRead = "SELECT NOT settled FROM committed WHERE daemon = $1 AND number = $2";
constexpr Duration kKept = std::chrono::hours(24);

}  // namespace

PgStatement TransactionMarks::Next(WallTime now) {
  return {kMark, PgParameters().Add(daemon_).Add(++number_).Add(now)};
}

Result<bool> TransactionMarks::WasCommitted(PgConnection& connection, WallTime now) const {
  COORD_TRY(written, connection.Query(kSettle, PgParameters().Add(daemon_).Add(number_).Add(now)));
  if (written.affected() > 0) return false;
  COORD_TRY(rows, connection.Query(kRead, PgParameters().Add(daemon_).Add(number_)));
  return rows.size() > 0 && rows.Flag(0, 0);
}

PgStatement TransactionMarks::DropSettled() const {
  return {"DELETE FROM committed WHERE daemon = $1 AND number < $2",
          PgParameters().Add(daemon_).Add(number_)};
}

PgStatement TransactionMarks::DropOld(WallTime now) {
  return {"DELETE FROM committed WHERE at < $1", PgParameters().Add(AddTime(now, -kKept))};
}

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "stores/postgres/transaction.h"

#include <utility>

namespace coord {

std::optional<PgId> PgIds::TakeKept() {
  if (next_ == end_) return std::nullopt;
  return next_++;
}

void PgIds::Fill(PgId first) {
  next_ = first;
  end_ = first + kBlock;
}

void PgTransaction::Fail(const Error& error) {
  error_ = error;
  const std::string& state = connection_.failure().sqlstate;
  // Class 40 is "transaction rollback", 55P03 a lock that was not to be had, and 23505 a row that
  // another transaction made first
  // (https://www.postgresql.org/docs/15/errcodes-appendix.html).
  transient_ = state.starts_with("40") || state == "55P03" || state == "23505";
}

void PgTransaction::NoteConflict() {
  if (failed()) return;
  error_ = Error{ErrorCode::kUnavailable, "postgres: another daemon changed the same", {}};
  transient_ = true;
}

PgRows PgTransaction::Query(const char* sql, const PgParameters& parameters) {
  if (failed()) return {};
  auto rows = connection_.Query(sql, parameters);
  if (rows.has_value()) return std::move(*rows);
  Fail(rows.error());
  return {};
}

std::vector<PgRows> PgTransaction::Pipeline(std::vector<PgStatement> statements) {
  const std::size_t count = statements.size();
  if (!failed() && count > 0) {
    auto rows = connection_.Pipeline(std::move(statements));
    if (rows.has_value()) return std::move(*rows);
    Fail(rows.error());
  }
  return std::vector<PgRows>(count);
}

void PgTransaction::SkipIds(PgId last) {
  Query("SELECT setval('ids', greatest($1, last_value)) FROM ids", PgParameters().Add(last));
  ids_ = PgIds();
}

PgId PgTransaction::NextId() {
  if (const auto kept = ids_.TakeKept()) return *kept;
  const PgRows rows = Query("SELECT nextval('ids')");
  if (rows.size() == 0) return 0;
  ids_.Fill(rows.Integer(0, 0));
  return *ids_.TakeKept();
}

}  // namespace coord

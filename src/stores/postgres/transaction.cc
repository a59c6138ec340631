// SPDX-License-Identifier: MIT
#include "stores/postgres/transaction.h"

#include <iterator>
#include <utility>

namespace coord {

namespace {

// https://www.postgresql.org/docs/15/errcodes-appendix.html
PgTransaction::Failure KindOf(std::string_view state) {
  using Failure = PgTransaction::Failure;
  constexpr std::string_view kLockNotAvailable = "55P03";
  constexpr std::string_view kMadeByAnother = "23505";  // unique violation
  constexpr std::string_view kReadOnly = "25006";       // the server has become a standby
  const std::string_view group = state.substr(0, 2);
  if (group == "40" || state == kLockNotAvailable || state == kMadeByAnother) {
    return Failure::kConflict;
  }
  // No resources; a system error.
  if (group == "53" || group == "58" || state == kReadOnly) return Failure::kServer;
  return Failure::kStatement;
}

}  // namespace

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
  failure_ = KindOf(connection_.failure().sqlstate);
}

void PgTransaction::NoteConflict() {
  if (failed()) return;
  error_ = Error{ErrorCode::kUnavailable, "postgres: another daemon changed the same", {}};
  failure_ = Failure::kConflict;
}

PgRows PgTransaction::Query(const char* sql, const PgParameters& parameters) {
  std::vector<PgStatement> one;
  one.push_back({sql, parameters});
  return std::move(Pipeline(std::move(one)).front());
}

std::vector<PgRows> PgTransaction::Pipeline(std::vector<PgStatement> statements) {
  const std::size_t count = statements.size();
  std::vector<PgStatement> all = std::exchange(deferred_statements_, {});
  const std::vector<Taker> takers = std::exchange(takers_, {});
  std::move(statements.begin(), statements.end(), std::back_inserter(all));
  if (failed() || all.empty()) return std::vector<PgRows>(count);
  NoteWrites(all);
  const bool begins = !std::exchange(begun_, true);
  if (begins) all.insert(all.begin(), PgStatement{"BEGIN", {}});
  auto rows = connection_.Pipeline(std::move(all));
  if (rows.has_error()) {
    Fail(rows.error());
    return std::vector<PgRows>(count);
  }
  std::span<const PgRows> left(*rows);
  if (begins) left = left.subspan(1);
  for (const Taker& taker : takers) {
    if (taker.take) taker.take(left.first(taker.statements));
    left = left.subspan(taker.statements);
  }
  rows->erase(rows->begin(), rows->end() - static_cast<std::ptrdiff_t>(count));
  return std::move(*rows);
}

void PgTransaction::Defer(std::vector<PgStatement> statements, TakeRows take) {
  NoteWrites(statements);
  takers_.push_back({statements.size(), std::move(take)});
  std::move(statements.begin(), statements.end(), std::back_inserter(deferred_statements_));
}

void PgTransaction::NoteWrites(std::span<const PgStatement> statements) {
  for (const PgStatement& statement : statements) {
    if (!std::string_view(statement.sql).starts_with("SELECT")) writes_ = true;
  }
}

std::vector<PgRows> PgTransaction::Commit(std::vector<PgStatement> last) {
  last.push_back({"COMMIT", {}});
  std::vector<PgRows> rows = Pipeline(std::move(last));
  rows.pop_back();
  return rows;
}

void PgTransaction::Rollback() {
  if (!begun_ || !connection_.alive()) return;
  IgnoreError(connection_.Run("ROLLBACK"), "a connection that is gone is noticed next");
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

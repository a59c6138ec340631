// SPDX-License-Identifier: MIT
#include "stores/postgres/session.h"

#include <algorithm>
#include <utility>

namespace coord {

namespace {

// How often a transaction is run again because another one came in between.
constexpr int kTriesMax = 20;
// After so many transactions the counters are folded.
constexpr int kFoldAfter = 200;
// In one step of a long command.
constexpr std::size_t kSliceUnits = 2'000;

// Plans must not depend on how large the tables were when a statement was first used: what is
// looked up by a key is always found through its index.
constexpr const char* kSettings =
    "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = "
    "off; "
    "SET enable_mergejoin = off; SET enable_bitmapscan = off; SET jit = off; "
    "SET lock_timeout = '10s'; SET client_min_messages = warning";

Error UnavailableError(const std::string& reason) {
  return {ErrorCode::kUnavailable, "storage unavailable, try again: " + reason, {}};
}

}  // namespace

// What one transaction is to do.
struct PgSession::Part {
  const PgJob& job;
  std::span<const Submission> submissions;
  bool with_rest = false;  // the long command and tidying, too
};

PgSession::PgSession(PostgresOptions options, const StoreOptions& store_options)
    : options_(std::move(options)), store_options_(store_options) {
  state_.rng = Rng(store_options.seed);
}

Result<PgMigration> PgSession::Open() {
  COORD_TRY(connection, PgConnection::Open(options_.conninfo));
  COORD_TRY_VOID(connection.Run(kSettings));
  COORD_TRY(migration, MigratePostgres(connection, options_.may_migrate));
  connection_ = std::move(connection);
  return migration;
}

bool PgSession::Connect() {
  if (connection_ && connection_->alive()) return true;
  connection_.reset();
  auto connection = PgConnection::Open(options_.conninfo);
  if (connection.has_error()) {
    last_error_ = connection.error();
    return false;
  }
  if (const auto set = connection->Run(kSettings); set.has_error()) {
    last_error_ = set.error();
    return false;
  }
  connection_ = std::move(*connection);
  return true;
}

void PgSession::Run(const PgJob& job, PgJobResult& result) {
  RunPart(job, job.submissions, result);
}

// A statement that fails for a reason of its own is found by halving: only the command that is
// guilty gets an error.
void PgSession::RunPart(const PgJob& job, std::span<const Submission> submissions,
                        PgJobResult& result) {
  const bool whole = submissions.size() == job.submissions.size();
  const std::size_t answered = result.answers.size();
  const std::size_t unfinished = result.unfinished.size();
  const std::size_t news = result.news.size();
  for (int tries = 0; tries < kTriesMax; ++tries) {
    result.answers.resize(answered);
    result.unfinished.resize(unfinished);
    result.news.resize(news);
    switch (Try({job, submissions, whole}, result)) {
      case Ending::kCommitted:
        return;
      case Ending::kAgain:
        continue;
      case Ending::kRefused:
      case Ending::kUnreachable:
        break;
    }
    break;
  }
  result.answers.resize(answered);
  result.unfinished.resize(unfinished);
  result.news.resize(news);
  const bool reachable = connection_ && connection_->alive();
  if (reachable && submissions.size() > 1) {
    RunPart(job, submissions.first(submissions.size() / 2), result);
    RunPart(job, submissions.subspan(submissions.size() / 2), result);
    return;
  }
  const Error error = UnavailableError(last_error_.detail);
  for (const Submission& submission : submissions) {
    result.answers.push_back({submission.sink, submission.token, error});
  }
  if (whole && job.long_command) {
    result.answers.push_back({job.long_command->sink, job.long_command->token, error});
  }
  if (!reachable) result.unavailable = error;
}

PgSession::Ending PgSession::Try(const Part& part, PgJobResult& result) {
  if (!Connect()) return Ending::kUnreachable;
  if (const auto begun = connection_->Run("BEGIN"); begun.has_error()) {
    last_error_ = begun.error();
    return connection_->alive() ? Ending::kRefused : Ending::kAgain;
  }
  PgTransaction transaction(*connection_, state_.ids, part.job.now);
  Executor executor(transaction, state_, store_options_.retention);
  Execute(part, transaction, executor, result);
  if (!transaction.failed()) return Commit(transaction);
  last_error_ = transaction.error();
  if (!connection_->alive()) return Ending::kAgain;
  IgnoreError(connection_->Run("ROLLBACK"), "a connection that is gone is noticed next");
  return transaction.transient() ? Ending::kAgain : Ending::kRefused;
}

void PgSession::Execute(const Part& part, PgTransaction& transaction, Executor& executor,
                        PgJobResult& result) {
  const PgJob& job = part.job;
  if (next_due_ != kNoTime && next_due_ <= job.now) {
    const std::vector<PgId> generations = ApplyDue(transaction);
    if (!generations.empty()) {
      executor.catalog().LoadAll();
      executor.catalog().MarkChanged(generations);
    }
  }
  const auto on_outcome = [&](std::size_t place, const Outcome& outcome) {
    const Submission& submission = part.submissions[place];
    result.answers.push_back({submission.sink, submission.token, result.keeper.Keep(outcome)});
  };
  const auto on_long = [&](std::size_t place, PgLongCommand work) {
    const Submission& submission = part.submissions[place];
    result.unfinished.push_back({std::move(work), submission.sink, submission.token});
  };
  executor.Run(part.submissions, on_outcome, on_long);
  if (part.with_rest && job.long_command) {
    PgLongUnderWay work = *job.long_command;
    if (const auto outcome = executor.Continue(work.work, kSliceUnits)) {
      result.answers.push_back({work.sink, work.token, result.keeper.Keep(*outcome)});
    } else {
      result.unfinished.push_back(std::move(work));
    }
  }
  if (part.with_rest && job.tidy) Tidy(transaction, executor, result);
  executor.Flush();
  LookAround(transaction, executor, result);
}

void PgSession::Tidy(PgTransaction& transaction, Executor& executor, PgJobResult& result) {
  result.more_to_tidy = executor.ApplyRetentionSome();
  executor.Flush();
  if (ForgetWorkers(transaction)) result.more_to_tidy = true;
  if (DeleteWaste(transaction)) result.more_to_tidy = true;
  WriteLateUpdates(transaction, state_.late);
}

void PgSession::LookAround(PgTransaction& transaction, Executor& executor, PgJobResult& result) {
  const auto changed = executor.catalog().Changed();
  for (const SpecImage* const spec : changed) {
    result.news.push_back({std::string(spec->name_space_name), spec->name, spec->meta, spec->Load(),
                           executor.RetentionDue(*spec)});
  }
  if (!changed.empty() && ++changes_ >= kFoldAfter) {
    FoldCounts(transaction);
    changes_ = 0;
  }
  result.due = ReadDueTimes(transaction);
  next_due_ = result.due.units;
}

PgSession::Ending PgSession::Commit(PgTransaction& transaction) {
  const PgRows number = transaction.Query("SELECT pg_current_xact_id_if_assigned()::text::bytea");
  if (transaction.failed()) {
    last_error_ = transaction.error();
    return connection_->alive() ? Ending::kRefused : Ending::kAgain;
  }
  const auto committed = connection_->Run("COMMIT");
  if (committed.has_value()) return Ending::kCommitted;
  last_error_ = committed.error();
  if (connection_->alive()) return Ending::kAgain;
  // Nothing was written: nothing is lost by doing it again.
  if (number.IsNull(0, 0)) return Ending::kAgain;
  return FindOut(std::string(number.Bytes(0, 0)));
}

// The connection broke while the transaction was being committed.
PgSession::Ending PgSession::FindOut(const std::string& transaction_number) {
  if (!Connect()) return Ending::kUnreachable;
  const auto status =
      connection_->Query("SELECT pg_xact_status(convert_from($1, 'UTF8')::xid8) = 'committed'",
                         PgParameters().Add(std::string_view(transaction_number)));
  if (status.has_error()) {
    last_error_ = status.error();
    return Ending::kUnreachable;
  }
  return status->size() > 0 && status->Flag(0, 0) ? Ending::kCommitted : Ending::kAgain;
}

void PgSession::Close(WallTime now) {
  if (state_.late.empty() || !connection_ || !connection_->alive()) return;
  PgTransaction transaction(*connection_, state_.ids, now);
  WriteLateUpdates(transaction, state_.late);
}

}  // namespace coord

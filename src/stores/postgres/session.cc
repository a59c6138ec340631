// SPDX-License-Identifier: MIT
#include "stores/postgres/session.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/fail_point.h"

namespace coord {

namespace {

// How often a transaction is run again because another one came in between.
constexpr int kTriesMax = 20;
// After so many transactions the counters are folded.
constexpr int kFoldAfter = 200;
// In one step of a long command.
constexpr std::size_t kSliceUnits = 2'000;

Error UnavailableError(const std::string& reason) {
  return {ErrorCode::kUnavailable, "storage unavailable, try again: " + reason, {}};
}

}  // namespace

// What one transaction is to do.
struct PgSession::Part {
  const PgJob& job;
  std::span<const Submission> submissions;
  bool with_rest = false;  // the long command, tidying, looking around
};

PgSession::PgSession(PostgresOptions options, const StoreOptions& store_options)
    : options_(std::move(options)), store_options_(store_options), link_(options_) {
  state_.rng = Rng(store_options.seed);
  state_.stats.kept = store_options.keeps_stats;
}

Result<PgMigration> PgSession::Open() {
  COORD_TRY_VOID(link_.Open());
  COORD_TRY(migration, MigratePostgres(link_.connection(), options_.may_migrate));
  COORD_TRY_VOID(TakeNumber());
  return migration;
}

Result<void> PgSession::OpenBeside() {
  looks_after_due_ = false;
  COORD_TRY_VOID(link_.Open());
  return TakeNumber();
}

Result<void> PgSession::TakeNumber() {
  COORD_TRY(rows, link_.connection().Query("SELECT nextval('ids')"));
  state_.ids.Fill(rows.Integer(0, 0));
  marks_.SetDaemon(*state_.ids.TakeKept());
  return {};
}

void PgSession::Run(const PgJob& job, PgJobResult& result) {
  RunPart(job, job.submissions, result);
}

// A statement that fails for a reason of its own is found by halving: only the command that is
// guilty gets an error.
void PgSession::RunPart(const PgJob& job, std::span<const Submission> submissions,
                        PgJobResult& result) {
  const bool whole = submissions.size() == job.submissions.size();
  const Ending ending = TryTillSettled({job, submissions, whole}, result);
  if (ending == Ending::kCommitted) return;
  result.unavailable = ending == Ending::kUnavailable;
  if (!result.unavailable && submissions.size() > 1) {
    RunPart(job, submissions.first(submissions.size() / 2), result);
    RunPart(job, submissions.subspan(submissions.size() / 2), result);
    return;
  }
  const Error error = UnavailableError(last_error_);
  for (const Submission& submission : submissions) {
    result.answers.push_back({submission.sink, submission.token, error});
  }
  if (whole && job.long_command) {
    result.answers.push_back({job.long_command->sink, job.long_command->token, error});
  }
}

PgSession::Ending PgSession::TryTillSettled(const Part& part, PgJobResult& result) {
  const std::size_t answered = result.answers.size();
  const std::size_t unfinished = result.unfinished.size();
  const std::size_t news = result.news.size();
  const StoreStats stats = state_.stats;
  const ClaimMarks claims = state_.claims;
  const RetentionMarks retention = state_.retention;
  const WasteMarks waste = state_.waste;
  Ending ending = Ending::kAgain;
  for (int tries = 0; tries < kTriesMax && ending == Ending::kAgain; ++tries) {
    ending = Try(part, result);
    if (ending == Ending::kCommitted) break;
    // What was done did not happen.
    result.answers.resize(answered);
    result.unfinished.resize(unfinished);
    result.news.resize(news);
    state_.stats = stats;
    state_.claims = claims;
    state_.retention = retention;
    state_.waste = waste;
    state_.to_tell.clear();
  }
  result.stats = state_.stats;
  MergeSetBacks(result.to_tell, std::exchange(state_.to_tell, {}));
  return ending;
}

PgSession::Ending PgSession::Try(const Part& part, PgJobResult& result) {
  if (!link_.Reach()) {
    last_error_ = link_.reason();
    return Ending::kUnavailable;
  }
  PgTransaction transaction(link_.connection(), state_.ids, part.job.now);
  Executor executor(transaction, state_, store_options_.retention);
  Execute(part, transaction, executor, result);
  if (!transaction.failed()) return Commit(part, transaction, executor, result);
  transaction.Rollback();
  return EndingOf(transaction);
}

PgSession::Ending PgSession::EndingOf(const PgTransaction& transaction) {
  last_error_ = transaction.error().detail;
  if (!link_.alive()) {
    link_.Drop(last_error_);
    return Ending::kAgain;
  }
  switch (transaction.failure()) {
    case PgTransaction::Failure::kConflict:
      return Ending::kAgain;
    case PgTransaction::Failure::kStatement:
      return Ending::kRefused;
    case PgTransaction::Failure::kServer:
      // Another server may have taken its place.
      link_.Drop(last_error_);
      break;
  }
  return Ending::kUnavailable;
}

void PgSession::Execute(const Part& part, PgTransaction& transaction, Executor& executor,
                        PgJobResult& result) {
  const PgJob& job = part.job;
  state_.claims.Refresh(job.now);
  state_.retention.Refresh(job.now);
  state_.claims.SetBack(job.set_backs);
  if (MustLook(job.now)) MakeDueAvailable(transaction, executor);
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
  if (executor.catalog().leaves_waste()) result.more_to_tidy = true;
  if (part.with_rest && job.look_around) executor.catalog().LoadAll();
  TakeNews(part, executor, result);
}

void PgSession::MakeDueAvailable(PgTransaction& transaction, Executor& executor) {
  const DueUnits due = ApplyDue(transaction);
  state_.stats.NoteLapsed(due.lapsed);
  if (due.generations.empty()) return;
  executor.catalog().LoadAll();
  executor.catalog().MarkChanged(due.generations);
  constexpr double kFront = -std::numeric_limits<double>::infinity();
  for (const PgId generation : due.generations) state_.NoteAvailable({{generation, kFront}});
}

void PgSession::Tidy(PgTransaction& transaction, Executor& executor, PgJobResult& result) {
  result.more_to_tidy = executor.ApplyRetentionSome();
  executor.Flush();
  if (ForgetWorkers(transaction)) result.more_to_tidy = true;
  if (DeleteWaste(transaction, state_.waste)) result.more_to_tidy = true;
  WriteLateUpdates(transaction, state_.late);
  transaction.Pipeline({TransactionMarks::DropOld(transaction.now())});
}

void PgSession::TakeNews(const Part& part, Executor& executor, PgJobResult& result) {
  const bool of_all = part.with_rest && part.job.look_around;
  executor.catalog().VisitSpecs([&](const SpecImage& spec) {
    if (!spec.changed && !of_all) return;
    result.news.push_back({std::string(spec.name_space_name), spec.name, spec.meta, spec.Load(),
                           executor.RetentionDue(spec), spec.changed});
  });
}

PgSession::Ending PgSession::Commit(const Part& part, PgTransaction& transaction,
                                    Executor& executor, PgJobResult& result) {
  const WallTime now = part.job.now;
  std::vector<PgStatement> last;
  executor.AddChanges(last);
  // What only looked at rows need not be found out.
  const bool marked = transaction.writes() || !last.empty();
  if (marked) last.push_back(marks_.Next(now));
  const bool folds = marked && ++changes_ >= kFoldAfter;
  if (folds) {
    last.push_back(marks_.DropSettled());
    last.push_back(AskToFoldCounts());
    changes_ = 0;
  }
  // After what is due has been looked after, or changed.
  const bool asks = MustLook(now) || part.job.tidy;
  if (asks) last.push_back(AskDueTimes(now));
  HitFailPoint("postgres.written");
  const std::vector<PgRows> rows = transaction.Commit(std::move(last));
  HitFailPoint("postgres.committed");
  if (transaction.failed()) {
    transaction.Rollback();
    const Ending ending = EndingOf(transaction);
    const bool unknown = ending == Ending::kAgain && !link_.alive() && marked;
    if (!unknown || FindOut(now) == Ending::kAgain) return ending;
    // It was committed, but what it read last is lost.
    state_.due.Forget();
    result.due = state_.due.due();
    return Ending::kCommitted;
  }
  link_.NoteSuccess();
  if (asks) state_.due.Set(now, ReadDueTimes(rows.back()));
  if (folds) NoteFolded(rows[rows.size() - (asks ? 2 : 1)]);
  result.due = state_.due.due();
  return Ending::kCommitted;
}

void PgSession::NoteFolded(const PgRows& rows) {
  for (int row = 0; row < rows.size(); ++row) {
    state_.counts.NoteFolded(rows.Integer(row, 0), rows.Integer(row, 1), rows.Integer(row, 2));
  }
}

// The connection broke while the transaction was being committed.
PgSession::Ending PgSession::FindOut(WallTime now) {
  while (true) {
    link_.ReachAtLast();
    const auto committed = marks_.WasCommitted(link_.connection(), now);
    if (committed.has_value()) return *committed ? Ending::kCommitted : Ending::kAgain;
    link_.Drop(committed.error().detail);
    link_.Pause();
  }
}

void PgSession::TakeOver(PgSession& other, PgJobResult& result) {
  PgDaemonState& from = other.state_;
  state_.due.NoteUnits(from.due.due().units);
  state_.due.NoteWorkers(from.due.due().workers);
  from.due = DueWatch();
  state_.late.TakeOver(from.late);
  state_.stats.TakeOver(from.stats);
  result.due = state_.due.due();
  result.stats = state_.stats;
}

void PgSession::Close(WallTime now) {
  if (state_.late.empty() || !link_.alive()) return;
  PgTransaction transaction(link_.connection(), state_.ids, now);
  WriteLateUpdates(transaction, state_.late);
  transaction.Commit({});
}

}  // namespace coord

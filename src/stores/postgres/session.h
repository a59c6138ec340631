// SPDX-License-Identifier: MIT
// Runs jobs on a database, each in a transaction, and sees to it that it is known how each ended.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/outcome_keeper.h"
#include "domain/store.h"
#include "stores/postgres/executor.h"
#include "stores/postgres/housekeeping.h"
#include "stores/postgres/link.h"
#include "stores/postgres/postgres_store.h"
#include "stores/postgres/schema.h"
#include "stores/postgres/transaction_marks.h"

namespace coord {

// A long command and who waits for it.
struct PgLongUnderWay {
  PgLongCommand work;
  OutcomeSink* sink = nullptr;
  std::uint64_t token = 0;
};

struct PgJob {
  WallTime now;
  std::vector<Submission> submissions;
  std::optional<PgLongUnderWay> long_command;  // to go on with
  bool tidy = false;                           // look for what no command waits for
  bool look_around = false;                    // tell of all specs, not only of what it changes
  bool may_divide = false;                     // may be run in two transactions at once
  SetBacks set_backs;                          // by other daemons
};

// What a spec is like after a transaction that changed it or looked at it.
struct SpecNews {
  std::string name_space;
  std::string spec;
  WorkSpecMeta meta;
  SpecLoad load;
  WallTime retention_due = kNoTime;  // when retention will have something to do; kNoTime: never
  bool changed = false;
};

struct PgJobResult {
  struct Answer {
    OutcomeSink* sink = nullptr;
    std::uint64_t token = 0;
    Outcome outcome;
  };
  OutcomeKeeper keeper;  // what the outcomes view
  std::vector<Answer> answers;
  std::unique_ptr<PgJobResult> beside;  // of another part of the job; its answers are moved here
  std::vector<PgLongUnderWay> unfinished;
  std::vector<SpecNews> news;
  DueTimes due;
  SetBacks to_tell;  // to other daemons
  StoreStats stats;  // of all jobs
  bool more_to_tidy = false;
  bool unavailable = false;  // the database did not answer, and nothing was done
};

// Used from one thread.
class PgSession {
 public:
  PgSession(PostgresOptions options, const StoreOptions& store_options);

  // Connects, and makes or migrates the tables. Errors: as OpenPostgresStore().
  Result<PgMigration> Open();
  // Connects beside another session that has made the tables. Errors: kUnavailable.
  Result<void> OpenBeside();
  bool alive() const { return link_.alive(); }

  // Lives as long as the session; may be read on any thread.
  const ClockOffset* clock_offset() const { return &link_.clock_offset(); }

  // Runs a job; commands that cannot be run because the database does not answer get an error.
  void Run(const PgJob& job, PgJobResult& result);
  // Writes what was put off. Must be called before the end.
  void Close(WallTime now);

  // Whether the next job will look after what has fallen due.
  bool MustLook(WallTime now) const { return looks_after_due_ && state_.due.MustLook(now); }
  // Units stand there that were not there before.
  void SetBackClaims(const SetBacks& set_backs) { state_.claims.SetBack(set_backs); }
  // Takes over what the other one, which does not look after it, put off and counted.
  void TakeOver(PgSession& other, PgJobResult& result);

 private:
  enum class Ending : std::uint8_t { kCommitted, kAgain, kRefused, kUnavailable };
  struct Part;

  Result<void> TakeNumber();
  void RunPart(const PgJob& job, std::span<const Submission> submissions, PgJobResult& result);
  Ending TryTillSettled(const Part& part, PgJobResult& result);
  Ending Try(const Part& part, PgJobResult& result);
  void Execute(const Part& part, PgTransaction& transaction, Executor& executor,
               PgJobResult& result);
  void MakeDueAvailable(PgTransaction& transaction, Executor& executor);
  void NoteFolded(const PgRows& rows);
  void Tidy(PgTransaction& transaction, Executor& executor, PgJobResult& result);
  void TakeNews(const Part& part, Executor& executor, PgJobResult& result);
  Ending Commit(const Part& part, PgTransaction& transaction, Executor& executor,
                PgJobResult& result);
  Ending EndingOf(const PgTransaction& transaction);
  Ending FindOut(WallTime now);

  const PostgresOptions options_;
  const StoreOptions store_options_;
  bool looks_after_due_ = true;
  PgLink link_;
  PgDaemonState state_;
  TransactionMarks marks_;
  int changes_ = 0;  // transactions since the counters were folded
  std::string last_error_;
};

}  // namespace coord

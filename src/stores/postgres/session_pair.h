// SPDX-License-Identifier: MIT
// Runs a job on one session, or a large one on two at the same time: each has a connection, which
// means a process of the server, and those use one core each.
#pragma once

#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/errand_thread.h"
#include "base/result.h"
#include "stores/postgres/job_parts.h"
#include "stores/postgres/session.h"

namespace coord {

// Two transactions of one daemon are to each other what those of two daemons are. What one session
// keeps and the other must know is handed on between jobs, before anything is answered. The second
// connects when it is needed first; while it cannot, the first one does everything.
//
// Used from one thread.
class PgSessionPair {
 public:
  PgSessionPair(const PostgresOptions& options, const StoreOptions& store_options);

  // As PgSession, and so are the others.
  Result<PgMigration> Open() { return first_.Open(); }
  const ClockOffset* clock_offset() const { return first_.clock_offset(); }
  void Run(const PgJob& job, PgJobResult& result);
  void Close(WallTime now) { first_.Close(now); }

 private:
  struct Errand {
    PgJob job;
    std::unique_ptr<PgJobResult> result = std::make_unique<PgJobResult>();
  };

  std::optional<JobParts> Divide(const PgJob& job);
  void RunBoth(const PgJob& job, JobParts parts, PgJobResult& result);
  bool ReachSecond(WallTime now);

  const std::size_t divide_from_;
  PostgresEvents* const events_;  // may be nullptr
  PgSession first_;
  PgSession second_;
  WallTime tried_second_ = kNoTime;
  bool told_ = false;            // that there is no second
  ErrandThread<Errand> thread_;  // of the second; last: it uses the others
};

}  // namespace coord

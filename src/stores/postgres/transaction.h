// SPDX-License-Identifier: MIT
// One transaction under way: its time, its statements, and what went wrong with it.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "stores/postgres/connection.h"
#include "stores/postgres/images.h"

namespace coord {

// Numbers for new rows, taken from the database a block at a time; those that are not used are lost
// when the daemon stops.
class PgIds {
 public:
  std::optional<PgId> TakeKept();
  void Fill(PgId first);

  static constexpr PgId kBlock = 1'000;  // the increment of the sequence

 private:
  PgId next_ = 0;
  PgId end_ = 0;
};

// Begins with its first statement. After the first failure of a statement all others give no rows,
// so that only the end need be looked at; loops that wait for something must look themselves.
class PgTransaction {
 public:
  // All outlive it. The connection is not in a transaction.
  PgTransaction(PgConnection& connection, PgIds& ids, WallTime now)
      : connection_(connection), ids_(ids), now_(now) {}
  PgTransaction(const PgTransaction&) = delete;
  PgTransaction& operator=(const PgTransaction&) = delete;

  WallTime now() const { return now_; }

  PgRows Query(const char* sql, const PgParameters& parameters = {});
  // One result for each statement, empty after a failure.
  std::vector<PgRows> Pipeline(std::vector<PgStatement> statements);
  // Runs statements with what is run next, before it and in the same round trip; gives their rows
  // to `take`, unless one of all these fails. What `take` uses must live until then.
  using TakeRows = std::function<void(std::span<const PgRows>)>;
  void Defer(std::vector<PgStatement> statements, TakeRows take = nullptr);
  // Runs what has been deferred.
  void RunDeferred() { Pipeline({}); }
  // A number that no row has; 0 after a failure.
  PgId NextId();
  // No number up to this one is given any more, by a daemon that has none kept.
  void SkipIds(PgId last);

  // Another daemon came in between in a way that only running everything again resolves.
  void NoteConflict();

  // Runs the last statements and commits, in one go; returns the statements' rows.
  std::vector<PgRows> Commit(std::vector<PgStatement> last);
  // Takes everything back, as far as the connection is still there.
  void Rollback();

  // Whether a statement may have changed something.
  bool writes() const { return writes_; }
  bool failed() const { return failure_.has_value(); }
  // What went wrong.
  enum class Failure : std::uint8_t {
    kConflict,   // running it again may help: a deadlock, a lock that was waited for too long, …
    kStatement,  // this statement with these values
    kServer      // the server has no room, is going down, or takes no changes
  };
  Failure failure() const { return *failure_; }
  const Error& error() const { return error_; }

 private:
  void Fail(const Error& error);
  void NoteWrites(std::span<const PgStatement> statements);

  PgConnection& connection_;
  PgIds& ids_;
  const WallTime now_;
  bool begun_ = false;
  bool writes_ = false;
  std::vector<PgStatement> deferred_statements_;
  struct Taker {
    std::size_t statements = 0;
    TakeRows take;
  };
  std::vector<Taker> takers_;  // of all deferred statements, in their order
  std::optional<Failure> failure_;
  Error error_;
};

}  // namespace coord

// SPDX-License-Identifier: MIT
// The store that keeps everything in PostgreSQL, so that several daemons can share it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "domain/store.h"

namespace coord {

// What an operator may want to know. Called on any thread, one call at a time.
class PostgresEvents {
 public:
  virtual ~PostgresEvents() = default;
  // The tables were brought from one version to another; 0: there were none.
  virtual void OnMigrated(int from, int to) = 0;
  // The database does not answer, or takes no changes, for this reason; and does again.
  virtual void OnUnavailable(const std::string& reason) = 0;
  virtual void OnAvailable() = 0;
  // The connection for a second transaction at a time cannot be made, for this reason: the store
  // does without it, more slowly, and tries again. Told once until it has been made.
  virtual void OnUndivided(const std::string& reason) = 0;
};

struct PostgresOptions {
  // A libpq connection string or URL; what it leaves open is taken from the PG* environment.
  std::string conninfo;
  bool may_migrate = true;
  // Times are the database's, so that all daemons have the same; false: the clock's as they are.
  bool database_time = false;
  // Commands that gather and concern at least so many units are run in two transactions at once, on
  // two connections.
  std::size_t divide_from = 200;
  PostgresEvents* events = nullptr;  // outlives the store; nullptr: nobody wants to know
};

// Connects, and makes or migrates the tables. Outcomes are delivered from Poll() or Flush(), when
// what they tell has been committed. All that has been submitted while one transaction is under way
// shares the next one.
//
// Several may share a database. What one changes wakes those who wait at another at once, or, if it
// died before it could tell, within some seconds.
//
// Where the database does not answer, commands are held back for 10 seconds, in which it is tried
// again and again; then they get kUnavailable. A commit whose fate is unknown is looked up before
// its commands are answered, however long that takes.
//
// Errors: kUnavailable (no connection), kInvalid (tables of another version).
Result<std::unique_ptr<Store>> OpenPostgresStore(Clock& clock, const PostgresOptions& options,
                                                 const StoreOptions& store_options);

}  // namespace coord

// SPDX-License-Identifier: MIT
// The way to the database: a connection that is made again when it is lost.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "stores/postgres/connection.h"
#include "stores/postgres/database_clock.h"
#include "stores/postgres/postgres_store.h"

namespace coord {

// Blocks while it waits, so it belongs to a thread of its own.
class PgLink {
 public:
  // `options` outlives it.
  explicit PgLink(const PostgresOptions& options) : options_(options) {}

  // The first time. Errors: kUnavailable.
  Result<void> Open();

  // Makes sure that there is a connection: tries again and again, first for kHold after it was
  // lost, then once a call. Returns false if there is none.
  bool Reach();
  // Waits and tries without end.
  void ReachAtLast();
  // Waits before something is tried again: the longer, the longer it has not gone well.
  void Pause();

  // The connection; only after Reach() has returned true, and until Drop().
  PgConnection& connection() { return *connection_; }
  bool alive() const { return connection_ && connection_->alive(); }
  // Closes it, because the server is of no use any more, for this reason.
  void Drop(const std::string& reason);

  // Measured with each new connection, if the options ask for the database's time.
  const ClockOffset& clock_offset() const { return clock_offset_; }
  // The reason that it was last lost or not made for.
  const std::string& reason() const { return reason_; }
  // A transaction went well: whatever was wrong is over.
  void NoteSuccess();
  // The server answers, but takes no changes.
  void NoteTrouble(const std::string& reason);

 private:
  bool TryOnce();

  const PostgresOptions& options_;
  std::optional<PgConnection> connection_;
  ClockOffset clock_offset_ = 0;
  std::string reason_;
  bool in_trouble_ = false;
  Duration paused_{0};  // since the connection was lost
};

}  // namespace coord

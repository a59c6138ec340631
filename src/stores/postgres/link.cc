// SPDX-License-Identifier: MIT
#include "stores/postgres/link.h"

#include <algorithm>
#include <thread>

namespace coord {

namespace {

// How long commands are held back before they are told that the database is away.
constexpr Duration kHold = std::chrono::seconds(10);
constexpr Duration kFirstPause = std::chrono::milliseconds(20);
constexpr Duration kLongestPause = std::chrono::seconds(1);

// Plans must not depend on how large the tables were when a statement was first used: what is
// looked up by a key is always found through its index (see lookup.h). The limits keep a statement,
// or a daemon that hangs in the middle of a transaction, from standing in the way of all others for
// ever.
constexpr const char* kSettings =
    "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; "
    "SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_bitmapscan = off; "
    "SET jit = off; SET client_min_messages = warning; SET lock_timeout = '10s'; "
    "SET statement_timeout = '60s'; SET idle_in_transaction_session_timeout = '60s'";

}  // namespace

Result<void> PgLink::Open() {
  COORD_TRY(connection, PgConnection::Open(options_.conninfo));
  COORD_TRY_VOID(connection.Run(kSettings));
  if (options_.database_time) {
    COORD_TRY(offset, MeasureClockOffset(connection));
    clock_offset_ = offset.count();
  }
  connection_ = std::move(connection);
  return {};
}

bool PgLink::TryOnce() {
  const auto opened = Open();
  if (opened.has_value()) return true;
  NoteTrouble(opened.error().detail);
  return false;
}

void PgLink::Pause() {
  const Duration pause = std::clamp(paused_, kFirstPause, kLongestPause);
  std::this_thread::sleep_for(pause);
  paused_ += pause;
}

bool PgLink::Reach() {
  if (alive()) return true;
  while (!TryOnce()) {
    Pause();
    if (paused_ >= kHold) return false;
  }
  return true;
}

void PgLink::ReachAtLast() {
  while (!alive() && !TryOnce()) Pause();
}

void PgLink::Drop(const std::string& reason) {
  connection_.reset();
  NoteTrouble(reason);
}

void PgLink::NoteSuccess() {
  paused_ = Duration(0);
  if (!std::exchange(in_trouble_, false)) return;
  if (options_.events != nullptr) options_.events->OnAvailable();
}

void PgLink::NoteTrouble(const std::string& reason) {
  reason_ = reason;
  if (std::exchange(in_trouble_, true)) return;
  if (options_.events != nullptr) options_.events->OnUnavailable(reason);
}

}  // namespace coord

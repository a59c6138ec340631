// SPDX-License-Identifier: MIT
#include "stores/sqlite/checkpointer.h"

#include <utility>

namespace coord {

namespace {

// What may be left for the turn between two commits.
constexpr int kFramesLeftMax = 1'000;
constexpr int kPassesMax = 4;

}  // namespace

Result<std::unique_ptr<Checkpointer>> Checkpointer::Open(const std::string& path, const char* vfs,
                                                         const LogLimits& limits,
                                                         OnLogHeld on_held) {
  COORD_TRY(database, Database::Open(path, DatabaseAccess::kReadWrite, vfs));
  COORD_TRY_VOID(database.Run("PRAGMA wal_autocheckpoint = 0"));
  // Before its first read a connection does not know of the log, and would checkpoint nothing.
  COORD_TRY(tables, database.Number("SELECT count(*) FROM sqlite_schema"));
  static_cast<void>(tables);
  // A checkpoint never waits for a reader.
  sqlite3_busy_timeout(database.handle(), 0);
  return std::unique_ptr<Checkpointer>(
      new Checkpointer(std::move(database), limits, std::move(on_held)));
}

Checkpointer::Checkpointer(Database database, const LogLimits& limits, OnLogHeld on_held)
    : limits_(limits),
      on_held_(std::move(on_held)),
      database_(std::move(database)),
      next_bytes_(limits.checkpoint_bytes),
      thread_([this] { Run(); }) {}

Checkpointer::~Checkpointer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Checkpointer::Consider(std::uint64_t log_bytes) {
  if (log_bytes < next_bytes_) return;
  const std::lock_guard lock(mutex_);
  wanted_ = true;
  changed_.notify_all();
}

void Checkpointer::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return wanted_ || stopping_; });
    if (stopping_) return;
    wanted_ = false;
    lock.unlock();
    Checkpoint();
    lock.lock();
  }
}

void Checkpointer::Checkpoint() {
  // Errors are not told here: a disk that fails fails the next commit too, which tells.
  int frames = 0;
  int copied = 0;
  for (int pass = 0; pass < kPassesMax; ++pass) {
    if (sqlite3_wal_checkpoint_v2(database_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &frames,
                                  &copied) != SQLITE_OK) {
      return;
    }
    if (frames - copied <= kFramesLeftMax) break;
  }
  if (frames - copied <= kFramesLeftMax) {
    const auto turn = turns_.ForCheckpoint();
    // The log starts anew in its file, which keeps its size: writing over what is there needs less
    // of the disk than making a file longer, a half of a sync where that was measured.
    if (sqlite3_wal_checkpoint_v2(database_.handle(), nullptr, SQLITE_CHECKPOINT_RESTART, &frames,
                                  &copied) == SQLITE_OK) {
      told_ = 0;
      next_bytes_ = limits_.checkpoint_bytes;
      return;
    }
  }
  // Held by a reader: tried again when it has grown as much again, and told of each time it has
  // doubled.
  const std::uint64_t bytes = Database::LogBytes(static_cast<std::uint64_t>(frames));
  next_bytes_ = bytes + limits_.checkpoint_bytes;
  if (bytes >= limits_.told_bytes && bytes >= 2 * told_) {
    told_ = bytes;
    on_held_(bytes);
  }
}

}  // namespace coord

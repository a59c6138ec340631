// SPDX-License-Identifier: MIT
#include "stores/sqlite/checkpointer.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <thread>
#include <utility>

namespace coord {

namespace {

// What may be left for the turn between two commits.
constexpr int kFramesLeftMax = 1'000;
// And where readers are waited for: as many as are committed while one reads, of which many are of
// the same pages.
constexpr int kFramesLeftWaitingMax = 8'000;
// Readers are waited for when the log has this many times its usual length, and again when it has
// grown by this part.
constexpr std::uint64_t kWaitTimes = 4;
constexpr std::uint64_t kWaitAgainPart = 4;
// And for so many times as long once it is told of.
constexpr int kTimesToldWait = 2;
// Between two looks at whether they have gone.
constexpr std::chrono::milliseconds kBusyPause{1};
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
  // Never waits by itself.
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

void Checkpointer::OnCommitted(std::uint64_t log_bytes) {
  in_use_ = log_bytes;
  if (log_bytes < next_bytes_ && log_bytes >= anew_below_) return;
  const std::lock_guard lock(mutex_);
  wanted_ = true;
  changed_.notify_all();
}

void Checkpointer::OnFailed() {
  in_use_ = std::numeric_limits<std::uint64_t>::max();
  anew_below_ = 0;
}

void Checkpointer::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return wanted_ || stopping_; });
    if (stopping_) return;
    lock.unlock();
    if (in_use_ < anew_below_) CutPiece();
    if (in_use_ >= next_bytes_) Checkpoint();
    lock.lock();
    // What commits wanted meanwhile may be done with; the next one says so if it is not.
    wanted_ = false;
  }
}

void Checkpointer::Checkpoint() {
  Progress progress;
  if (!Copy(progress)) return;
  const bool wait =
      Database::LogBytes(progress.frames) >=
      std::max(kWaitTimes * limits_.checkpoint_bytes, waited_at_ + waited_at_ / kWaitAgainPart);
  const bool little_left = progress.left() <= (wait ? kFramesLeftWaitingMax : kFramesLeftMax);
  if (little_left && StartAnew(progress, wait)) return;
  // Held by a reader: tried again when it has grown as much again, and told of each time it has
  // doubled.
  const std::uint64_t bytes = Database::LogBytes(progress.frames);
  if (wait) waited_at_ = bytes;
  next_bytes_ = bytes + limits_.checkpoint_bytes;
  if (bytes >= limits_.told_bytes && bytes >= 2 * told_) {
    told_ = bytes;
    on_held_(bytes);
  }
}

bool Checkpointer::Copy(Progress& progress) {
  for (int pass = 0; pass < kPassesMax; ++pass) {
    if (sqlite3_wal_checkpoint_v2(database_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                  &progress.frames, &progress.copied) != SQLITE_OK) {
      return false;
    }
    if (progress.left() <= kFramesLeftMax) break;
  }
  return true;
}

bool Checkpointer::StartAnew(Progress& progress, bool wait) {
  const auto turn = turns_.ForCheckpoint();
  const std::uint64_t bytes = Database::LogBytes(progress.frames);
  if (in_use_ < bytes) {
    // A commit that found all of it copied, and no reader, has begun it anew already.
    NoteAnew(progress);
    return true;
  }
  const int times = !wait ? 0 : bytes >= limits_.told_bytes ? kTimesToldWait : 1;
  const auto deadline = std::chrono::steady_clock::now() + times * limits_.reader_wait;
  // Tried again and again. While SQLite itself waits it does not see that readers have gone whose
  // place others have taken that need not be waited for.
  int code = Restart(progress);
  while (code == SQLITE_BUSY && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(kBusyPause);
    code = Restart(progress);
  }
  if (code != SQLITE_OK) return false;
  NoteAnew(progress);
  return true;
}

// The log starts anew in its file, which keeps its size: writing over what is there needs less of
// the disk than making a file longer, a half of a sync where that was measured.
int Checkpointer::Restart(Progress& progress) {
  return sqlite3_wal_checkpoint_v2(database_.handle(), nullptr, SQLITE_CHECKPOINT_RESTART,
                                   &progress.frames, &progress.copied);
}

void Checkpointer::NoteAnew(const Progress& progress) {
  told_ = 0;
  waited_at_ = 0;
  next_bytes_ = limits_.checkpoint_bytes;
  // Until a commit has begun the new log, and is synced, the old one is what a crash would leave.
  anew_below_ = Database::LogBytes(progress.frames);
}

void Checkpointer::CutPiece() {
  const auto turn = turns_.ForCheckpoint();
  if (in_use_ >= anew_below_) return;  // a commit failed meanwhile
  const std::uint64_t bytes = database_.LogFileBytes();
  const std::uint64_t kept = std::max(kWaitTimes * limits_.checkpoint_bytes,
                                      std::uint64_t{in_use_} + limits_.checkpoint_bytes);
  if (bytes <= kept ||
      database_.CutLogFile(std::max(kept, bytes - limits_.checkpoint_bytes)).has_error()) {
    anew_below_ = 0;
  }
}

}  // namespace coord

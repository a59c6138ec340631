// SPDX-License-Identifier: MIT
#include "stores/sqlite/checkpointer.h"

#include <sys/stat.h>

#include <utility>

#include "base/fail_point.h"

namespace coord {

namespace {

// Past this size a log that cannot start anew is told of, and again each time it has doubled.
constexpr std::uint64_t kHeldBytes = std::uint64_t{1} << 30U;
// What may be left for the turn between two commits.
constexpr int kFramesLeftMax = 1'000;
constexpr int kPassesMax = 4;

}  // namespace

Result<std::unique_ptr<Checkpointer>> Checkpointer::Open(const std::string& path, const char* vfs,
                                                         std::uint64_t log_bytes,
                                                         OnLogHeld on_held) {
  COORD_TRY(database, Database::Open(path, DatabaseAccess::kReadWrite, vfs));
  COORD_TRY_VOID(database.Run("PRAGMA wal_autocheckpoint = 0"));
  // A checkpoint never waits for a reader.
  sqlite3_busy_timeout(database.handle(), 0);
  return std::unique_ptr<Checkpointer>(
      new Checkpointer(path, std::move(database), log_bytes, std::move(on_held)));
}

Checkpointer::Checkpointer(std::string path, Database database, std::uint64_t log_bytes,
                           OnLogHeld on_held)
    : log_path_(std::move(path) + "-wal"),
      log_bytes_(log_bytes),
      on_held_(std::move(on_held)),
      database_(std::move(database)),
      thread_([this] { Run(); }) {}

Checkpointer::~Checkpointer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::uint64_t Checkpointer::LogBytes() const {
  struct stat status {};
  return stat(log_path_.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

void Checkpointer::Consider() {
  if (LogBytes() < log_bytes_) return;
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
    HitFailPoint("sqlite.checkpoint");
    const auto turn = WriterTurn();
    // The file of a log that starts anew keeps its size, so it is cut as well.
    if (sqlite3_wal_checkpoint_v2(database_.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, &frames,
                                  &copied) == SQLITE_OK) {
      told_ = 0;
      return;
    }
  }
  const std::uint64_t bytes = LogBytes();
  if (bytes >= kHeldBytes && bytes >= 2 * told_) {
    told_ = bytes;
    on_held_(bytes);
  }
}

}  // namespace coord

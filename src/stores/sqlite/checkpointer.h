// SPDX-License-Identifier: MIT
// Moves what stands in the write-ahead log into the file, beside the thread that commits.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/result.h"
#include "stores/sqlite/database.h"
#include "stores/sqlite/write_turns.h"

namespace coord {

struct LogLimits {
  std::uint64_t checkpoint_bytes = 0;  // how long the log may get before it is checkpointed
  std::uint64_t told_bytes = 0;        // from which size on a log that is held is told of
  // How long commits wait for readers so that the log can start anew; twice as long from
  // told_bytes on.
  std::chrono::milliseconds reader_wait{0};
};

// A checkpoint runs on a connection and a thread of its own while commits go on. Only its last
// part, which lets the log start anew, takes a turn between two commits; by then little is left to
// copy. A reader that keeps an old snapshot keeps the log from starting anew: it grows, and past a
// limit that is told.
//
// Where one reader follows the other there is always one. Those that come while everything is in
// the file and nothing is committed read without the log, so the last part keeps the commits
// waiting for the readers of before, for a limited time: when the log has four times its
// usual length, and again only when it has grown by a quarter.
//
// A log that has started anew leaves the file as long as it was. What is over is cut off a piece
// with each commit, because a file system takes seconds to free gigabytes.
class Checkpointer {
 public:
  // Called on the checkpointer's thread with the size of the log.
  using OnLogHeld = std::function<void(std::uint64_t bytes)>;

  static Result<std::unique_ptr<Checkpointer>> Open(const std::string& path, const char* vfs,
                                                    const LogLimits& limits, OnLogHeld on_held);
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;
  ~Checkpointer();

  // The committing thread has a turn while it writes.
  WriteTurns& turns() { return turns_; }

  // Is told how long the log is after a commit, and starts what is due. Within the commit's turn.
  // Cheap.
  void OnCommitted(std::uint64_t log_bytes);
  // Is told that a commit failed, after which nobody knows how much of the log is in use. Within
  // its turn.
  void OnFailed();

 private:
  Checkpointer(Database database, const LogLimits& limits, OnLogHeld on_held);

  // What one checkpoint has come to.
  struct Progress {
    int frames = 0;  // of the log
    int copied = 0;  // of them
    int left() const { return frames - copied; }
  };

  void Run();
  void Checkpoint();
  // Errors are not told here: a disk that fails fails the next commit too, which tells.
  bool Copy(Progress& progress);
  bool StartAnew(Progress& progress, bool wait);
  int Restart(Progress& progress);
  void NoteAnew(const Progress& progress);
  void CutPiece();

  const LogLimits limits_;
  const OnLogHeld on_held_;
  Database database_;
  std::atomic<std::uint64_t> next_bytes_;  // the size at which the next checkpoint is due
  std::uint64_t told_ = 0;                 // the size that was told last
  std::uint64_t waited_at_ = 0;  // the size at which readers were waited for last, in vain
  // Of the log, after the last commit; the highest number where nobody knows.
  std::atomic<std::uint64_t> in_use_ = 0;
  // A log in use up to less than this has started anew and left its file long; 0: nothing to cut.
  std::atomic<std::uint64_t> anew_below_ = 0;
  WriteTurns turns_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool wanted_ = false;  // guarded by mutex_, like stopping_
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace coord

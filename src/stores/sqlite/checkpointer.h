// SPDX-License-Identifier: MIT
// Moves what stands in the write-ahead log into the file, beside the thread that commits.
#pragma once

#include <atomic>
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
};

// A checkpoint runs on a connection and a thread of its own while commits go on. Only its last
// part, which lets the log start anew, takes a turn between two commits; by then little is left to
// copy. A reader that keeps an old snapshot keeps the log from starting anew: it grows, and past a
// limit that is told.
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

  // Is told how long the log is after a commit, and starts a checkpoint if one is due. Cheap.
  void Consider(std::uint64_t log_bytes);

 private:
  Checkpointer(Database database, const LogLimits& limits, OnLogHeld on_held);

  void Run();
  void Checkpoint();

  const LogLimits limits_;
  const OnLogHeld on_held_;
  Database database_;
  std::atomic<std::uint64_t> next_bytes_;  // the size at which the next checkpoint is due
  std::uint64_t told_ = 0;                 // the size that was told last
  WriteTurns turns_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool wanted_ = false;  // guarded by mutex_, like stopping_
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace coord

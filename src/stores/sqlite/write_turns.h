// SPDX-License-Identifier: MIT
// Who of two threads may write to the file.
#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>

namespace coord {

// Turns between the committing thread, which wants one again at once, and the checkpointer, which
// seldom wants one: it comes next whenever it waits. A mutex would give it none for as long as the
// commits follow each other. Thread-safe.
class WriteTurns {
 public:
  // Ends with the object.
  class Turn {
   public:
    explicit Turn(WriteTurns& turns) : turns_(&turns) {}
    Turn(Turn&& other) noexcept : turns_(std::exchange(other.turns_, nullptr)) {}
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (turns_ != nullptr) turns_->End();
    }

   private:
    WriteTurns* turns_;
  };

  Turn ForCommit() {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return !taken_ && !checkpoint_waits_; });
    taken_ = true;
    return Turn(*this);
  }

  // Of one thread.
  Turn ForCheckpoint() {
    std::unique_lock lock(mutex_);
    checkpoint_waits_ = true;
    ended_.wait(lock, [this] { return !taken_; });
    checkpoint_waits_ = false;
    taken_ = true;
    return Turn(*this);
  }

 private:
  void End() {
    {
      const std::lock_guard lock(mutex_);
      taken_ = false;
    }
    ended_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable ended_;
  bool taken_ = false;
  bool checkpoint_waits_ = false;
};

}  // namespace coord

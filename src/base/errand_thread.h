// SPDX-License-Identifier: MIT
// A thread that runs one errand at a time for another.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "base/check.h"

namespace coord {

// Lives on the owner's thread, as all its functions do; the errands are run on a thread of its own.
template <typename Errand>
class ErrandThread {
 public:
  // `run` runs an errand; `on_done` tells, on the other thread, that one can be taken.
  ErrandThread(std::function<void(Errand&)> run, std::function<void()> on_done)
      : run_(std::move(run)), on_done_(std::move(on_done)), thread_([this] { Run(); }) {}
  ErrandThread(const ErrandThread&) = delete;
  ErrandThread& operator=(const ErrandThread&) = delete;

  // An errand that is under way is finished first.
  ~ErrandThread() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  // True from Start() until the errand is taken.
  bool busy() const { return busy_; }

  // Nothing may be under way.
  void Start(std::unique_ptr<Errand> errand) {
    COORD_CHECK(!busy_);
    busy_ = true;
    {
      const std::lock_guard lock(mutex_);
      task_ = std::move(errand);
    }
    changed_.notify_all();
  }

  // The errand that has been run, or nullptr.
  std::unique_ptr<Errand> Take() {
    const std::lock_guard lock(mutex_);
    if (done_) busy_ = false;
    return std::move(done_);
  }

  // The errand that is under way, once it has been run.
  std::unique_ptr<Errand> Await() {
    COORD_CHECK(busy_);
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return done_ != nullptr; });
    busy_ = false;
    return std::move(done_);
  }

 private:
  void Run() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return task_ || stopping_; });
      if (!task_) return;
      std::unique_ptr<Errand> errand = std::move(task_);
      lock.unlock();
      run_(*errand);
      lock.lock();
      done_ = std::move(errand);
      changed_.notify_all();
      // With the lock held: once the errand is taken, nobody is told of it any more.
      on_done_();
    }
  }

  const std::function<void(Errand&)> run_;
  const std::function<void()> on_done_;
  bool busy_ = false;  // the owner's
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<Errand> task_;  // guarded by mutex_, like all that follows
  std::unique_ptr<Errand> done_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace coord

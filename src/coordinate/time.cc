// SPDX-License-Identifier: MIT
#include "coordinate/time.h"

namespace coordinate {

Time SystemTime::Now() {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

void SystemTime::Wait(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
                      Time until) {
  // By the steady clock, so that a machine whose time is set back does not oversleep.
  changed.wait_for(lock, until - Now());
}

Time ManualTime::Now() {
  const std::lock_guard own(mutex_);
  return now_;
}

void ManualTime::Wait(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
                      Time until) {
  const std::pair waiting(lock.mutex(), &changed);
  {
    const std::lock_guard own(mutex_);
    if (until <= now_) return;
    waiting_.insert(waiting);
  }
  waiting_changed_.notify_all();
  changed.wait(lock);
  const std::lock_guard own(mutex_);
  waiting_.erase(waiting_.find(waiting));
}

void ManualTime::Advance(Duration by) {
  std::unique_lock own(mutex_);
  now_ += by;
  const auto waiting = waiting_;
  own.unlock();
  for (const auto& [mutex, changed] : waiting) {
    // Whoever holds it has not begun to wait.
    const std::lock_guard lock(*mutex);
    changed->notify_all();
  }
}

void ManualTime::AwaitWaiting(std::size_t threads) {
  std::unique_lock own(mutex_);
  waiting_changed_.wait(own, [&] { return waiting_.size() >= threads; });
}

}  // namespace coordinate

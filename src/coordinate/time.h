// SPDX-License-Identifier: MIT
// Time, which is passed in, so that what waits can be tested without waiting.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <utility>

namespace coordinate {

// Microseconds, which every store keeps exactly.
using Duration = std::chrono::microseconds;
using Time = std::chrono::time_point<std::chrono::system_clock, Duration>;

// Where time comes from, and how one waits for it. All functions may be called on any thread.
class TimeSource {
 public:
  TimeSource() = default;
  TimeSource(const TimeSource&) = delete;
  TimeSource& operator=(const TimeSource&) = delete;
  virtual ~TimeSource() = default;

  virtual Time Now() = 0;

  // Returns when `changed` is notified, when it is `until` or later, or without a reason. `lock` is
  // held when this is called and when it returns.
  virtual void Wait(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
                    Time until) = 0;
};

// The machine's clock.
class SystemTime final : public TimeSource {
 public:
  Time Now() override;
  void Wait(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
            Time until) override;
};

// Time that moves only when a test says so; starts at the Unix epoch.
class ManualTime final : public TimeSource {
 public:
  Time Now() override;
  void Wait(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
            Time until) override;

  // Moves time forward, and wakes all who wait; they must not end meanwhile.
  void Advance(Duration by);
  // Returns once so many threads wait for a time in the future.
  void AwaitWaiting(std::size_t threads);

 private:
  std::mutex mutex_;
  std::condition_variable waiting_changed_;
  Time now_{};
  std::multiset<std::pair<std::mutex*, std::condition_variable*>> waiting_;
};

}  // namespace coordinate

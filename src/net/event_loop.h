// SPDX-License-Identifier: MIT
// The event loop: descriptors, timers and posted functions, one thread.
//
// Written here because the daemon's hot path is one receive and one send for each request, so that
// every further system call counts (docs/architecture.md, "Choices and reasons").
#pragma once

#include <absl/container/btree_set.h>
#include <absl/functional/any_invocable.h>
#include <sys/epoll.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "base/fd.h"

namespace coord {

class Timer;

// Is told that a descriptor is ready.
class ReadyHandler {
 public:
  virtual ~ReadyHandler() = default;
  // `events`: EPOLLIN, EPOLLOUT; EPOLLERR and EPOLLHUP come even where they were not asked for.
  virtual void OnReady(std::uint32_t events) = 0;
};

// A turn of the loop waits for descriptors, tells the handlers of those that are ready, fires the
// timers that are due, and then runs what has been posted until then. Level-triggered: a descriptor
// that stays ready is told of in every turn, so a handler that does not take what there is must
// change what it asks for.
//
// All functions are called on the loop's thread, or while it does not run, unless they say
// otherwise. Errors of the system that cannot be helped (no memory for the kernel's table) end the
// process.
class EventLoop {
 public:
  using Function = absl::AnyInvocable<void()>;

  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Runs turns on this thread until Stop().
  void Run();
  // Any thread: ends Run() after the turn that is under way, or the one after it.
  void Stop();

  // One turn. Waits for something to do if `may_wait`. Returns false if there was nothing.
  bool RunTurn(bool may_wait);

  // Any thread: has the function run at the end of a turn, after what was posted before.
  void Post(Function function);

  // Has the function run once, at the end of the first turn that finds nothing to do, or of the
  // last of a few turns. One at a time; the loop does not wait meanwhile. Loop thread only.
  void WhenIdle(Function function);

  // Descriptors. `fd` stays its owner's; `handler` must exist until Remove(), after which it is not
  // called any more, not even in the turn that is under way.
  void Add(int fd, std::uint32_t events, ReadyHandler& handler);
  void Change(int fd, std::uint32_t events, ReadyHandler& handler);
  void Remove(int fd, ReadyHandler& handler);

 private:
  friend class Timer;
  using TimePoint = std::chrono::steady_clock::time_point;

  int Wait(bool may_wait);
  bool TellHandlers(int count);
  void ArmTimers();
  bool FireTimers();
  bool RunPosted();
  bool has_posted();
  void Wake();
  void DrainWakeUp();

  Fd epoll_;
  Fd wake_up_;  // an eventfd
  std::vector<epoll_event> ready_;
  std::span<epoll_event> telling_;  // those of ready_ whose handlers are still to be told

  // A timer of the system's for the first of ours: a time limit of each wait would cost more.
  Fd timer_fd_;
  absl::btree_set<std::pair<TimePoint, Timer*>> timers_;
  TimePoint armed_ = TimePoint::max();  // when timer_fd_ becomes ready
  bool timers_due_ = false;

  Function when_idle_;
  int busy_turns_ = 0;  // since it was set

  std::atomic<bool> stop_{false};
  std::atomic<std::thread::id> thread_{};
  std::mutex mutex_;
  std::vector<Function> posted_;
  bool woken_ = false;  // since the last wait
  std::vector<Function> running_;
};

// Calls a function once, some time from now. Belongs to the loop's thread.
class Timer {
 public:
  // `loop` outlives it.
  explicit Timer(EventLoop& loop) : loop_(loop) {}
  ~Timer() { Cancel(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Never fires too early, and late where the loop is busy. Replaces what was started before.
  void Start(std::chrono::nanoseconds after, std::function<void()> function);
  void Cancel();

 private:
  friend class EventLoop;

  EventLoop& loop_;
  std::chrono::steady_clock::time_point when_;
  std::function<void()> function_;
  bool started_ = false;
};

}  // namespace coord

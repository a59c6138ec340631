// SPDX-License-Identifier: MIT
#include "net/event_loop.h"

#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/check.h"

namespace coord {

namespace {

using std::chrono::steady_clock;

// More would be told in the next turn. As many as this are read, executed and answered together.
constexpr std::size_t kReadyMax = 512;

// After so many turns a loop counts as idle.
constexpr int kBusyTurnsMax = 8;

}  // namespace

EventLoop::EventLoop()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_up_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      ready_(kReadyMax),
      timer_fd_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {
  COORD_CHECK(epoll_.valid() && wake_up_.valid() && timer_fd_.valid());
  for (Fd* own : {&wake_up_, &timer_fd_}) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = own;
    COORD_CHECK(epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, own->get(), &event) == 0);
  }
}

EventLoop::~EventLoop() = default;

void EventLoop::Run() {
  while (!stop_.load(std::memory_order_acquire)) RunTurn(/*may_wait=*/true);
}

void EventLoop::Stop() {
  stop_.store(true, std::memory_order_release);
  Post([] {});
}

bool EventLoop::RunTurn(bool may_wait) {
  thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  bool did = TellHandlers(Wait(may_wait));
  if (timers_due_) did |= FireTimers();
  did |= RunPosted();
  if (when_idle_ && (!did || ++busy_turns_ >= kBusyTurnsMax)) {
    std::exchange(when_idle_, nullptr)();
    did = true;
  }
  return did;
}

void EventLoop::WhenIdle(Function function) {
  COORD_CHECK(!when_idle_);
  when_idle_ = std::move(function);
  busy_turns_ = 0;
}

// --- Descriptors ---------------------------------------------------------------------------------

int EventLoop::Wait(bool may_wait) {
  const int timeout = may_wait && !when_idle_ && !has_posted() ? -1 : 0;
  const int count =
      epoll_wait(epoll_.get(), ready_.data(), static_cast<int>(ready_.size()), timeout);
  COORD_CHECK(count >= 0 || errno == EINTR);
  return count;
}

bool EventLoop::TellHandlers(int count) {
  if (count <= 0) return false;
  bool did = false;
  telling_ = std::span(ready_).first(static_cast<std::size_t>(count));
  while (!telling_.empty()) {
    const epoll_event event = telling_.front();
    telling_ = telling_.subspan(1);
    if (event.events == 0) continue;  // removed meanwhile
    if (event.data.ptr == &wake_up_) {
      DrainWakeUp();
    } else if (event.data.ptr == &timer_fd_) {
      timers_due_ = true;
    } else {
      static_cast<ReadyHandler*>(event.data.ptr)->OnReady(event.events);
      did = true;
    }
  }
  return did;
}

void EventLoop::Add(int fd, std::uint32_t events, ReadyHandler& handler) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &handler;
  COORD_CHECK(epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0);
}

void EventLoop::Change(int fd, std::uint32_t events, ReadyHandler& handler) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &handler;
  COORD_CHECK(epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0);
}

void EventLoop::Remove(int fd, ReadyHandler& handler) {
  COORD_CHECK(epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr) == 0);
  for (epoll_event& event : telling_) {
    if (event.data.ptr == &handler) event.events = 0;
  }
}

// --- Timers --------------------------------------------------------------------------------------

// Sees to it that timer_fd_ becomes ready when the first timer is due, or before.
void EventLoop::ArmTimers() {
  if (timers_.empty() || timers_.begin()->first >= armed_) return;
  armed_ = timers_.begin()->first;
  const auto since_epoch = armed_.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
  itimerspec when{};
  when.it_value.tv_sec = seconds.count();
  when.it_value.tv_nsec = std::chrono::nanoseconds(since_epoch - seconds).count();
  COORD_CHECK(timerfd_settime(timer_fd_.get(), TFD_TIMER_ABSTIME, &when, nullptr) == 0);
}

bool EventLoop::FireTimers() {
  std::uint64_t expirations = 0;
  const bool read_it = read(timer_fd_.get(), &expirations, sizeof expirations) > 0;
  COORD_CHECK(read_it || errno == EAGAIN);
  timers_due_ = false;
  armed_ = TimePoint::max();
  // A timer that is started again by what fires waits for the next turn.
  const TimePoint now = steady_clock::now();
  bool did = false;
  while (!timers_.empty() && timers_.begin()->first <= now) {
    Timer& timer = *timers_.begin()->second;
    timers_.erase(timers_.begin());
    timer.started_ = false;
    // Moved out, because the function may destroy the timer.
    const std::function<void()> function = std::move(timer.function_);
    function();
    did = true;
  }
  ArmTimers();
  return did;
}

void Timer::Start(std::chrono::nanoseconds after, std::function<void()> function) {
  Cancel();
  when_ = steady_clock::now() + after;
  function_ = std::move(function);
  started_ = true;
  loop_.timers_.emplace(when_, this);
  loop_.ArmTimers();
}

void Timer::Cancel() {
  if (!started_) return;
  started_ = false;
  loop_.timers_.erase({when_, this});
}

// --- Posted functions ----------------------------------------------------------------------------

void EventLoop::Post(Function function) {
  const std::lock_guard lock(mutex_);
  posted_.push_back(std::move(function));
  const bool here = thread_.load(std::memory_order_relaxed) == std::this_thread::get_id();
  if (!here && !woken_) Wake();
}

bool EventLoop::RunPosted() {
  {
    const std::lock_guard lock(mutex_);
    std::swap(posted_, running_);
  }
  if (running_.empty()) return false;
  for (Function& function : running_) function();
  running_.clear();
  return true;
}

bool EventLoop::has_posted() {
  const std::lock_guard lock(mutex_);
  return !posted_.empty();
}

void EventLoop::Wake() {
  const std::uint64_t one = 1;
  woken_ = write(wake_up_.get(), &one, sizeof one) == sizeof one;
}

void EventLoop::DrainWakeUp() {
  const std::lock_guard lock(mutex_);
  std::uint64_t count = 0;
  woken_ = read(wake_up_.get(), &count, sizeof count) < 0;
}

}  // namespace coord

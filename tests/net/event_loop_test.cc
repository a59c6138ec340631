// SPDX-License-Identifier: MIT
#include "net/event_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace coord {
namespace {

using std::chrono::nanoseconds;
using ::testing::ElementsAre;

// A descriptor that is readable from the beginning, and what is done when the loop says so.
class Ready final : public ReadyHandler {
 public:
  explicit Ready(EventLoop& loop, std::function<void(std::uint32_t)> on_ready)
      : loop_(loop), fd_(eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK)), on_ready_(std::move(on_ready)) {
    loop_.Add(fd_.get(), EPOLLIN, *this);
  }
  ~Ready() override { Remove(); }

  void OnReady(std::uint32_t events) override { on_ready_(events); }
  void Change(std::uint32_t events) { loop_.Change(fd_.get(), events, *this); }
  void Remove() {
    if (!std::exchange(removed_, true)) loop_.Remove(fd_.get(), *this);
  }

 private:
  EventLoop& loop_;
  Fd fd_;
  std::function<void(std::uint32_t)> on_ready_;
  bool removed_ = false;
};

TEST(EventLoopTest, ATurnWithNothingToDoSaysSo) {
  EventLoop loop;
  EXPECT_FALSE(loop.RunTurn(/*may_wait=*/false));
}

TEST(EventLoopTest, WhatIsPostedRunsInOrder) {
  EventLoop loop;
  std::vector<int> ran;
  loop.Post([&] { ran.push_back(1); });
  loop.Post([&] { ran.push_back(2); });
  EXPECT_TRUE(loop.RunTurn(/*may_wait=*/true));
  EXPECT_THAT(ran, ElementsAre(1, 2));
}

TEST(EventLoopTest, WhatAPostedFunctionPostsRunsInTheNextTurn) {
  EventLoop loop;
  int ran = 0;
  loop.Post([&] { loop.Post([&] { ++ran; }); });
  EXPECT_TRUE(loop.RunTurn(/*may_wait=*/true));
  EXPECT_EQ(ran, 0);
  EXPECT_TRUE(loop.RunTurn(/*may_wait=*/true));
  EXPECT_EQ(ran, 1);
}

TEST(EventLoopTest, AnotherThreadWakesALoopThatWaits) {
  EventLoop loop;
  std::vector<std::thread::id> ran;
  std::thread other([&] {
    loop.Post([&] {
      ran.push_back(std::this_thread::get_id());
      loop.Stop();
    });
  });
  loop.Run();
  other.join();
  EXPECT_THAT(ran, ElementsAre(std::this_thread::get_id()));
}

TEST(EventLoopTest, StopFromAnotherThreadEndsTheWait) {
  EventLoop loop;
  std::thread other([&] { loop.Stop(); });
  loop.Run();
  other.join();
}

TEST(EventLoopTest, ADescriptorThatStaysReadyIsToldOfInEveryTurn) {
  EventLoop loop;
  int told = 0;
  Ready ready(loop, [&](std::uint32_t events) {
    EXPECT_EQ(events, std::uint32_t{EPOLLIN});
    ++told;
  });
  loop.RunTurn(/*may_wait=*/true);
  loop.RunTurn(/*may_wait=*/true);
  EXPECT_EQ(told, 2);
  ready.Change(0);
  EXPECT_FALSE(loop.RunTurn(/*may_wait=*/false));
  ready.Change(EPOLLIN);
  loop.RunTurn(/*may_wait=*/true);
  EXPECT_EQ(told, 3);
}

TEST(EventLoopTest, AHandlerRemovedInATurnIsNotCalledInIt) {
  EventLoop loop;
  int told = 0;
  std::unique_ptr<Ready> first;
  std::unique_ptr<Ready> second;
  // Whoever is told first removes the other one.
  first = std::make_unique<Ready>(loop, [&](std::uint32_t) {
    ++told;
    second.reset();
  });
  second = std::make_unique<Ready>(loop, [&](std::uint32_t) {
    ++told;
    first.reset();
  });
  loop.RunTurn(/*may_wait=*/true);
  EXPECT_EQ(told, 1);
}

TEST(EventLoopTest, PostedFunctionsRunAfterTheHandlersOfTheSameTurn) {
  EventLoop loop;
  std::vector<int> ran;
  loop.Post([&] { ran.push_back(2); });
  Ready ready(loop, [&](std::uint32_t) { ran.push_back(1); });
  loop.RunTurn(/*may_wait=*/true);
  EXPECT_THAT(ran, ElementsAre(1, 2));
}

TEST(EventLoopTest, WhenIdleRunsAtTheEndOfTheFirstTurnThatFindsNothing) {
  EventLoop loop;
  int left = 3;
  std::function<void()> post_again = [&] {
    if (--left > 0) loop.Post(post_again);
  };
  loop.Post(post_again);
  int left_when_idle = -1;
  loop.WhenIdle([&] { left_when_idle = left; });
  for (int turn = 0; turn < 3; ++turn) {
    EXPECT_TRUE(loop.RunTurn(/*may_wait=*/true));
    EXPECT_EQ(left_when_idle, -1);
  }
  // It may wait, and does not.
  EXPECT_TRUE(loop.RunTurn(/*may_wait=*/true));
  EXPECT_EQ(left_when_idle, 0);
  EXPECT_FALSE(loop.RunTurn(/*may_wait=*/false));
}

TEST(EventLoopTest, ALoopThatIsNeverIdleRunsItAfterSomeTurns) {
  EventLoop loop;
  int turns = 0;
  std::function<void()> post_again = [&] {
    ++turns;
    loop.Post(post_again);
  };
  loop.Post(post_again);
  bool ran = false;
  loop.WhenIdle([&] { ran = true; });
  while (!ran && turns < 100) loop.RunTurn(/*may_wait=*/true);
  EXPECT_TRUE(ran);
  EXPECT_GT(turns, 1);
}

TEST(TimerTest, FiresOnceAndNotTooEarly) {
  EventLoop loop;
  Timer timer(loop);
  int fired = 0;
  const auto start = std::chrono::steady_clock::now();
  timer.Start(std::chrono::milliseconds(2), [&] { ++fired; });
  while (fired == 0) loop.RunTurn(/*may_wait=*/true);
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(2));
  EXPECT_FALSE(loop.RunTurn(/*may_wait=*/false));
  EXPECT_EQ(fired, 1);
}

TEST(TimerTest, TheOneDueFirstFiresFirst) {
  EventLoop loop;
  Timer late(loop);
  Timer early(loop);
  std::vector<int> fired;
  late.Start(nanoseconds(0), [&] { fired.push_back(2); });
  early.Start(-std::chrono::hours(1), [&] { fired.push_back(1); });
  while (fired.size() < 2) loop.RunTurn(/*may_wait=*/true);
  EXPECT_THAT(fired, ElementsAre(1, 2));
}

TEST(TimerTest, StartReplacesWhatWasStarted) {
  EventLoop loop;
  Timer timer(loop);
  std::vector<int> fired;
  timer.Start(nanoseconds(0), [&] { fired.push_back(1); });
  timer.Start(nanoseconds(0), [&] { fired.push_back(2); });
  while (fired.empty()) loop.RunTurn(/*may_wait=*/true);
  EXPECT_FALSE(loop.RunTurn(/*may_wait=*/false));
  EXPECT_THAT(fired, ElementsAre(2));
}

TEST(TimerTest, ACancelledOrDestroyedTimerDoesNotFire) {
  EventLoop loop;
  Timer cancelled(loop);
  cancelled.Start(nanoseconds(0), [] { FAIL(); });
  cancelled.Cancel();
  {
    Timer(loop).Start(nanoseconds(0), [] { FAIL(); });
  }
  EXPECT_FALSE(loop.RunTurn(/*may_wait=*/false));
}

TEST(TimerTest, MayDestroyItselfOrStartAgainWhenItFires) {
  EventLoop loop;
  auto timer = std::make_unique<Timer>(loop);
  int fired = 0;
  timer->Start(nanoseconds(0), [&] {
    ++fired;
    timer->Start(nanoseconds(0), [&] {
      ++fired;
      timer.reset();
    });
  });
  while (timer != nullptr) loop.RunTurn(/*may_wait=*/true);
  EXPECT_EQ(fired, 2);
}

}  // namespace
}  // namespace coord

// SPDX-License-Identifier: MIT
// The worker, on a memory store whose time the tests move.
#include "coordinate/task_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

#include "coordinate/work_spec.h"
#include "coordinate/worker.h"

namespace coordinate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;

// Asks again and again, for a minute.
void Eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + 1min;
  while (!condition()) {
    ASSERT_LT(std::chrono::steady_clock::now(), end);
    std::this_thread::yield();
  }
}

// Returns when the task is asked to stop.
void AwaitStop(TaskContext& context) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait(lock, context.stop_token(), [] { return false; });
}

class TaskRunnerTest : public ::testing::Test {
 protected:
  TaskRunnerTest() {
    options_.name = "r";
    options_.threads = 2;
    options_.wait = Duration(0);
    options_.log = [this](const std::string& line) {
      const std::lock_guard lock(mutex_);
      lines_.push_back(line);
    };
  }
  ~TaskRunnerTest() override { End(); }

  // The spec "s", with units.
  WorkSpec Given(const std::vector<std::string>& units, Map keys = {{"runtime", "cpp"}}) {
    keys.insert(keys.begin(), {"name", "s"});
    const WorkSpec spec = *all_.SetWorkSpec(keys);
    for (const std::string& unit : units) EXPECT_TRUE(spec.AddWorkUnit({.name = unit}).ok());
    return spec;
  }
  void Start(const std::string& name, Task task) {
    runner_ = std::make_unique<TaskRunner>(all_, options_);
    runner_->AddTask(name, std::move(task));
    thread_ = std::thread([this] { runner_->Run(); });
  }
  TaskRunnerStats End(bool now = false) {
    if (!thread_.joinable()) return {};
    now ? runner_->StopNow() : runner_->Stop();
    thread_.join();
    return runner_->stats();
  }
  void AwaitStatus(const WorkUnit& unit, WorkUnitStatus status) {
    Eventually([&] { return unit.Info()->status == status; });
  }
  std::string TracebackOf(const WorkUnit& unit) {
    const auto info = unit.Info();
    const Value* const text = info->data.Find("traceback");
    return text == nullptr ? "none" : *text->AsString();
  }

  std::shared_ptr<ManualTime> time_ = std::make_shared<ManualTime>();
  Client client_ = *Client::Open("memory", {time_});
  Namespace all_ = client_.InNamespace("");
  TaskRunnerOptions options_;
  std::unique_ptr<TaskRunner> runner_;
  std::thread thread_;
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

TEST_F(TaskRunnerTest, RunsTheTaskThatTheSpecNames) {
  const WorkSpec spec = Given({"a", "b", "c"}, {{"runtime", "cpp"}, {"task", "double"}, {"by", 3}});
  Start("double", [](TaskContext& context) -> TaskResult {
    return Value(Map{{"of", context.unit()}, {"by", *context.definition().Find("by")}});
  });
  for (const char* unit : {"a", "b", "c"}) AwaitStatus(spec.Unit(unit), WorkUnitStatus::kFinished);
  EXPECT_EQ(End().finished, 3U);
  EXPECT_EQ(spec.Unit("b").Info()->data, Value(Map{{"of", "b"}, {"by", 3}}));
  EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(TaskRunnerTest, TakesItsRuntimeOnlyAndTheSpecsNameForATask) {
  const WorkSpec spec = Given({"a"});
  const WorkSpec other = *all_.SetWorkSpec(Map{{"name", "t"}});
  ASSERT_TRUE(other.AddWorkUnit({.name = "x"}).ok());
  ASSERT_TRUE(other.SetMeta({.priority = 5}).ok());
  Start("s", [](TaskContext&) -> TaskResult { return Value(); });
  AwaitStatus(spec.Unit("a"), WorkUnitStatus::kFinished);
  End();
  EXPECT_EQ(other.Unit("x").Info()->status, WorkUnitStatus::kAvailable);
}

TEST_F(TaskRunnerTest, WhatGoesWrongFailsTheUnit) {
  const WorkSpec spec = Given({"error", "throw", "odd", "data"});
  Start("s", [](TaskContext& context) -> TaskResult {
    if (context.unit() == "error") return Error{ErrorCode::kInvalid, "no good", {}};
    if (context.unit() == "throw") throw std::runtime_error("thrown");
    if (context.unit() == "odd") throw 5;
    return Value("no map");
  });
  for (const char* unit : {"error", "throw", "odd", "data"}) {
    AwaitStatus(spec.Unit(unit), WorkUnitStatus::kFailed);
  }
  EXPECT_EQ(End().failed, 4U);
  EXPECT_EQ(TracebackOf(spec.Unit("error")), "no good");
  EXPECT_EQ(TracebackOf(spec.Unit("throw")), "thrown");
  EXPECT_EQ(TracebackOf(spec.Unit("odd")), "the task threw what is no std::exception");
  EXPECT_EQ(TracebackOf(spec.Unit("data")), "the data were refused: the data must be a map");
}

TEST_F(TaskRunnerTest, AnUnknownTaskFailsTheUnit) {
  const WorkSpec spec = Given({"a"}, {{"runtime", "cpp"}, {"task", "unknown"}});
  Start("s", [](TaskContext&) -> TaskResult { return Value(); });
  AwaitStatus(spec.Unit("a"), WorkUnitStatus::kFailed);
  EXPECT_EQ(TracebackOf(spec.Unit("a")), "this worker has no task 'unknown'");
}

TEST_F(TaskRunnerTest, ATaskIsAskedToStopThirtySecondsBeforeItsLeaseEnds) {
  const WorkSpec spec = Given({"a"});
  std::promise<void> begun;
  Start("s", [&](TaskContext& context) -> TaskResult {
    begun.set_value();
    AwaitStop(context);
    return Error{ErrorCode::kInvalid,
                 "stopped at " + std::to_string(time_->Now().time_since_epoch() / 1s),
                 {}};
  });
  begun.get_future().wait();
  time_->Advance(15min - 30s);
  AwaitStatus(spec.Unit("a"), WorkUnitStatus::kFailed);
  EXPECT_EQ(TracebackOf(spec.Unit("a")), "stopped at 870");
}

TEST_F(TaskRunnerTest, AUnitIsFailedFifteenSecondsBeforeAndMayStillBeFinished) {
  const WorkSpec spec = Given({"a"});
  std::promise<void> begun;
  std::promise<void> released;
  Start("s", [&, held = released.get_future().share()](TaskContext&) -> TaskResult {
    begun.set_value();
    held.wait();
    return Value(Map{{"late", true}});
  });
  begun.get_future().wait();
  time_->Advance(15min - 15s);
  AwaitStatus(spec.Unit("a"), WorkUnitStatus::kFailed);
  EXPECT_EQ(TracebackOf(spec.Unit("a")), "the task took longer than its lease");
  released.set_value();
  AwaitStatus(spec.Unit("a"), WorkUnitStatus::kFinished);
  EXPECT_EQ(End().finished, 1U);
}

TEST_F(TaskRunnerTest, LeasesAreRenewedWhileTheUnitMayRun) {
  options_.max_unit_time = 1h;
  const WorkSpec spec = Given({"a"});
  Start("s", [](TaskContext& context) -> TaskResult {
    AwaitStop(context);
    return Value();
  });
  AwaitStatus(spec.Unit("a"), WorkUnitStatus::kPending);
  const auto expiration = [&] { return (*spec.Unit("a").ActiveAttempt())->made().expiration; };
  const Time first = expiration();
  time_->Advance(8min);
  Eventually([&] { return expiration() == first + 8min; });
  // It is taken away, and given to nobody.
  ASSERT_TRUE(spec.SetMeta({.paused = true}).ok());
  ASSERT_TRUE(spec.Unit("a").ClearActiveAttempt().ok());
  time_->Advance(8min);
  Eventually([&] { return runner_->stats().lost == 1; });
}

TEST_F(TaskRunnerTest, ATaskMayRenewItsLease) {
  const WorkSpec spec = Given({"a"});
  std::promise<void> renewed;
  Start("s", [&](TaskContext& context) -> TaskResult {
    EXPECT_TRUE(context.Renew(1h).ok());
    renewed.set_value();
    AwaitStop(context);
    return Value();
  });
  renewed.get_future().wait();
  time_->Advance(30min);
  EXPECT_EQ(spec.Unit("a").Info()->status, WorkUnitStatus::kPending);
  time_->Advance(30min - 30s);
  AwaitStatus(spec.Unit("a"), WorkUnitStatus::kFinished);
}

TEST_F(TaskRunnerTest, TheWorkerAndAChildForEachThreadAreShown) {
  Given({});
  Start("s", [](TaskContext&) -> TaskResult { return Value(); });
  Eventually([&] { return all_.Workers(/*active_only=*/true)->size() == 3; });
  const auto info = all_.WorkerNamed("r").Info();
  EXPECT_THAT(info->children, ElementsAre("r-0", "r-1"));
  EXPECT_EQ(info->mode, Value("run"));
  EXPECT_EQ(*info->data.Find("tasks"), Value(List{"s"}));
  EXPECT_EQ(*info->expiration - *info->last_update, 60s);
  // The one that sends heartbeats, too.
  time_->AwaitWaiting(3);
  time_->Advance(15s);
  Eventually([&] { return *all_.WorkerNamed("r").Info()->last_update == Time(15s); });
  End();
  EXPECT_THAT(*all_.Workers(/*active_only=*/true), IsEmpty());
  EXPECT_THAT(*all_.Workers(), SizeIs(3));
}

TEST_F(TaskRunnerTest, WhoFindsNothingAsksAgainAfterAPause) {
  const WorkSpec spec = Given({});
  Start("s", [](TaskContext&) -> TaskResult { return Value(); });
  time_->AwaitWaiting(3);
  ASSERT_TRUE(spec.AddWorkUnit({.name = "a"}).ok());
  time_->AwaitWaiting(3);
  EXPECT_EQ(spec.Unit("a").Info()->status, WorkUnitStatus::kAvailable);
  time_->Advance(1s);
  AwaitStatus(spec.Unit("a"), WorkUnitStatus::kFinished);
}

TEST_F(TaskRunnerTest, StoppingLetsTasksFinishAndTakesNoMore) {
  const WorkSpec spec = Given({"a", "b", "c"});
  std::promise<void> released;
  Start("s", [held = released.get_future().share()](TaskContext&) -> TaskResult {
    held.wait();
    return Value();
  });
  Eventually([&] { return (*spec.CountWorkUnits())[WorkUnitStatus::kPending] == 2; });
  runner_->Stop();
  released.set_value();
  EXPECT_EQ(End().finished, 2U);
  EXPECT_EQ(spec.Unit("c").Info()->status, WorkUnitStatus::kAvailable);
}

TEST_F(TaskRunnerTest, StoppingInAHurryGivesBack) {
  const WorkSpec spec = Given({"a"});
  Start("s", [](TaskContext& context) -> TaskResult {
    AwaitStop(context);
    return Error{ErrorCode::kInvalid, "stopped", {}};
  });
  AwaitStatus(spec.Unit("a"), WorkUnitStatus::kPending);
  EXPECT_EQ(End(/*now=*/true).given_back, 1U);
  EXPECT_EQ(spec.Unit("a").Info()->status, WorkUnitStatus::kAvailable);
}

TEST_F(TaskRunnerTest, ANameIsMadeUp) {
  options_.name.clear();
  EXPECT_FALSE(TaskRunner(all_, options_).name().empty());
  EXPECT_NE(TaskRunner(all_, options_).name(), TaskRunner(all_, options_).name());
}

}  // namespace
}  // namespace coordinate

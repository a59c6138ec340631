// SPDX-License-Identifier: MIT
// The dispatcher on the in-memory store: who waits, who is woken, when the timer fires.
#include "dispatch/dispatcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "client.h"
#include "stores/memory/memory_store.h"

namespace coord::testing {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace {

constexpr WallTime kStart = WallTime(1'700'000'000s);

// A clock that jumps forward by itself at one of the times that it is looked at.
class JumpingClock final : public Clock {
 public:
  WallTime Now() override {
    if (looks_left_ > 0 && --looks_left_ == 0) now_ += jump_;
    return now_;
  }
  void Advance(Duration by) { now_ += by; }
  bool jumped() const { return looks_left_ == 0; }
  void JumpAtLook(int look, Duration by) {
    looks_left_ = look;
    jump_ = by;
  }

 private:
  WallTime now_ = kStart;
  int looks_left_ = 0;
  Duration jump_{0};
};

// What the test asked and got. Requests are numbered from 1.
class DispatcherTest : public ::testing::Test, public OutcomeSink {
 public:
  void OnOutcome(std::uint64_t token, const Outcome& outcome) override {
    answers_.emplace(token, Own(outcome));
  }

  std::uint64_t Submit(const std::vector<Command>& commands, Duration wait = Duration(0)) {
    std::unique_ptr<Batch> batch = dispatcher_.NewBatch();
    for (const Command& command : commands) {
      batch->submissions.push_back({command, "", this, ++last_token_, wait});
    }
    dispatcher_.Submit(std::move(batch));
    return last_token_;
  }

  void Given(const Map& definition) {
    Submit({SetWorkSpec{.definition = keeper_.Keep(definition), .replaces = {}}});
  }
  Command AddUnits(std::string_view spec, const std::vector<NewUnit>& units) {
    return AddWorkUnits{.spec = spec, .items = keeper_.Keep(units)};
  }
  // Asks for work, and waits for it for an hour.
  std::uint64_t Wait(const Ask& ask) { return Submit({keeper_.Keep(ask)}, 1h); }

  // The names of the units that a request was answered with, behind "spec:".
  Strings UnitsOf(std::uint64_t token) {
    const auto found = answers_.find(token);
    if (found == answers_.end()) return {"not answered"};
    Strings names;
    const auto& work = std::get<OwnedWork>(found->second);
    for (const OwnedGrant& unit : work.units) names.push_back(work.spec + ":" + unit.name);
    return names;
  }

 protected:
  EventLoop loop_;
  JumpingClock clock_;
  std::unique_ptr<Store> store_ = OpenMemoryStore(clock_, {});
  Dispatcher dispatcher_{loop_, clock_, *store_};
  Keeper keeper_;
  std::uint64_t last_token_ = 0;
  std::map<std::uint64_t, OwnedOutcome> answers_;
};

}  // namespace

TEST_F(DispatcherTest, WaitersAreServedInTheOrderInWhichTheyCame) {
  Given({{"name", "s"}});
  const auto first = Wait({.worker = "first"});
  const auto second = Wait({.worker = "second", .specs = {"s"}});
  const auto third = Wait({.worker = "third"});
  Submit({AddUnits("s", {{.name = "a"}, {.name = "b"}})});
  EXPECT_THAT(UnitsOf(first), ElementsAre("s:a"));
  EXPECT_THAT(UnitsOf(second), ElementsAre("s:b"));
  EXPECT_THAT(UnitsOf(third), ElementsAre("not answered"));
  EXPECT_EQ(dispatcher_.stats().waiting, 1U);
}

TEST_F(DispatcherTest, AWaiterThatIsWokenForOneSpecAndTakesAnotherLeavesTheFirstToTheNext) {
  Given({{"name", "s"}});
  Given({{"name", "t"}, {"priority", 1}});
  const auto any = Wait({.worker = "any"});
  const auto only_s = Wait({.worker = "only s", .specs = {"s"}});
  Submit({AddUnits("s", {{.name = "a"}}), AddUnits("t", {{.name = "b"}})});
  EXPECT_THAT(UnitsOf(any), ElementsAre("t:b")) << "it goes first";
  EXPECT_THAT(UnitsOf(only_s), ElementsAre("s:a"));
}

TEST_F(DispatcherTest, OneWaiterWhoTakesAllLeavesTheOthersWaiting) {
  Given({{"name", "s"}});
  const auto greedy = Wait({.worker = "greedy", .count = 10});
  const auto other = Wait({.worker = "other"});
  Submit({AddUnits("s", {{.name = "a"}, {.name = "b"}})});
  EXPECT_THAT(UnitsOf(greedy), ElementsAre("s:a", "s:b"));
  EXPECT_THAT(UnitsOf(other), ElementsAre("not answered"));
  Submit({AddUnits("s", {{.name = "c"}})});
  EXPECT_THAT(UnitsOf(other), ElementsAre("s:c"));
}

TEST_F(DispatcherTest, DemandsThatDifferLittleAreNotTakenForEqual) {
  Given({{"name", "s"}, {"min_gb", 1.00000015}});
  const auto less = Wait({.worker = "less", .memory_gb = 1.0000001});
  const auto more = Wait({.worker = "more", .memory_gb = 1.0000002});
  Submit({AddUnits("s", {{.name = "a"}})});
  EXPECT_THAT(UnitsOf(less), ElementsAre("not answered"));
  EXPECT_THAT(UnitsOf(more), ElementsAre("s:a"));
}

TEST_F(DispatcherTest, ALeaseThatEndsWhileThoseWhoWaitAreServedWakesOneOfThem) {
  // At whichever of Poll()'s looks at the clock the lease ends.
  int look = 1;
  for (;; ++look) {
    SCOPED_TRACE(look);
    const std::string spec = "s" + std::to_string(look);
    Given({{"name", spec}});
    Submit({AddUnits(spec, {{.name = "a"}})});
    Submit({keeper_.Keep(Ask{.worker = "holder", .lifetime = 10s, .specs = {spec}})});
    const auto waiter = Wait({.worker = "waiter", .specs = {spec}});
    clock_.JumpAtLook(look, 10s);
    dispatcher_.Poll();
    if (!clock_.jumped()) break;
    // What is due is done by the timer, which has nothing to sleep for.
    loop_.RunTurn(false);
    EXPECT_THAT(UnitsOf(waiter), ElementsAre(spec + ":a"));
  }
  EXPECT_GT(look, 3) << "those who wait, the step, the timer";
}

TEST_F(DispatcherTest, ATimeFarAwayDoesNotFireTheTimer) {
  Given({{"name", "s"}});
  Submit({AddUnits("s", {{.name = "a", .not_before = kMaxTime}})});
  EXPECT_FALSE(loop_.RunTurn(false));
}

TEST_F(DispatcherTest, AWaiterIsAnsweredAtTheEndOfItsTime) {
  const auto waiter = Wait({.worker = "w"});
  clock_.Advance(1h - Duration(1));
  dispatcher_.Poll();
  EXPECT_THAT(UnitsOf(waiter), ElementsAre("not answered"));
  clock_.Advance(Duration(1));
  dispatcher_.Poll();
  EXPECT_THAT(UnitsOf(waiter), IsEmpty());
}

TEST_F(DispatcherTest, CountsOnlyWhereStatisticsAreKept) {
  for (const bool kept : {false, true}) {
    StoreOptions options;
    options.keeps_stats = kept;
    const auto store = OpenMemoryStore(clock_, options);
    Dispatcher dispatcher(loop_, clock_, *store, kept);
    std::unique_ptr<Batch> batch = dispatcher.NewBatch();
    for (const Command& command :
         {Command(SetWorkSpec{.definition = keeper_.Keep(Map{{"name", "s"}}), .replaces = {}}),
          AddUnits("s", {{.name = "a"}}), Command(keeper_.Keep(Ask{.worker = "w"}))}) {
      batch->submissions.push_back({command, "", this, ++last_token_});
    }
    dispatcher.Submit(std::move(batch));
    EXPECT_THAT(UnitsOf(last_token_), ElementsAre("s:a"));
    const DispatcherStats stats = dispatcher.stats();
    EXPECT_EQ(stats.batches, kept ? 1U : 0U);
    EXPECT_EQ(stats.commands, kept ? 3U : 0U);
    EXPECT_EQ(stats.batch_commands.count(), kept ? 1U : 0U);
    EXPECT_EQ(stats.store_micros.count(), kept ? 1U : 0U);
    EXPECT_EQ(store->stats()->attempts_started, kept ? 1U : 0U);
  }
}

}  // namespace coord::testing

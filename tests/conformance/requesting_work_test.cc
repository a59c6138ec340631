// SPDX-License-Identifier: MIT
// spec/domain.md, section 5: what one request gets.
#include <set>

#include "suite.h"

namespace coord::testing {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace {

// A row of units named by numbers of equal length, so that their order is that of the numbers.
std::vector<NewUnit> Numbered(int count) {
  std::vector<NewUnit> units;
  for (int i = 0; i < count; ++i) units.push_back({.name = std::to_string(10'000 + i)});
  return units;
}

const Value kTooManyRetries = Map{{"traceback", "too many retries"}};

}  // namespace

// C-WORK-01 C-WORK-15
TEST_P(RequestWorkTest, GetsAsManyAsAskedAndNoneMeansOne) {
  GivenSpec();
  client().Add("s", Numbered(10));
  EXPECT_THAT(client().RequestNames({.count = 0}), SizeIs(1));
  EXPECT_THAT(client().RequestNames({.count = 1}), SizeIs(1));
  EXPECT_THAT(client().RequestNames({.count = 3}), SizeIs(3));
  EXPECT_THAT(client().RequestNames({.count = 100}), SizeIs(5));
}

// C-WORK-02
TEST_P(RequestWorkTest, ALifetimeIsTheAttemptsAndFifteenMinutesWithoutOne) {
  GivenSpec();
  client().Add("s", Numbered(3));
  for (const auto& [lifetime, expected] :
       {std::pair(Duration(0s), Duration(15min)), std::pair(Duration(-1s), Duration(15min)),
        std::pair(Duration(1500us), Duration(1500us))}) {
    const OwnedWork work = client().Request({.lifetime = lifetime});
    ASSERT_THAT(work.units, SizeIs(1));
    EXPECT_EQ(When(work.units.front().start), When(now()));
    EXPECT_EQ(When(work.units.front().expiration), When(now() + expected));
    EXPECT_EQ(When(client()
                       .Attempt({"s", work.units.front().name, work.units.front().attempt})
                       .expiration),
              When(now() + expected));
  }
}

// C-WORK-03
TEST_P(RequestWorkTest, GetsTheSpecsNamedOnly) {
  for (const char* const name : {"s", "t", "u"}) {
    client().SetWorkSpec({{"name", name}});
    client().Add(name, {{.name = "a"}});
  }
  EXPECT_THAT(client().Request({.specs = {"none"}}).units, IsEmpty());
  EXPECT_EQ(client().Request({.specs = {"none", "t"}}).spec, "t");
  EXPECT_THAT(client().Request({.specs = {"t"}}).units, IsEmpty());
  EXPECT_NE(client().Request().spec, "");
  EXPECT_NE(client().Request().spec, "");
  EXPECT_THAT(client().Request().units, IsEmpty());
}

// C-WORK-04
TEST_P(RequestWorkTest, GetsTheRuntimesNamedOnly) {
  client().SetWorkSpec({{"name", "s"}, {"runtime", "go"}});
  client().SetWorkSpec({{"name", "t"}});
  client().Add("s", Numbered(2));
  client().Add("t", Numbered(1));
  EXPECT_THAT(client().Request({.runtimes = {"Go", "go "}}).units, IsEmpty());
  EXPECT_EQ(client().Request({.runtimes = {""}}).spec, "t");
  EXPECT_THAT(client().Request({.runtimes = {""}}).units, IsEmpty());
  EXPECT_EQ(client().Request({.runtimes = {"", "go"}}).spec, "s");
  EXPECT_EQ(client().Request().spec, "s");
}

// C-WORK-05
TEST_P(RequestWorkTest, GetsNoSpecThatNeedsMoreMemoryThanStated) {
  GivenSpec({{"min_gb", 2.5}});
  client().Add("s", Numbered(3));
  EXPECT_THAT(client().Request({.memory_gb = 2.4}).units, IsEmpty());
  EXPECT_THAT(client().Request({.memory_gb = 2.5}).units, SizeIs(1));
  EXPECT_THAT(client().Request({.memory_gb = 8}).units, SizeIs(1));
  EXPECT_THAT(client().Request({.memory_gb = 0}).units, SizeIs(1)) << "not stated";
}

// C-WORK-06
TEST_P(RequestWorkTest, EverythingReturnedIsOfOneSpec) {
  for (const char* const name : {"s", "t"}) {
    client().SetWorkSpec({{"name", name}});
    client().Add(name, {{.name = std::string(name) + "1"}, {.name = std::string(name) + "2"}});
  }
  const OwnedWork work = client().Request({.count = 10});
  ASSERT_THAT(work.units, SizeIs(2));
  EXPECT_EQ(work.units[0].name, work.spec + "1");
  EXPECT_EQ(work.units[1].name, work.spec + "2");
}

// C-WORK-07
TEST_P(RequestWorkTest, NoWorkIsAnEmptyAnswer) {
  EXPECT_THAT(client().Request().units, IsEmpty());
  GivenSpec();
  EXPECT_THAT(client().Request({.count = 5}).units, IsEmpty());
}

// C-WORK-08
TEST_P(RequestWorkTest, PausedSpecsGiveNone) {
  GivenUnit();
  client().SetMeta("s", {.paused = true});
  EXPECT_THAT(client().Request().units, IsEmpty());
  client().SetMeta("s", {.paused = false});
  EXPECT_THAT(client().Request().units, SizeIs(1));
}

// C-WORK-09
TEST_P(RequestWorkTest, NeverExceedsMaxRunning) {
  GivenSpec({{"max_running", 3}});
  client().Add("s", Numbered(10));
  EXPECT_THAT(client().RequestNames({.count = 2}), SizeIs(2));
  const OwnedWork last = client().Request({.count = 5});
  ASSERT_THAT(last.units, SizeIs(1));
  EXPECT_THAT(client().Request().units, IsEmpty());
  EXPECT_EQ(client().Finish({"s", last.units[0].name, last.units[0].attempt}), kOk);
  EXPECT_THAT(client().RequestNames({.count = 5}), SizeIs(1));
  EXPECT_THAT(client().Request().units, IsEmpty());
}

// C-WORK-09
TEST_P(RequestWorkTest, AnAttemptThatLapsedMakesRoomUnderMaxRunning) {
  GivenSpec({{"max_running", 1}});
  client().Add("s", Numbered(2));
  client().Take({.lifetime = 10s});
  Advance(10s - kInstant);
  EXPECT_THAT(client().Request().units, IsEmpty());
  Advance(kInstant);
  EXPECT_THAT(client().Request().units, SizeIs(1));
}

// C-WORK-15
TEST_P(RequestWorkTest, GetsAtMostMaxAttemptsReturned) {
  GivenSpec({{"max_getwork", 2}});
  client().Add("s", Numbered(5));
  EXPECT_THAT(client().RequestNames({.count = 10}), SizeIs(2));
  EXPECT_THAT(client().RequestNames({.count = 1}), SizeIs(1));
}

// C-WORK-16
TEST_P(RequestWorkTest, HighestPriorityFirstThenByteOrderOfTheName) {
  GivenSpec();
  client().Add("s", {{.name = "b"},
                     {.name = "a"},
                     {.name = "low", .priority = -1.5},
                     {.name = "high", .priority = 0.5},
                     {.name = "higher", .priority = 0.75},
                     {.name = "\xff", .priority = 0.5},
                     {.name = "", .priority = -1.5}});
  EXPECT_THAT(client().RequestNames({.count = 7}),
              ElementsAre("higher", "high", "\xff", "a", "b", "", "low"));
}

// C-WORK-24
TEST_P(RequestWorkTest, TwoRequestsNeverGetTheSameUnit) {
  GivenSpec();
  client().Add("s", Numbered(500));
  Keeper keeper;
  std::vector<Command> requests;
  for (int i = 0; i < 100; ++i) {
    requests.push_back(keeper.Keep(Ask{.worker = "w" + std::to_string(i % 7), .count = 7}));
  }
  std::set<std::string> names;
  std::set<AttemptId> ids;
  std::size_t total = 0;
  for (const OwnedOutcome& outcome : client().RunBatch(requests)) {
    for (const OwnedGrant& unit : std::get<OwnedWork>(outcome).units) {
      names.insert(unit.name);
      ids.insert(unit.attempt);
      ++total;
    }
  }
  EXPECT_EQ(total, 500U);
  EXPECT_EQ(names.size(), 500U);
  EXPECT_EQ(ids.size(), 500U);
}

// C-WORK-25
TEST_P(RequestWorkTest, DelayedUnitsAreNotGivenOutBeforeTheirTime) {
  GivenSpec();
  client().Add("s", {{.name = "a", .delay = 10s}, {.name = "b", .delay = 20s}});
  EXPECT_THAT(client().RequestNames({.count = 5}), IsEmpty());
  Advance(10s);
  EXPECT_THAT(client().RequestNames({.count = 5}), ElementsAre("a"));
  Advance(10s);
  EXPECT_THAT(client().RequestNames({.count = 5}), ElementsAre("b"));
}

// C-WORK-17
TEST_P(RequestWorkTest, AUnitOutOfTriesFailsAtOnceAndIsNotReturned) {
  GivenSpec({{"max_retries", 2}});
  client().Add("s", {{.name = "a"}});
  for (int i = 0; i < 2; ++i) EXPECT_EQ(client().Expire(client().Take()), kOk);
  EXPECT_THAT(client().Request({.worker = "x"}).units, IsEmpty());
  EXPECT_EQ(UnitA().status, kFailed);
  EXPECT_EQ(UnitA().data, kTooManyRetries);
  const OwnedAttempts attempts = client().UnitAttempts("s", "a");
  ASSERT_THAT(attempts, SizeIs(3));
  EXPECT_EQ(attempts.back().status, AttemptStatus::kFailed);
  EXPECT_EQ(attempts.back().data, kTooManyRetries);
  EXPECT_EQ(attempts.back().worker, "x");
  EXPECT_EQ(When(attempts.back().end), When(now()));
}

// C-WORK-17
TEST_P(RequestWorkTest, EveryAttemptCountsHoweverItEnded) {
  GivenSpec({{"max_retries", 3}});
  client().Add("s", {{.name = "a"}});
  EXPECT_EQ(client().RetryAttempt(client().Take(), 0s), kOk);
  client().Take({.lifetime = 10s});
  Advance(10s);
  EXPECT_EQ(client().Expire(client().Take()), kOk);
  EXPECT_THAT(client().Request().units, IsEmpty());
  EXPECT_EQ(UnitA().status, kFailed);
}

// C-WORK-17
TEST_P(RequestWorkTest, AddingOrClearingAUnitGivesItNewTries) {
  GivenSpec({{"max_retries", 1}});
  client().Add("s", {{.name = "a"}});
  EXPECT_EQ(client().Expire(client().Take()), kOk);
  EXPECT_THAT(client().Request().units, IsEmpty());
  EXPECT_EQ(client().Retry("s", {.statuses = kFailed}), 1U);
  EXPECT_EQ(client().Expire(client().Take()), kOk);
  EXPECT_THAT(client().Request().units, IsEmpty());
  client().Add("s", {{.name = "a"}});
  EXPECT_EQ(client().Expire(client().Take()), kOk);
  EXPECT_THAT(client().Request().units, IsEmpty());
}

// C-WORK-18
TEST_P(RequestWorkTest, WhereAllChosenAreOutOfTriesOthersAreChosen) {
  GivenSpec({{"max_retries", 1}});
  client().Add("s", {{.name = "a", .priority = 2.0},
                     {.name = "b", .priority = 2.0},
                     {.name = "c", .priority = 1.0}});
  for (const OwnedGrant& unit : client().Request({.count = 2}).units) {
    EXPECT_EQ(client().Expire({"s", unit.name, unit.attempt}), kOk);
  }
  EXPECT_THAT(client().RequestNames(), ElementsAre("c"));
  EXPECT_EQ(client().Counts("s"), (StatusCounts{0, 0, 1, 0, 2}));
}

// C-WORK-18
TEST_P(RequestWorkTest, WhereAllOfASpecAreOutOfTriesAnotherSpecGivesWork) {
  GivenSpec({{"max_retries", 1}, {"priority", 1}});
  client().SetWorkSpec({{"name", "t"}});
  client().Add("s", {{.name = "a"}});
  client().Add("t", {{.name = "b"}});
  EXPECT_EQ(client().Expire(client().Take()), kOk);
  const OwnedWork work = client().Request();
  EXPECT_EQ(work.spec, "t");
  EXPECT_THAT(work.units, SizeIs(1));
}

// C-WORK-18
TEST_P(RequestWorkTest, WhereSomeAreOutOfTriesTheRestIsReturned) {
  GivenSpec({{"max_retries", 1}});
  client().Add("s", {{.name = "a"}});
  EXPECT_EQ(client().Expire(client().Take()), kOk);
  client().Add("s", {{.name = "b"}, {.name = "c"}});
  EXPECT_THAT(client().RequestNames({.count = 2}), ElementsAre("b"));
  EXPECT_EQ(UnitA().status, kFailed);
  EXPECT_EQ(client().StatusOf("s", "c"), kAvailable);
}

// C-WORK-19
TEST_P(RequestWorkTest, ARequestFailsAtMostAThousandUnits) {
  GivenSpec({{"max_retries", 1}});
  client().Add("s", Numbered(1500));
  std::vector<AttemptChange> changes;
  const OwnedWork work = client().Request({.count = 1500});
  ASSERT_THAT(work.units, SizeIs(1500));
  for (const OwnedGrant& unit : work.units) {
    changes.push_back({.key = {"s", unit.name, unit.attempt},
                       .event = AttemptEvent::kExpire,
                       .data = {},
                       .duration = Duration(0)});
  }
  client().Run(ChangeAttempts{.changes = changes});
  EXPECT_THAT(client().Request().units, IsEmpty());
  EXPECT_EQ(client().Counts("s"), (StatusCounts{500, 0, 0, 0, 1000}));
  EXPECT_THAT(client().Request().units, IsEmpty());
  EXPECT_EQ(client().Counts("s"), (StatusCounts{0, 0, 0, 0, 1500}));
}

// C-WORK-26
TEST_P(RequestWorkTest, UpdatesTakeEffectBeforeWorkIsChosen) {
  GivenSpec({{"max_running", 1}});
  client().Add("s", {{.name = "a"}, {.name = "b"}});
  client().Take();
  const OwnedWork work = client().Request(
      {}, {{.spec = "s", .unit = "none", .status = AskedStatus::kFinished},
           {.spec = "s", .unit = "a", .status = AskedStatus::kFinished, .data = Map{{"k", 1}}}});
  ASSERT_THAT(work.updates, SizeIs(2));
  EXPECT_FALSE(work.updates[0].ok);
  EXPECT_TRUE(work.updates[1].ok);
  ASSERT_THAT(work.units, SizeIs(1));
  EXPECT_EQ(work.units[0].name, "b");
  EXPECT_EQ(UnitA().status, kFinished);
  EXPECT_EQ(UnitA().data, Value(Map{{"k", 1}}));
}

// C-WORK-26
TEST_P(RequestWorkTest, UpdatesTakeEffectWhereThereIsNoWork) {
  GivenPending();
  const OwnedWork work =
      client().Request({}, {{.spec = "s", .unit = "a", .status = AskedStatus::kFinished}});
  EXPECT_THAT(work.updates, SizeIs(1));
  EXPECT_THAT(work.units, IsEmpty());
  EXPECT_EQ(UnitA().status, kFinished);
}

// C-WRK-14
TEST_P(RequestWorkTest, AttemptsNeverSentCanBeReleased) {
  GivenSpec();
  client().Add("s", {{.name = "a"}, {.name = "b"}, {.name = "c"}});
  const Held a = client().Take();
  const Held b = client().Take();
  const Held c = client().Take({.worker = "other"});
  EXPECT_EQ(client().Finish(b), kOk);
  const AttemptId ids[] = {a.id, b.id, c.id, AttemptId{987'654'321}};
  EXPECT_EQ(client().ErrorOf(ReleaseAttempts{.worker = "w", .ids = ids}), kOk);
  EXPECT_EQ(client().Attempt(a).status, AttemptStatus::kExpired);
  EXPECT_EQ(client().Attempt(b).status, AttemptStatus::kFinished);
  EXPECT_EQ(client().Attempt(c).status, AttemptStatus::kPending) << "not that worker's";
  EXPECT_THAT(client().RequestNames(), ElementsAre("a"));
}

}  // namespace coord::testing

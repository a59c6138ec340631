// SPDX-License-Identifier: MIT
// spec/domain.md, section 7: what is dropped, and when.
#include "suite.h"

namespace coord::testing {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace {

std::string NameOf(int index) { return std::to_string(1000 + index); }

// Adds units `from` to `to` - 1 and ends each, one second after the other.
void Complete(ConformanceTest& test, int from, int to, AttemptEvent event = AttemptEvent::kFinish,
              const std::string& spec = "s") {
  for (int i = from; i < to; ++i) {
    test.client().Add(spec, {{.name = NameOf(i)}});
    EXPECT_EQ(test.client().Change(test.client().Take({.specs = {spec}}), event), kOk);
    test.Advance(1s);
  }
}

StoreOptions WithLimits(RetentionLimits limits) { return {.retention = limits, .seed = 0}; }

}  // namespace

// C-RET-01
TEST_P(RetentionTest, LeftAloneNothingIsDropped) {
  GivenSpec();
  Complete(*this, 0, 20);
  Advance(24h * 365);
  connection().Settle();
  EXPECT_EQ(client().ApplyRetention(), 0U);
  EXPECT_THAT(client().Names("s"), SizeIs(20));
}

// C-RET-02 C-RET-05
TEST_P(RetentionTest, TheNewestSoManyAreKeptFinishedAndFailedApart) {
  GivenSpec({{"limit_completed_count", 2}});
  Complete(*this, 0, 5);
  Complete(*this, 5, 8, AttemptEvent::kFail);
  client().Add("s", {{.name = "available"},
                     {.name = "pending", .priority = 1.0},
                     {.name = "delayed", .delay = 1h}});
  client().Take();
  client().ApplyRetention();
  EXPECT_THAT(client().Names("s"), ElementsAre(NameOf(3), NameOf(4), NameOf(6), NameOf(7),
                                               "available", "delayed", "pending"));
}

// C-RET-02
TEST_P(RetentionTest, NewestMeansEndedLast) {
  GivenSpec({{"limit_completed_count", 1}});
  client().Add("s", {{.name = "a"}, {.name = "b"}});
  const Held a = client().Take();
  const Held b = client().Take();
  EXPECT_EQ(client().Finish(b), kOk);
  Advance(kInstant);
  EXPECT_EQ(client().Finish(a), kOk);
  client().ApplyRetention();
  EXPECT_THAT(client().Names("s"), ElementsAre("a"));
}

// C-RET-02
TEST_P(RetentionTest, ANewPriorityDoesNotMakeAUnitNewer) {
  GivenSpec();
  Complete(*this, 0, 3);
  EXPECT_EQ(client().Prioritize("s", {.names = Strings{NameOf(0)}}, 5), 1U);
  GivenSpec({{"limit_completed_count", 2}});
  client().ApplyRetention();
  EXPECT_THAT(client().Names("s"), ElementsAre(NameOf(1), NameOf(2)));
}

// C-RET-03
TEST_P(RetentionTest, WhatEndedSoLongAgoIsRemoved) {
  GivenSpec({{"limit_completed_age", 60}});
  const WallTime start = now();
  Complete(*this, 0, 2);
  AdvanceTo(start + 59s);
  EXPECT_EQ(client().ApplyRetention(), 0U);
  AdvanceTo(start + 60s + kInstant);
  client().ApplyRetention();
  EXPECT_THAT(client().Names("s"), ElementsAre(NameOf(1)));
  AdvanceTo(start + 61s + kInstant);
  client().ApplyRetention();
  EXPECT_THAT(client().Names("s"), IsEmpty());
}

// C-RET-04
TEST_P(RetentionTest, TheDaemonsLimitsHoldWhereADefinitionSetsNone) {
  Open(WithLimits({.completed_count = 2, .completed_age = std::nullopt}));
  GivenSpec();
  Complete(*this, 0, 5);
  client().ApplyRetention();
  EXPECT_THAT(client().Names("s"), ElementsAre(NameOf(3), NameOf(4)));
}

// C-RET-04
TEST_P(RetentionTest, ADefinitionOverridesTheDaemonsLimits) {
  Open(WithLimits({.completed_count = 2, .completed_age = std::nullopt}));
  GivenSpec({{"limit_completed_count", 4}});
  Complete(*this, 0, 5);
  client().ApplyRetention();
  EXPECT_THAT(client().Names("s"), SizeIs(4));
  GivenSpec({{"limit_completed_count", 1}});
  client().ApplyRetention();
  EXPECT_THAT(client().Names("s"), ElementsAre(NameOf(4)));
}

// C-RET-04
TEST_P(RetentionTest, ADefinitionOverridesTheDaemonsAge) {
  Open(WithLimits({.completed_count = std::nullopt, .completed_age = 10s}));
  GivenSpec({{"limit_completed_age", 1000}});
  client().SetWorkSpec({{"name", "t"}});
  Complete(*this, 0, 2);
  Complete(*this, 0, 2, AttemptEvent::kFail, "t");
  Advance(60s);
  client().ApplyRetention();
  EXPECT_THAT(client().Names("s"), SizeIs(2));
  EXPECT_THAT(client().Names("t"), IsEmpty());
}

// C-RET-05 C-UNIT-20
TEST_P(RetentionTest, UnitsGoWithTheirAttempts) {
  GivenSpec();
  Complete(*this, 0, 3);
  EXPECT_THAT(client().WorkerAttemptsOf("w", WorkerAttempts::kAll), SizeIs(3));
  GivenSpec({{"limit_completed_count", 1}});
  client().ApplyRetention();
  EXPECT_THAT(client().WorkerAttemptsOf("w", WorkerAttempts::kAll), SizeIs(1));
  EXPECT_EQ(client().ErrorOf(ListUnitAttempts{.spec = "s", .unit = NameOf(0)}),
            Failure(ErrorCode::kNoSuchWorkUnit));
}

// C-RET-06
TEST_P(RetentionTest, UnitsGoInTheBackground) {
  GivenSpec({{"limit_completed_count", 3}});
  Complete(*this, 0, 10);
  connection().Settle();
  EXPECT_THAT(client().Names("s"), SizeIs(3));
  EXPECT_EQ(client().ApplyRetention(), 0U);
}

// C-RET-06 C-RET-03 C-TIME-05
TEST_P(RetentionTest, UnitsOfAgeGoInTheBackgroundWhenTheStoreIsDue) {
  GivenSpec({{"limit_completed_age", 60}});
  Complete(*this, 0, 2);
  connection().Settle();
  for (int wakes = 0; !client().Names("s").empty(); ++wakes) {
    ASSERT_LT(wakes, 10);
    connection().Settle();
    const WallTime due = store().NextDue();
    ASSERT_NE(When(due), When(kNoTime));
    AdvanceTo(std::max(due, now() + kInstant));
    connection().Settle();
  }
  EXPECT_LE(now(), kTestStart + 63s);
}

// C-RET-06
TEST_P(RetentionTest, AskingSaysHowManyWent) {
  if (!connection().harness().capabilities().begins_long_commands_in_order) {
    GTEST_SKIP() << "what was asked may come after what is done in the background";
  }
  GivenSpec();
  Complete(*this, 0, 10);
  GivenSpec({{"limit_completed_count", 4}});
  EXPECT_EQ(client().ApplyRetention(), 6U);
  EXPECT_EQ(client().ApplyRetention(), 0U);
}

// C-RET-06 C-UNIT-22
TEST_P(RetentionTest, ManyGoInSteps) {
  if (!connection().harness().capabilities().begins_long_commands_in_order) {
    GTEST_SKIP() << "what was asked may come after what is done in the background";
  }
  GivenSpec();
  std::vector<NewUnit> units;
  for (int i = 0; i < 15'000; ++i) units.push_back({.name = std::to_string(i)});
  client().Add("s", units);
  std::vector<AttemptChange> changes;
  const OwnedWork work = client().Request({.count = 15'000});
  for (const OwnedGrant& unit : work.units) {
    changes.push_back({.key = {"s", unit.name, unit.attempt},
                       .event = AttemptEvent::kFinish,
                       .data = {},
                       .duration = Duration(0)});
  }
  client().Run(ChangeAttempts{.changes = changes});
  GivenSpec({{"limit_completed_count", 10}});
  EXPECT_EQ(client().ApplyRetention(), 14'990U);
  EXPECT_THAT(client().Names("s"), SizeIs(10));
  EXPECT_EQ(client().Counts("s")[IndexOf(kFinished)], 15'000U);
}

// C-RET-07
TEST_P(RetentionTest, RemovedUnitsStayInAllCounts) {
  GivenSpec({{"limit_completed_count", 1}});
  Complete(*this, 0, 5);
  Complete(*this, 5, 8, AttemptEvent::kFail);
  client().ApplyRetention();
  EXPECT_EQ(client().Counts("s"), (StatusCounts{0, 0, 0, 5, 3}));
  EXPECT_THAT(client().Summary(),
              ElementsAre(OwnedRecord{"", "s", kFinished, 5}, OwnedRecord{"", "s", kFailed, 3}));
}

// C-RET-07
TEST_P(RetentionTest, AUnitAddedAgainAfterItWasRemovedIsANewOne) {
  GivenSpec({{"limit_completed_count", 0}});
  Complete(*this, 0, 1);
  client().ApplyRetention();
  client().Add("s", {{.name = NameOf(0)}});
  EXPECT_EQ(client().Counts("s"), (StatusCounts{1, 0, 0, 1, 0}));
  EXPECT_THAT(client().UnitAttempts("s", NameOf(0)), IsEmpty());
}

// C-RET-08
TEST_P(RetentionTest, DeletingEveryUnitZeroesTheRemovedAndCountsThem) {
  GivenSpec({{"limit_completed_count", 1}});
  Complete(*this, 0, 5);
  client().ApplyRetention();
  client().Add("s", {{.name = "a"}});
  EXPECT_EQ(client().Delete("s", {}), 6U);
  EXPECT_EQ(client().Counts("s"), (StatusCounts{0, 0, 0, 0, 0}));
  EXPECT_THAT(client().Summary(), IsEmpty());
}

// C-RET-08
TEST_P(RetentionTest, DeletingOneStatusZeroesItsRemovedOnly) {
  GivenSpec({{"limit_completed_count", 1}});
  Complete(*this, 0, 5);
  Complete(*this, 5, 8, AttemptEvent::kFail);
  client().ApplyRetention();
  EXPECT_EQ(client().Delete("s", {.statuses = kFailed}), 3U);
  EXPECT_EQ(client().Counts("s"), (StatusCounts{0, 0, 0, 5, 0}));
}

// C-RET-08
TEST_P(RetentionTest, DeletingByNamesLeavesTheRemoved) {
  GivenSpec({{"limit_completed_count", 1}});
  Complete(*this, 0, 5);
  client().ApplyRetention();
  EXPECT_EQ(client().Delete("s", {.names = Strings{NameOf(0), NameOf(4)}}), 1U);
  EXPECT_EQ(client().Counts("s"), (StatusCounts{0, 0, 0, 4, 0}));
}

// C-RET-08
TEST_P(RetentionTest, DeletingAPartLeavesTheRemoved) {
  GivenSpec({{"limit_completed_count", 3}});
  Complete(*this, 0, 5);
  client().ApplyRetention();
  EXPECT_EQ(client().Delete("s", {.statuses = kFinished, .limit = 1}), 1U);
  EXPECT_EQ(client().Delete("s", {.after = NameOf(3)}), 1U);
  EXPECT_EQ(client().Counts("s"), (StatusCounts{0, 0, 0, 3, 0}));
  EXPECT_EQ(client().Delete("s", {.statuses = StatusSet()}), 0U);
  EXPECT_EQ(client().Counts("s"), (StatusCounts{0, 0, 0, 3, 0}));
}

// C-RET-04 C-SPEC-16
TEST_P(RetentionTest, ALimitOfNullInADefinitionIsTheDaemons) {
  Open(WithLimits({.completed_count = 2, .completed_age = std::nullopt}));
  GivenSpec({{"limit_completed_count", Value()}, {"limit_completed_age", Value()}});
  Complete(*this, 0, 5);
  client().ApplyRetention();
  EXPECT_THAT(client().Names("s"), SizeIs(2));
}

// C-RET-09
TEST_P(RetentionTest, AskingMayNameSpecs) {
  if (!connection().harness().capabilities().begins_long_commands_in_order) {
    GTEST_SKIP() << "what was asked may come after what is done in the background";
  }
  GivenSpec();
  client().SetWorkSpec({{"name", "t"}});
  Complete(*this, 0, 5);
  Complete(*this, 0, 5, AttemptEvent::kFinish, "t");
  GivenSpec({{"limit_completed_count", 1}});
  client().SetWorkSpec({{"name", "t"}, {"limit_completed_count", 1}});
  EXPECT_EQ(client().ApplyRetention(Strings{"none", "t"}), 4U);
  EXPECT_THAT(client().Names("t"), SizeIs(1));
  EXPECT_EQ(client().ApplyRetention(Strings{}), 0U);
}

// C-RET-02
TEST_P(RetentionTest, ARetriedUnitIsNotCompletedAnyMore) {
  GivenSpec({{"limit_completed_count", 1}});
  client().Add("s", {{.name = "a"}});
  EXPECT_EQ(client().Fail(client().Take()), kOk);
  EXPECT_EQ(client().Retry("s", {}), 1U);
  Complete(*this, 0, 3, AttemptEvent::kExpire);
  connection().Settle();
  EXPECT_THAT(client().Names("s"), SizeIs(4));
}

}  // namespace coord::testing

// SPDX-License-Identifier: MIT
// spec/domain.md, section 3: the status of units, adding them, their priorities.
#include <limits>

#include "suite.h"

namespace coord::testing {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// C-UNIT-01
TEST_P(WorkUnitTest, TheActiveAttemptDecidesTheStatus) {
  const Held held = GivenPending();
  EXPECT_EQ(UnitA().status, kPending);
  ASSERT_TRUE(UnitA().active.has_value());
  EXPECT_EQ(UnitA().active->id, held.id);
  EXPECT_EQ(client().Fail(held), kOk);
  EXPECT_EQ(UnitA().status, kFailed);
  EXPECT_EQ(client().Finish(held), kOk);
  EXPECT_EQ(UnitA().status, kFinished);
  EXPECT_EQ(UnitA().active->id, held.id);
}

// C-UNIT-02 C-UNIT-06 C-TIME-03
TEST_P(WorkUnitTest, IsDelayedUntilTheInstantItsTimeHasPassed) {
  GivenSpec();
  const WallTime due = now() + 10s;
  client().Add("s", {{.name = "a", .not_before = due}});
  EXPECT_EQ(UnitA().status, kDelayed);
  AdvanceTo(due - kInstant);
  EXPECT_EQ(UnitA().status, kDelayed);
  EXPECT_THAT(client().Names("s", {.statuses = kDelayed}), ElementsAre("a"));
  EXPECT_EQ(client().Counts("s")[IndexOf(kDelayed)], 1U);
  EXPECT_THAT(client().RequestNames(), IsEmpty());
  AdvanceTo(due);
  EXPECT_EQ(UnitA().status, kAvailable);
  EXPECT_THAT(client().Names("s", {.statuses = kAvailable}), ElementsAre("a"));
  EXPECT_EQ(client().Counts("s")[IndexOf(kAvailable)], 1U);
  EXPECT_EQ(client().MetaWithCounts("s").available, 1U);
  EXPECT_THAT(client().RequestNames(), ElementsAre("a"));
}

// C-UNIT-02
TEST_P(WorkUnitTest, ATimeInThePastDelaysNothing) {
  GivenSpec();
  client().Add("s", {{.name = "a", .not_before = now()}, {.name = "b", .not_before = now() - 1s}});
  EXPECT_EQ(UnitA().status, kAvailable);
  EXPECT_THAT(client().RequestNames({.count = 5}), ElementsAre("a", "b"));
}

// C-UNIT-03
TEST_P(WorkUnitTest, IsAvailableOtherwise) {
  GivenUnit();
  EXPECT_EQ(UnitA().status, kAvailable);
  EXPECT_FALSE(UnitA().active.has_value());
}

// C-UNIT-04
TEST_P(WorkUnitTest, AnExpiredOrRetryableAttemptCountsAsNone) {
  Held held = GivenPending();
  EXPECT_EQ(client().Expire(held), kOk);
  EXPECT_EQ(UnitA().status, kAvailable);
  held = client().Take();
  EXPECT_EQ(client().RetryAttempt(held, 0s), kOk);
  EXPECT_EQ(UnitA().status, kAvailable);
  held = client().Take();
  EXPECT_EQ(client().RetryAttempt(held, 10s), kOk);
  EXPECT_EQ(UnitA().status, kDelayed);
  EXPECT_FALSE(UnitA().active.has_value());
}

// C-UNIT-07
TEST_P(WorkUnitTest, AddingANewOneCreatesItWithItsDataAndMeta) {
  GivenSpec();
  client().Add("s", {{.name = "a", .data = {{"k", 1}}},
                     {.name = "b", .priority = 2.5, .not_before = now() + 5s},
                     {.name = "c", .delay = 7s}});
  EXPECT_EQ(UnitA().data, Value(Map{{"k", 1}}));
  EXPECT_EQ(UnitA().priority, 0);
  EXPECT_EQ(When(UnitA().not_before), When(kNoTime));
  EXPECT_EQ(client().Unit("s", "b").data, Value(Map{}));
  EXPECT_EQ(client().Unit("s", "b").priority, 2.5);
  EXPECT_EQ(When(client().Unit("s", "b").not_before), When(now() + 5s));
  EXPECT_EQ(When(client().Unit("s", "c").not_before), When(now() + 7s));
}

// C-UNIT-08
TEST_P(WorkUnitTest, AddingAnExistingOneReplacesDataAndMeta) {
  GivenSpec();
  client().Add("s", {{.name = "a", .data = {{"k", 1}, {"l", 2}}, .priority = 5.0, .delay = 5s}});
  client().Add("s", {{.name = "a", .data = {{"m", 3}}}});
  EXPECT_EQ(UnitA().data, Value(Map{{"m", 3}}));
  EXPECT_EQ(UnitA().priority, 0);
  EXPECT_EQ(When(UnitA().not_before), When(kNoTime));
  EXPECT_EQ(UnitA().status, kAvailable);
  client().Add("s", {{.name = "a", .delay = 5s}});
  EXPECT_EQ(UnitA().status, kDelayed);
  EXPECT_THAT(client().Names("s"), ElementsAre("a"));
}

// C-UNIT-09
TEST_P(WorkUnitTest, AddingACompletedOneMakesItAvailableAgain) {
  for (const AttemptEvent event : {AttemptEvent::kFinish, AttemptEvent::kFail}) {
    const Held held = GivenPending({{"old", 1}});
    EXPECT_EQ(client().Change(held, event, 0s, Map{{"result", 1}}), kOk);
    client().Add("s", {{.name = "a", .data = {{"new", 2}}}});
    EXPECT_EQ(UnitA().status, kAvailable);
    EXPECT_FALSE(UnitA().active.has_value());
    EXPECT_EQ(UnitA().data, Value(Map{{"new", 2}}));
    client().Delete("s", {});
  }
}

// C-UNIT-09
TEST_P(WorkUnitTest, AddingACompletedOneWithADelayDelaysIt) {
  EXPECT_EQ(client().Finish(GivenPending()), kOk);
  client().Add("s", {{.name = "a", .delay = 5s}});
  EXPECT_EQ(UnitA().status, kDelayed);
  Advance(5s);
  EXPECT_THAT(client().RequestNames(), ElementsAre("a"));
}

// C-UNIT-10
TEST_P(WorkUnitTest, AddingAPendingOneLeavesTheRunningAttempt) {
  const Held held = GivenPending({{"old", 1}});
  client().Add("s", {{.name = "a", .data = {{"new", 2}}, .priority = 4.0}});
  EXPECT_EQ(UnitA().status, kPending);
  EXPECT_EQ(UnitA().active->id, held.id);
  EXPECT_EQ(UnitA().data, Value(Map{{"old", 1}}));
  EXPECT_EQ(client().Attempt(held).data, Value(Map{{"old", 1}}));
  EXPECT_EQ(UnitA().priority, 4);
  EXPECT_EQ(client().Finish(held), kOk);
  EXPECT_EQ(UnitA().data, Value(Map{{"old", 1}})) << "it was done with what was handed out";
  EXPECT_EQ(client().Retry("s", {}), 1U);
  const OwnedWork work = client().Request();
  ASSERT_EQ(work.units.size(), 1U);
  EXPECT_EQ(work.units.front().data, Value(Map{{"new", 2}}));
}

// C-UNIT-10
TEST_P(WorkUnitTest, AddingAPendingOneTwiceStillKeepsWhatWasHandedOut) {
  const Held held = GivenPending({{"old", 1}});
  client().Add("s", {{.name = "a", .data = {{"new", 2}}}});
  client().Add("s", {{.name = "a", .data = {{"newer", 3}}, .delay = 90s}});
  EXPECT_EQ(UnitA().status, kPending);
  EXPECT_EQ(client().Attempt(held).data, Value(Map{{"old", 1}}));
  EXPECT_EQ(client().Expire(held), kOk);
  EXPECT_EQ(UnitA().status, kDelayed);
  EXPECT_EQ(UnitA().data, Value(Map{{"newer", 3}}));
}

// C-UNIT-11
TEST_P(WorkUnitTest, TheLastOfANameWins) {
  GivenSpec();
  client().Add("s", {{.name = "a", .data = {{"n", 1}}, .priority = 9.0},
                     {.name = "b"},
                     {.name = "a", .data = {{"n", 2}}}});
  EXPECT_THAT(client().Names("s"), ElementsAre("a", "b"));
  EXPECT_EQ(UnitA().data, Value(Map{{"n", 2}}));
  EXPECT_EQ(UnitA().priority, 0);
}

// C-UNIT-08: the extension that leaves existing ones alone.
TEST_P(WorkUnitTest, AddingOnlyNewOnesLeavesTheOthers) {
  EXPECT_EQ(client().Finish(GivenPending({{"old", 1}})), kOk);
  client().AddNew("s", {{.name = "a", .data = {{"new", 2}}}, {.name = "b"}});
  EXPECT_EQ(UnitA().status, kFinished);
  EXPECT_EQ(UnitA().data, Value(Map{{"old", 1}}));
  EXPECT_EQ(client().StatusOf("s", "b"), kAvailable);
}

// C-UNIT-11
TEST_P(WorkUnitTest, TheLastOfANameWinsAlsoWhereOnlyNewOnesAreAdded) {
  GivenSpec();
  client().AddNew("s", {{.name = "a", .data = {{"n", 1}}, .priority = 9.0},
                        {.name = "b"},
                        {.name = "a", .data = {{"n", 2}}}});
  EXPECT_THAT(client().Names("s"), ElementsAre("a", "b"));
  EXPECT_EQ(UnitA().data, Value(Map{{"n", 2}}));
  EXPECT_EQ(UnitA().priority, 0);
}

// C-UNIT-27
TEST_P(WorkUnitTest, APriorityThatIsNotFiniteIsRefusedAndNothingChanges) {
  GivenUnit();
  Keeper keeper;
  const Failure bad(ErrorCode::kBadPriority);
  for (const double priority :
       {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
        std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_EQ(
        client().ErrorOf(AddWorkUnits{.spec = "s",
                                      .items = keeper.Keep(std::vector<NewUnit>{
                                          {.name = "b"}, {.name = "a", .priority = priority}})}),
        bad);
    EXPECT_EQ(client().ErrorOf(PrioritizeWorkUnits{.spec = "s", .query = {}, .priority = priority}),
              bad);
    EXPECT_EQ(client().ErrorOf(PrioritizeWorkUnits{
                  .spec = "s", .query = {}, .priority = priority, .adjust = true}),
              bad);
    EXPECT_EQ(client().ErrorOf(SetWorkUnitMeta{.spec = "s", .unit = "a", .priority = priority}),
              bad);
  }
  EXPECT_THAT(client().Names("s"), ElementsAre("a"));
  EXPECT_EQ(UnitA().priority, 0);
}

// C-UNIT-19
TEST_P(WorkUnitTest, PrioritiesAreSetForWhatAQuerySelects) {
  GivenSpec();
  client().Add("s", {{.name = "a", .priority = 1.0}, {.name = "b"}, {.name = "c"}, {.name = "d"}});
  EXPECT_EQ(client().Prioritize("s", {.names = Strings{"d", "b", "none"}}, 7), 2U);
  EXPECT_EQ(client().Unit("s", "b").priority, 7);
  EXPECT_EQ(client().Unit("s", "c").priority, 0);
  EXPECT_THAT(client().RequestNames({.count = 4}), ElementsAre("b", "d", "a", "c"));
}

// C-UNIT-19
TEST_P(WorkUnitTest, PrioritiesAreAdjustedByAnAmount) {
  GivenSpec();
  client().Add("s", {{.name = "a", .priority = 1.0}, {.name = "b", .priority = -1.0}});
  EXPECT_EQ(client().AdjustPriority("s", {}, 0.5), 2U);
  EXPECT_EQ(UnitA().priority, 1.5);
  EXPECT_EQ(client().Unit("s", "b").priority, -0.5);
  EXPECT_EQ(client().AdjustPriority("s", {.names = Strings{"b"}}, 3), 1U);
  EXPECT_THAT(client().RequestNames({.count = 2}), ElementsAre("b", "a"));
}

// C-UNIT-19
TEST_P(WorkUnitTest, APrioritySetWhileNotAvailableCountsWhenItIs) {
  GivenSpec();
  client().Add("s", {{.name = "a"}, {.name = "b"}, {.name = "c", .delay = 5s}});
  const Held held = client().Take();
  EXPECT_EQ(client().Prioritize("s", {.names = Strings{"c"}}, 2), 1U);
  EXPECT_EQ(client().Prioritize("s", {.statuses = kPending}, -1), 1U);
  EXPECT_EQ(client().Expire(held), kOk);
  Advance(5s);
  EXPECT_THAT(client().RequestNames({.count = 3}), ElementsAre("c", "b", "a"));
}

// C-UNIT-26
TEST_P(WorkUnitTest, MetaIsSetFieldByField) {
  GivenSpec();
  client().Add("s", {{.name = "a", .priority = 3.0}});
  SetWorkUnitMeta change;
  change.spec = "s";
  change.unit = "a";
  change.not_before = now() + 5s;
  EXPECT_EQ(client().ErrorOf(change), kOk);
  EXPECT_EQ(UnitA().status, kDelayed);
  EXPECT_EQ(UnitA().priority, 3);
  change.not_before.reset();
  change.priority = 4;
  EXPECT_EQ(client().ErrorOf(change), kOk);
  EXPECT_EQ(UnitA().priority, 4);
  EXPECT_EQ(UnitA().status, kDelayed);
  change.priority.reset();
  change.not_before = kNoTime;
  EXPECT_EQ(client().ErrorOf(change), kOk);
  EXPECT_EQ(UnitA().status, kAvailable);
  EXPECT_EQ(When(UnitA().not_before), When(kNoTime));
}

// C-UNIT-23
TEST_P(WorkUnitTest, OneThatDoesNotExistIsSaidSo) {
  GivenSpec();
  const Failure none(ErrorCode::kNoSuchWorkUnit);
  SetWorkUnitMeta change;
  change.spec = "s";
  change.unit = "no";
  EXPECT_EQ(client().ErrorOf(change), none);
  EXPECT_EQ(client().ErrorOf(MakeAttempt{.spec = "s", .unit = "no", .worker = "w"}), none);
  EXPECT_EQ(client().ErrorOf(ListUnitAttempts{.spec = "s", .unit = "no"}), none);
}

}  // namespace coord::testing

// SPDX-License-Identifier: MIT
// spec/domain.md, section 5, "Continuous": units that a spec makes up.
#include "suite.h"

namespace coord::testing {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace {

std::string SecondsOf(WallTime time) {
  return std::to_string(
      std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

}  // namespace

// C-WORK-20
TEST_P(ContinuousTest, AnIdleSpecMakesUpAUnit) {
  GivenSpec({{"continuous", true}});
  const OwnedWork work = client().Request();
  EXPECT_EQ(work.spec, "s");
  ASSERT_THAT(work.units, SizeIs(1));
  EXPECT_EQ(work.units[0].name, SecondsOf(now()));
  EXPECT_EQ(work.units[0].data, Value(Map{}));
  EXPECT_EQ(client().Unit("s", work.units[0].name).priority, 0);
  EXPECT_EQ(client().Unit("s", work.units[0].name).status, kPending);
}

// C-WORK-20
TEST_P(ContinuousTest, OneThatIsNotContinuousMakesUpNothing) {
  GivenSpec({{"continuous", true}});
  client().SetMeta("s", {.continuous = false});
  EXPECT_THAT(client().Request().units, IsEmpty());
  client().SetMeta("s", {.continuous = true});
  EXPECT_THAT(client().Request().units, SizeIs(1));
}

// C-WORK-20
TEST_P(ContinuousTest, NothingIsMadeUpWhileAUnitIsPending) {
  GivenSpec({{"continuous", true}});
  const Held held = client().Take();
  Advance(1s);
  EXPECT_THAT(client().Request().units, IsEmpty());
  EXPECT_EQ(client().Finish(held), kOk);
  EXPECT_THAT(client().RequestNames(), ElementsAre(SecondsOf(now())));
}

// C-WORK-20
TEST_P(ContinuousTest, AvailableUnitsGoFirst) {
  GivenSpec({{"continuous", true}});
  client().Add("s", {{.name = "a"}});
  const Held held = client().Take();
  EXPECT_EQ(held.unit, "a");
  EXPECT_EQ(client().Finish(held), kOk);
  EXPECT_EQ(client().Take().unit, SecondsOf(now()));
}

// C-WORK-21
TEST_P(ContinuousTest, ItsNameIsMadeUnique) {
  GivenSpec({{"continuous", true}});
  const Held first = client().Take();
  EXPECT_EQ(client().Finish(first), kOk);
  const Held second = client().Take();
  EXPECT_EQ(first.unit, SecondsOf(now()));
  EXPECT_NE(second.unit, first.unit);
  EXPECT_EQ(client().Finish(second), kOk);
  const Held third = client().Take();
  EXPECT_NE(third.unit, first.unit);
  EXPECT_NE(third.unit, second.unit);
  EXPECT_EQ(client().StatusOf("s", first.unit), kFinished);
  EXPECT_THAT(client().Names("s"), SizeIs(3));
}

// C-WORK-22 C-TIME-03
TEST_P(ContinuousTest, TheIntervalIsTheLeastTimeBetweenTwo) {
  GivenSpec({{"continuous", true}, {"interval", 2.5}});
  const WallTime start = now();
  EXPECT_EQ(client().Finish(client().Take()), kOk);
  EXPECT_EQ(When(client().Meta("s").meta.next_continuous), When(start + 2500ms));
  AdvanceTo(start + 2500ms - kInstant);
  EXPECT_THAT(client().Request().units, IsEmpty());
  AdvanceTo(start + 2500ms);
  EXPECT_THAT(client().Request().units, SizeIs(1));
}

// C-WORK-22
TEST_P(ContinuousTest, TheIntervalDoesNotHoldBackUnitsThatWereAdded) {
  GivenSpec({{"continuous", true}, {"interval", 60}});
  EXPECT_EQ(client().Finish(client().Take()), kOk);
  client().Add("s", {{.name = "a"}});
  EXPECT_EQ(client().Finish(client().Take()), kOk);
  client().Add("s", {{.name = "a"}});
  EXPECT_THAT(client().RequestNames(), ElementsAre("a"));
}

// C-WORK-22
TEST_P(ContinuousTest, TheNextTimeCanBeSet) {
  GivenSpec({{"continuous", true}});
  client().SetMeta("s", {.next_continuous = now() + 5s});
  EXPECT_THAT(client().Request().units, IsEmpty());
  Advance(5s);
  EXPECT_THAT(client().Request().units, SizeIs(1));
}

// C-WORK-23
TEST_P(ContinuousTest, ARequestForManyGetsOne) {
  GivenSpec({{"continuous", true}});
  EXPECT_THAT(client().Request({.count = 10}).units, SizeIs(1));
  EXPECT_THAT(client().Names("s"), SizeIs(1));
}

// C-WORK-23
TEST_P(ContinuousTest, DelayedUnitsDoNotMatter) {
  GivenSpec({{"continuous", true}});
  client().Add("s", {{.name = "a", .delay = 1h}});
  EXPECT_THAT(client().RequestNames(), ElementsAre(SecondsOf(now())));
}

// C-WORK-08 C-WORK-20
TEST_P(ContinuousTest, PausedMakesUpNothing) {
  GivenSpec({{"continuous", true}, {"disabled", true}});
  EXPECT_THAT(client().Request().units, IsEmpty());
  EXPECT_THAT(client().Names("s"), IsEmpty());
}

// C-WORK-20
TEST_P(ContinuousTest, AMadeUpUnitThatIsGivenBackIsAvailableLikeAnyOther) {
  GivenSpec({{"continuous", true}, {"interval", 60}});
  const Held held = client().Take();
  EXPECT_EQ(client().Expire(held), kOk);
  Advance(1s);
  EXPECT_THAT(client().RequestNames({.count = 5}), ElementsAre(held.unit));
}

}  // namespace coord::testing

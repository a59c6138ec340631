// SPDX-License-Identifier: MIT
// spec/domain.md, section 5, "Which spec".
#include <map>

#include "suite.h"

namespace coord::testing {

using ::testing::IsEmpty;

namespace {

void AddMany(Client& client, const std::string& spec, int count) {
  std::vector<NewUnit> units;
  for (int i = 0; i < count; ++i) units.push_back({.name = std::to_string(i)});
  client.Add(spec, units);
}

// The specs of so many requests for one unit each, none of which ends.
Strings Draw(Client& client, int count) {
  Strings specs;
  for (int i = 0; i < count; ++i) specs.push_back(client.Request().spec);
  return specs;
}

std::map<std::string, int> Tally(const Strings& specs) {
  std::map<std::string, int> tally;
  for (const std::string& spec : specs) ++tally[spec];
  return tally;
}

}  // namespace

// C-WORK-10
TEST_P(SchedulingTest, OnlyTheHighestPriorityCompetes) {
  client().SetWorkSpec({{"name", "s"}, {"priority", 1}, {"weight", 1}});
  client().SetWorkSpec({{"name", "t"}, {"weight", 1'000'000}});
  client().SetWorkSpec({{"name", "u"}, {"priority", -1}});
  for (const char* const name : {"s", "t", "u"}) AddMany(client(), name, 3);
  EXPECT_EQ(Draw(client(), 9), (Strings{"s", "s", "s", "t", "t", "t", "u", "u", "u"}));
}

// C-WORK-10
TEST_P(SchedulingTest, AHigherPriorityThatCannotGiveDoesNotCompete) {
  client().SetWorkSpec({{"name", "paused"}, {"priority", 9}, {"disabled", true}});
  client().SetWorkSpec({{"name", "full"}, {"priority", 8}, {"max_running", 1}});
  client().SetWorkSpec({{"name", "empty"}, {"priority", 7}});
  client().SetWorkSpec({{"name", "big"}, {"priority", 6}, {"min_gb", 16}});
  client().SetWorkSpec({{"name", "low"}});
  for (const char* const name : {"paused", "full", "big", "low"}) AddMany(client(), name, 2);
  EXPECT_EQ(client().Request({.memory_gb = 4}).spec, "full");
  EXPECT_EQ(client().Request({.memory_gb = 4}).spec, "low");
}

// C-WORK-11: with a seed, so that it cannot fail now and then.
TEST_P(SchedulingTest, PendingCountsApproachTheRatioOfTheWeights) {
  client().SetWorkSpec({{"name", "s"}, {"weight", 10}});
  client().SetWorkSpec({{"name", "t"}, {"weight", 30}});
  client().SetWorkSpec({{"name", "u"}, {"weight", 60}});
  for (const char* const name : {"s", "t", "u"}) AddMany(client(), name, 1000);
  Draw(client(), 1000);
  EXPECT_NEAR(static_cast<double>(client().MetaWithCounts("s").pending), 100, 10);
  EXPECT_NEAR(static_cast<double>(client().MetaWithCounts("t").pending), 300, 20);
  EXPECT_NEAR(static_cast<double>(client().MetaWithCounts("u").pending), 600, 20);
}

// C-WORK-11: nothing pending but one of "s" over and over, so that chance alone decides.
TEST_P(SchedulingTest, ChanceFollowsTheScores) {
  client().SetWorkSpec({{"name", "s"}, {"weight", 25}});
  client().SetWorkSpec({{"name", "t"}, {"weight", 75}});
  AddMany(client(), "s", 1);
  AddMany(client(), "t", 1);
  Strings specs;
  for (int i = 0; i < 1000; ++i) {
    const Held held = client().Take();
    specs.push_back(held.spec);
    EXPECT_EQ(client().Expire(held), kOk);
  }
  std::map<std::string, int> tally = Tally(specs);
  EXPECT_NEAR(tally["s"], 250, 60);
  EXPECT_NEAR(tally["t"], 750, 60);
}

// C-WORK-11
TEST_P(SchedulingTest, NoSpecWithWorkStarves) {
  client().SetWorkSpec({{"name", "s"}, {"weight", 1}});
  client().SetWorkSpec({{"name", "t"}, {"weight", 1000}});
  AddMany(client(), "s", 1);
  AddMany(client(), "t", 5000);
  EXPECT_EQ(Tally(Draw(client(), 5000))["s"], 1);
}

// C-WORK-12
TEST_P(SchedulingTest, ASpecWithMoreThanItsShareGetsNothing) {
  client().SetWorkSpec({{"name", "s"}});
  client().SetWorkSpec({{"name", "t"}});
  AddMany(client(), "s", 20);
  client().Request({.count = 10});
  AddMany(client(), "t", 20);
  // s has 10 pending, t has k: the score of s, 20 (k + 11) - 400, is positive from k = 10 on.
  EXPECT_EQ(Tally(Draw(client(), 10)), (std::map<std::string, int>{{"t", 10}}));
}

// C-WORK-12: the score's formula at its edge, 20 * (P + 1) - 40 * 1 = 0 with P = 1.
TEST_P(SchedulingTest, AScoreOfNothingIsDropped) {
  client().SetWorkSpec({{"name", "s"}});
  client().SetWorkSpec({{"name", "t"}});
  for (int round = 0; round < 20; ++round) {
    AddMany(client(), "s", 2);
    client().Request();
    AddMany(client(), "t", 1);
    EXPECT_EQ(client().Request().spec, "t");
    client().Delete("s", {});
    client().Delete("t", {});
  }
}

// C-WORK-12: those that cannot give work count for nothing.
TEST_P(SchedulingTest, OthersPendingUnitsDoNotMatter) {
  client().SetWorkSpec({{"name", "s"}});
  client().SetWorkSpec({{"name", "busy"}, {"weight", 500}});
  AddMany(client(), "busy", 50);
  client().Request({.count = 50});
  AddMany(client(), "s", 60);
  EXPECT_EQ(Tally(Draw(client(), 60)), (std::map<std::string, int>{{"s", 60}}));
}

// C-WORK-13
TEST_P(SchedulingTest, TheSameSeedGivesTheSameChoices) {
  const auto run = [this](std::uint64_t seed) {
    Open({.retention = {}, .seed = seed});
    for (const char* const name : {"s", "t", "u"}) {
      client().SetWorkSpec({{"name", name}});
      AddMany(client(), name, 100);
    }
    return Draw(client(), 100);
  };
  const Strings first = run(1);
  EXPECT_EQ(run(1), first);
  EXPECT_NE(run(2), first);
}

// C-WORK-14
TEST_P(SchedulingTest, ThenAndUnitPrioritiesHaveNoInfluence) {
  const auto run = [this](bool with) {
    Open({.retention = {}, .seed = 7});
    client().SetWorkSpec(with ? Map{{"name", "s"}, {"then", "t"}, {"then_preempts", true}}
                              : Map{{"name", "s"}});
    client().SetWorkSpec({{"name", "t"}});
    AddMany(client(), "s", 50);
    AddMany(client(), "t", 50);
    // In both runs, because each command may cost a restart, which changes the choices.
    client().Prioritize("t", {}, with ? 1000 : 0);
    return Draw(client(), 60);
  };
  EXPECT_EQ(run(true), run(false));
}

// C-SPEC-25 C-WORK-08
TEST_P(SchedulingTest, ASpecWithoutWeightGivesNoneAndCountsForNothing) {
  client().SetWorkSpec({{"name", "s"}, {"priority", 5}});
  client().SetWorkSpec({{"name", "t"}});
  AddMany(client(), "s", 5);
  AddMany(client(), "t", 5);
  client().SetMeta("s", {.weight = 0});
  EXPECT_EQ(Tally(Draw(client(), 5)), (std::map<std::string, int>{{"t", 5}}));
  EXPECT_THAT(client().Request().units, IsEmpty());
}

}  // namespace coord::testing

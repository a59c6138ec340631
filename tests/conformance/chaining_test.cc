// SPDX-License-Identifier: MIT
// spec/domain.md, section 6: finished attempts make units of the next spec.
#include <limits>

#include "suite.h"

namespace coord::testing {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace {

// Makes "s", whose next spec is "t", with a unit "a" of this priority, and takes it.
Held TakeA(ConformanceTest& test, double priority = 0) {
  Client& client = test.client();
  client.SetWorkSpec({{"name", "s"}, {"then", "t"}});
  client.SetWorkSpec({{"name", "t"}});
  client.Add("s", {{.name = "a", .priority = priority}});
  return client.Take({.specs = {"s"}});
}

// Finishes "a" with this output and returns the names that "t" has then.
Strings Output(ConformanceTest& test, const Value& output, double priority = 0) {
  EXPECT_EQ(test.client().Finish(TakeA(test, priority), Map{{"output", output}}), kOk);
  return test.client().Names("t");
}

}  // namespace

// C-CHAIN-01 C-CHAIN-03
TEST_P(ChainingTest, AMapGivesAUnitForEachName) {
  EXPECT_THAT(Output(*this, Map{{"b", Map{{"k", 1}}}, {Bytes{"\xff"}, Value()}}),
              ElementsAre("b", "\xff"));
  EXPECT_EQ(client().Unit("t", "b").data, Value(Map{{"k", 1}}));
  EXPECT_EQ(client().Unit("t", "\xff").data, Value(Map{}));
  EXPECT_EQ(client().StatusOf("t", "b"), kAvailable);
  EXPECT_EQ(client().StatusOf("s", "a"), kFinished);
}

// C-CHAIN-02
TEST_P(ChainingTest, TheFinalDataIsTheAttempts) {
  const Held held = TakeA(*this);
  EXPECT_EQ(client().Renew(held, 60s, Map{{"output", List{"b"}}}), kOk);
  EXPECT_THAT(client().Names("t"), IsEmpty());
  EXPECT_EQ(client().Finish(held), kOk);
  EXPECT_THAT(client().Names("t"), ElementsAre("b"));
}

// C-CHAIN-02
TEST_P(ChainingTest, TheFinalDataIsTheUnitsWhereTheAttemptHasNone) {
  TakeA(*this);
  client().Add("s", {{.name = "x", .data = {{"output", List{"b"}}}}});
  EXPECT_EQ(client().Finish(client().Take({.specs = {"s"}})), kOk);
  EXPECT_THAT(client().Names("t"), ElementsAre("b"));
  client().Add("s", {{.name = "y", .data = {{"output", List{"c"}}}}});
  EXPECT_EQ(client().Finish(client().Take({.specs = {"s"}}), Map{{"done", true}}), kOk);
  EXPECT_THAT(client().Names("t"), ElementsAre("b")) << "the attempt had data of its own";
}

// C-CHAIN-04
TEST_P(ChainingTest, AListGivesAUnitForEachString) {
  EXPECT_THAT(Output(*this, List{"b", Bytes{"c"}, ""}), ElementsAre("", "b", "c"));
  EXPECT_EQ(client().Unit("t", "b").data, Value(Map{}));
}

// C-CHAIN-04
TEST_P(ChainingTest, ATupleIsAsGoodAsAList) {
  EXPECT_THAT(Output(*this, Tuple{{"b", Tuple{{"c", Map{{"k", 1}}}}}}), ElementsAre("b", "c"));
  EXPECT_EQ(client().Unit("t", "c").data, Value(Map{{"k", 1}}));
}

// C-CHAIN-05
TEST_P(ChainingTest, PartsAreNameDataMetaAndPriority) {
  EXPECT_THAT(
      Output(*this,
             List{List{"b", Map{{"k", 1}}}, Tuple{{Bytes{"c"}, Value(), Map{{"priority", 2}}}},
                  List{"d", Map{}, Value(), 3.5}, List{"e", Value(), Value(), Value()}},
             1),
      ElementsAre("b", "c", "d", "e"));
  EXPECT_EQ(client().Unit("t", "b").data, Value(Map{{"k", 1}}));
  EXPECT_EQ(client().Unit("t", "b").priority, 1);
  EXPECT_EQ(client().Unit("t", "c").priority, 2);
  EXPECT_EQ(client().Unit("t", "d").priority, 3.5);
  EXPECT_EQ(client().Unit("t", "e").priority, 1);
}

// C-CHAIN-06
TEST_P(ChainingTest, DelayAndPriorityOfTheMetaCount) {
  Output(*this,
         List{List{"b", Value(), Map{{"delay", 10}, {"priority", 5}}, 7},
              List{"c", Value(), Map{{"delay", 0.5}, {"other", 1}}},
              List{"d", Value(), Map{{"delay", 0}}}, List{"e", Value(), Map{{"delay", -5}}}});
  EXPECT_EQ(client().Unit("t", "b").priority, 7) << "the fourth part wins";
  EXPECT_EQ(client().StatusOf("t", "b"), kDelayed);
  EXPECT_EQ(When(client().Unit("t", "b").not_before), When(now() + 10s));
  EXPECT_EQ(When(client().Unit("t", "c").not_before), When(now() + 500ms));
  EXPECT_EQ(client().StatusOf("t", "d"), kAvailable);
  EXPECT_EQ(client().StatusOf("t", "e"), kAvailable);
}

// C-CHAIN-07
TEST_P(ChainingTest, AUnitInheritsThePriorityOfTheOneThatMadeIt) {
  Output(*this, List{"b", List{"c", Map{}, Map{}}, List{"d", Map{}, Map{}, 0}}, -2.5);
  EXPECT_EQ(client().Unit("t", "b").priority, -2.5);
  EXPECT_EQ(client().Unit("t", "c").priority, -2.5);
  EXPECT_EQ(client().Unit("t", "d").priority, 0) << "0 is a priority of its own";
}

// C-CHAIN-07
TEST_P(ChainingTest, UnitsOfAMapInheritThePriorityToo) {
  Output(*this, Map{{"b", Map{}}}, 4);
  EXPECT_EQ(client().Unit("t", "b").priority, 4);
}

// C-CHAIN-08
TEST_P(ChainingTest, WhatDoesNotParseIsSkipped) {
  EXPECT_THAT(
      Output(*this,
             List{1, Value(), Map{}, List{}, List{"one part"}, List{17, Map{}}, List{"bad data", 5},
                  List{"bad meta", Map{}, 5}, List{"bad priority", Map{}, Value(), "high"},
                  List{"bad meta priority", Map{}, Map{{"priority", List{}}}},
                  List{"infinite", Map{}, Map{}, std::numeric_limits<double>::infinity()},
                  List{"five", Map{}, Map{}, 1, 2}, "good"}),
      ElementsAre("good"));
}

// C-CHAIN-08
TEST_P(ChainingTest, BadEntriesOfAMapAreSkipped) {
  EXPECT_THAT(Output(*this, Map{{1, Map{}}, {"bad", 5}, {"good", Map{}}, {"bad too", List{}}}),
              ElementsAre("good"));
}

// C-CHAIN-08
TEST_P(ChainingTest, AnOutputThatIsNeitherMapNorListAddsNothing) {
  for (const Value& output : {Value(), Value("b"), Value(5), Value(Bytes{"b"})}) {
    EXPECT_THAT(Output(*this, output), IsEmpty());
    EXPECT_EQ(client().StatusOf("s", "a"), kFinished);
  }
}

// C-CHAIN-09
TEST_P(ChainingTest, ALaterUnitOfTheSameNameWins) {
  EXPECT_THAT(Output(*this, List{List{"b", Map{{"n", 1}}, Value(), 9}, "c",
                                 List{Bytes{"b"}, Map{{"n", 2}}}}),
              ElementsAre("b", "c"));
  EXPECT_EQ(client().Unit("t", "b").data, Value(Map{{"n", 2}}));
  EXPECT_EQ(client().Unit("t", "b").priority, 0);
}

// C-CHAIN-10
TEST_P(ChainingTest, AUnitMayAddItselfAgain) {
  GivenSpec({{"then", "s"}});
  client().Add("s", {{.name = "a", .data = {{"round", 1}}}});
  const Held first = client().Take();
  EXPECT_EQ(client().Finish(first, Map{{"output", Map{{"a", Map{{"round", 2}}}}}}), kOk);
  EXPECT_EQ(UnitA().status, kAvailable);
  EXPECT_EQ(UnitA().data, Value(Map{{"round", 2}}));
  EXPECT_EQ(client().Attempt(first).status, AttemptStatus::kFinished);
  const Held second = client().Take();
  EXPECT_EQ(second.unit, "a");
  EXPECT_EQ(client().Finish(second, Map{{"output", List{List{"a", Map{}, Map{{"delay", 60}}}}}}),
            kOk);
  EXPECT_EQ(UnitA().status, kDelayed);
}

// C-CHAIN-11
TEST_P(ChainingTest, WithoutANextSpecNothingIsAdded) {
  const Held held = TakeA(*this);
  client().DeleteWorkSpec("t");
  EXPECT_EQ(client().Finish(held, Map{{"output", List{"b"}}}), kOk);
  EXPECT_EQ(client().StatusOf("s", "a"), kFinished);
  EXPECT_THAT(client().ListWorkSpecs().names, ElementsAre("s"));
  GivenSpec();
  client().Add("s", {{.name = "x"}});
  EXPECT_EQ(client().Finish(client().Take(), Map{{"output", List{"b"}}}), kOk);
  EXPECT_THAT(client().Names("s"), ElementsAre("a", "x"));
}

// C-CHAIN-12
TEST_P(ChainingTest, ExistingUnitsAreReplacedByTheRulesOfAdding) {
  const Held held = TakeA(*this);
  client().Add("t",
               {{.name = "done", .data = {{"old", 1}}}, {.name = "running", .data = {{"old", 1}}}});
  EXPECT_EQ(client().Finish(client().Take({.specs = {"t"}})), kOk);
  client().Take({.specs = {"t"}});
  EXPECT_EQ(client().Finish(held, Map{{"output", List{"done", "running"}}}), kOk);
  EXPECT_EQ(client().StatusOf("t", "done"), kAvailable);
  EXPECT_EQ(client().Unit("t", "done").data, Value(Map{}));
  EXPECT_EQ(client().StatusOf("t", "running"), kPending);
  EXPECT_EQ(client().Unit("t", "running").data, Value(Map{{"old", 1}}));
}

// C-CHAIN-13
TEST_P(ChainingTest, OnlyFinishingAddsUnits) {
  for (const AttemptEvent event :
       {AttemptEvent::kFail, AttemptEvent::kExpire, AttemptEvent::kRetry, AttemptEvent::kRenew}) {
    const Held held = TakeA(*this);
    EXPECT_EQ(client().Change(held, event, 60s, Map{{"output", List{"b"}}}), kOk);
    EXPECT_THAT(client().Names("t"), IsEmpty()) << ToText(event);
    client().Delete("s", {});
  }
}

// C-CHAIN-14 C-CHAIN-01
TEST_P(ChainingTest, FinishingAFailedActiveAttemptChains) {
  const Held held = TakeA(*this);
  EXPECT_EQ(client().Fail(held, Map{{"output", List{"b"}}}), kOk);
  EXPECT_EQ(client().Finish(held), kOk);
  EXPECT_THAT(client().Names("t"), ElementsAre("b"));
}

// C-CHAIN-14 C-ATT-19
TEST_P(ChainingTest, FinishingAFailedAttemptThatWasClearedDoesNotChain) {
  const Held held = TakeA(*this);
  EXPECT_EQ(client().Fail(held), kOk);
  client().ClearActive("s", "a");
  EXPECT_EQ(client().Finish(held, Map{{"output", List{"b"}}}), kOk);
  EXPECT_EQ(client().Attempt(held).status, AttemptStatus::kFinished);
  EXPECT_THAT(client().Names("t"), IsEmpty());
}

// C-CHAIN-01
TEST_P(ChainingTest, ALapsedAttemptThatFinishesChains) {
  const Held held = TakeA(*this);
  Advance(1h);
  EXPECT_EQ(client().Finish(held, Map{{"output", List{"b"}}}), kOk);
  EXPECT_THAT(client().Names("t"), ElementsAre("b"));
}

// C-CHAIN-15
TEST_P(ChainingTest, TheNextCommandOfTheBatchSeesBothFinishAndUnits) {
  const Held held = TakeA(*this);
  Keeper keeper;
  const AttemptChange change{.key = held.key(),
                             .event = AttemptEvent::kFinish,
                             .data = keeper.Keep(Map{{"output", List{"b", "c"}}}),
                             .duration = Duration(0)};
  const auto outcomes =
      client().RunBatch({CountWorkUnits{"t"}, ChangeAttempts{.changes = {&change, 1}},
                         CountWorkUnits{"s"}, CountWorkUnits{"t"}});
  EXPECT_EQ(std::get<StatusCountsReply>(outcomes[0]).counts, (StatusCounts{0, 0, 0, 0, 0}));
  EXPECT_EQ(std::get<StatusCountsReply>(outcomes[2]).counts, (StatusCounts{0, 0, 0, 1, 0}));
  EXPECT_EQ(std::get<StatusCountsReply>(outcomes[3]).counts, (StatusCounts{2, 0, 0, 0, 0}));
}

// C-CHAIN-01
TEST_P(ChainingTest, UpdateWorkUnitChainsToo) {
  TakeA(*this);
  EXPECT_TRUE(client()
                  .Apply({.spec = "s",
                          .unit = "a",
                          .status = AskedStatus::kFinished,
                          .data = Map{{"output", List{"b"}}}})
                  .ok);
  EXPECT_THAT(client().Names("t"), ElementsAre("b"));
}

}  // namespace coord::testing

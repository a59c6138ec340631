// SPDX-License-Identifier: MIT
// spec/domain.md, section 3: deleting, and what is gone then.
#include "suite.h"

namespace coord::testing {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// C-UNIT-20
TEST_P(DeleteTest, RemovesWhatTheQuerySelectsAndSaysHowMany) {
  GivenSpec();
  client().Add("s", {{.name = "a"}, {.name = "b"}, {.name = "c"}, {.name = "d"}});
  client().Take();
  EXPECT_EQ(client().Delete("s", {.names = Strings{"a", "b", "none"}}), 2U);
  EXPECT_THAT(client().Names("s"), ElementsAre("c", "d"));
  client().Take();
  EXPECT_EQ(client().Delete("s", {.statuses = kAvailable}), 1U);
  EXPECT_THAT(client().Names("s"), ElementsAre("c"));
  EXPECT_EQ(client().Delete("s", {}), 1U);
  EXPECT_THAT(client().Names("s"), IsEmpty());
  EXPECT_EQ(client().Counts("s"), (StatusCounts{0, 0, 0, 0, 0}));
}

// C-UNIT-20
TEST_P(DeleteTest, RemovesTheAttemptsAlsoFromTheWorkersLists) {
  const Held first = GivenPending();
  EXPECT_EQ(client().Expire(first), kOk);
  const Held second = client().Take({.worker = "w"});
  EXPECT_THAT(client().WorkerAttemptsOf("w", WorkerAttempts::kAll), SizeIs(2));
  EXPECT_EQ(client().Delete("s", {.names = Strings{"a"}}), 1U);
  EXPECT_THAT(client().WorkerAttemptsOf("w"), IsEmpty());
  EXPECT_THAT(client().WorkerAttemptsOf("w", WorkerAttempts::kAll), IsEmpty());
  EXPECT_EQ(client().Finish(second), Failure(ErrorCode::kNoSuchWorkUnit));
  EXPECT_EQ(client().ErrorOf(GetAttempt{.key = first.key()}), Failure(ErrorCode::kNoSuchWorkUnit));
}

// C-SPEC-27 C-UNIT-20 C-UNIT-23
TEST_P(DeleteTest, ASpecTakesItsUnitsAndTheirAttemptsAlong) {
  const Held held = GivenPending();
  client().DeleteWorkSpec("s");
  EXPECT_THAT(client().ListWorkSpecs().names, IsEmpty());
  EXPECT_EQ(client().ErrorOf(CountWorkUnits{"s"}), Failure(ErrorCode::kNoSuchWorkSpec));
  EXPECT_EQ(client().Finish(held), Failure(ErrorCode::kNoSuchWorkSpec));
  EXPECT_THAT(client().WorkerAttemptsOf("w"), IsEmpty());
  EXPECT_THAT(client().WorkerAttemptsOf("w", WorkerAttempts::kAll), IsEmpty());
  EXPECT_THAT(client().Request().units, IsEmpty());
  GivenSpec();
  EXPECT_THAT(client().Names("s"), IsEmpty());
  EXPECT_EQ(client().Counts("s"), (StatusCounts{0, 0, 0, 0, 0}));
}

// C-SPEC-27
TEST_P(DeleteTest, AllSpecsCanBeDeletedAtOnce) {
  GivenPending();
  client().SetWorkSpec({{"name", "t"}});
  Client other = client().In("other");
  other.SetWorkSpec({{"name", "s"}});
  const OwnedOutcome outcome = client().Run(ClearWorkSpecs{});
  EXPECT_EQ(std::get<CountReply>(outcome).count, 2U);
  EXPECT_THAT(client().ListWorkSpecs().names, IsEmpty());
  EXPECT_THAT(client().WorkerAttemptsOf("w"), IsEmpty());
  EXPECT_THAT(other.ListWorkSpecs().names, ElementsAre("s"));
}

// C-UNIT-24
TEST_P(DeleteTest, AnOldAttemptDoesNotActOnANamesakeOfItsUnit) {
  const Held old = GivenPending({{"old", 1}});
  client().Delete("s", {.names = Strings{"a"}});
  client().Add("s", {{.name = "a", .data = {{"new", 1}}}});
  const Failure gone(ErrorCode::kGone);
  EXPECT_EQ(client().Renew(old, 60s, Map{{"x", 1}}), gone);
  EXPECT_EQ(client().Expire(old), gone);
  EXPECT_EQ(client().Finish(old, Map{{"x", 1}}), gone);
  EXPECT_EQ(client().Fail(old), gone);
  EXPECT_EQ(client().RetryAttempt(old, 5s), gone);
  EXPECT_EQ(client().ErrorOf(GetAttempt{.key = old.key()}), gone);
  EXPECT_EQ(UnitA().status, kAvailable);
  EXPECT_EQ(UnitA().data, Value(Map{{"new", 1}}));
  const Held held = client().Take();
  EXPECT_EQ(client().Finish(old), gone);
  EXPECT_EQ(UnitA().status, kPending);
  EXPECT_EQ(client().Finish(held), kOk);
}

// C-UNIT-24
TEST_P(DeleteTest, AnOldAttemptDoesNotActOnANamesakeInANamesakeOfItsSpec) {
  const Held old = GivenPending();
  client().DeleteWorkSpec("s");
  GivenUnit();
  EXPECT_EQ(client().Finish(old), Failure(ErrorCode::kGone));
  const Held held = client().Take();
  EXPECT_NE(held.id, old.id);
  EXPECT_EQ(client().Fail(old), Failure(ErrorCode::kGone));
  EXPECT_EQ(UnitA().status, kPending);
}

// C-UNIT-24
TEST_P(DeleteTest, AnAttemptDoesNotActOnAnotherUnit) {
  const Held held = GivenPending();
  client().Add("s", {{.name = "b"}});
  EXPECT_EQ(client().Finish({"s", "b", held.id}), Failure(ErrorCode::kGone));
  EXPECT_EQ(client().StatusOf("s", "a"), kPending);
  EXPECT_EQ(client().StatusOf("s", "b"), kAvailable);
}

// C-UNIT-24
TEST_P(DeleteTest, RetentionMakesAttemptsGoneToo) {
  GivenSpec({{"limit_completed_count", 0}});
  client().Add("s", {{.name = "a"}});
  const Held held = client().Take();
  EXPECT_EQ(client().Fail(held), kOk);
  client().ApplyRetention();
  EXPECT_EQ(client().Finish(held), Failure(ErrorCode::kNoSuchWorkUnit));
  client().Add("s", {{.name = "a"}});
  EXPECT_EQ(client().Finish(held), Failure(ErrorCode::kGone));
}

// C-UNIT-23
TEST_P(DeleteTest, WhatWasSelectedIsGoneForEveryReader) {
  GivenSpec();
  client().Add("s", {{.name = "a"}, {.name = "b", .delay = 5s}});
  EXPECT_EQ(client().Delete("s", {}), 2U);
  EXPECT_FALSE(UnitA().exists);
  EXPECT_THAT(client().Summary(), IsEmpty());
  EXPECT_EQ(client().MetaWithCounts("s").available, 0U);
  Advance(5s);
  EXPECT_THAT(client().Request().units, IsEmpty());
  EXPECT_THAT(client().Summary(), IsEmpty());
}

// C-UNIT-20
TEST_P(DeleteTest, ADeletedPendingUnitFreesItsPlaceUnderMaxRunning) {
  GivenSpec({{"max_running", 1}});
  client().Add("s", {{.name = "a"}, {.name = "b"}});
  client().Take();
  EXPECT_THAT(client().Request().units, IsEmpty());
  EXPECT_EQ(client().Delete("s", {.statuses = kPending}), 1U);
  EXPECT_THAT(client().RequestNames(), ElementsAre("b"));
}

}  // namespace coord::testing

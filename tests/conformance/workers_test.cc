// SPDX-License-Identifier: MIT
// spec/domain.md, sections 1 and 7: workers.
#include "suite.h"

namespace coord::testing {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace {

UpdateWorker Named(std::string_view worker) {
  UpdateWorker update;
  update.worker = worker;
  return update;
}

UpdateWorker Parented(std::string_view worker, std::string_view parent) {
  UpdateWorker update = Named(worker);
  update.parent = parent;
  return update;
}

UpdateWorker Switched(std::string_view worker, UpdateWorker::Activity activity) {
  UpdateWorker update = Named(worker);
  update.activity = activity;
  return update;
}

}  // namespace

// C-WRK-01
TEST_P(WorkerTest, AskingForAnUnknownOneCreatesIt) {
  EXPECT_FALSE(client().FindWorker("w").has_value());
  const OwnedWorker worker = client().Worker("w");
  EXPECT_EQ(worker.name, "w");
  EXPECT_FALSE(worker.parent.has_value());
  EXPECT_EQ(worker.data, Value(Map{}));
  EXPECT_EQ(worker.mode, Value(""));
  EXPECT_TRUE(worker.active);
  EXPECT_FALSE(worker.shown);
  EXPECT_EQ(When(worker.last_update), When(now()));
  EXPECT_EQ(When(worker.expiration), When(now() + 15min));
  EXPECT_THAT(worker.children, IsEmpty());
  EXPECT_TRUE(client().FindWorker("w").has_value());
}

// C-WRK-01
TEST_P(WorkerTest, AskingAgainChangesNothing) {
  client().Beat("w", 60s, {{"k", 1}}, "p", "run");
  const OwnedWorker before = client().Worker("w");
  Advance(1s);
  EXPECT_EQ(client().Worker("w"), before);
}

// C-WRK-01
TEST_P(WorkerTest, RequestingWorkCreatesIt) {
  GivenUnit();
  client().Take({.worker = "new"});
  ASSERT_TRUE(client().FindWorker("new").has_value());
  EXPECT_TRUE(client().Worker("new").active);
  EXPECT_FALSE(client().Worker("new").shown);
}

// C-WRK-15
TEST_P(WorkerTest, RequestingWorkUpdatesItWhetherThereIsAnyOrNot) {
  client().Beat("w", 60s, {{"k", 1}}, "p", "run");
  const OwnedWorker before = client().Worker("w");
  Advance(5s);
  EXPECT_THAT(client().Request().units, IsEmpty());
  OwnedWorker after = client().Worker("w");
  EXPECT_EQ(When(after.last_update), When(now()));
  after.last_update = before.last_update;
  EXPECT_EQ(after, before) << "nothing else changes: it is no heartbeat";
  Advance(5s);
  GivenUnit();
  client().Take();
  EXPECT_EQ(When(client().Worker("w").last_update), When(now()));
}

// C-WRK-02
TEST_P(WorkerTest, AHeartbeatSetsEverything) {
  client().Beat("w", 60s, {{"k", 1}}, "p", "run");
  const OwnedWorker worker = client().Worker("w");
  EXPECT_EQ(worker.parent, std::optional<std::string>("p"));
  EXPECT_EQ(worker.data, Value(Map{{"k", 1}}));
  EXPECT_EQ(worker.mode, Value("run"));
  EXPECT_TRUE(worker.active);
  EXPECT_TRUE(worker.shown);
  EXPECT_EQ(When(worker.last_update), When(now()));
  EXPECT_EQ(When(worker.last_heartbeat), When(now()));
  EXPECT_EQ(When(worker.expiration), When(now() + 60s));
  Advance(5s);
  client().Beat("w", 10s, {}, std::nullopt, "idle");
  EXPECT_FALSE(client().Worker("w").parent.has_value());
  EXPECT_EQ(client().Worker("w").data, Value(Map{}));
  EXPECT_EQ(client().Worker("w").mode, Value("idle"));
  EXPECT_EQ(When(client().Worker("w").last_heartbeat), When(now()));
  EXPECT_EQ(When(client().Worker("w").expiration), When(now() + 10s));
}

// C-WRK-02
TEST_P(WorkerTest, FieldsCanBeSetThroughAnUpdate) {
  Keeper keeper;
  UpdateWorker update = Switched("w", UpdateWorker::Activity::kActivate);
  update.parent = "p";
  update.data = keeper.Keep(Map{{"k", 1}});
  update.last_update = now() - 5s;
  update.expiration = now() + 5s;
  update.mode = keeper.Keep(EncodeCbor(Value("run")));
  EXPECT_EQ(client().ErrorOf(update), kOk);
  const OwnedWorker worker = client().Worker("w");
  EXPECT_EQ(worker.parent, std::optional<std::string>("p"));
  EXPECT_EQ(worker.data, Value(Map{{"k", 1}}));
  EXPECT_EQ(worker.mode, Value("run"));
  EXPECT_EQ(When(worker.last_update), When(now() - 5s));
  EXPECT_EQ(When(worker.expiration), When(now() + 5s));
  EXPECT_EQ(client().ErrorOf(Switched("w", UpdateWorker::Activity::kDeactivate)), kOk);
  EXPECT_FALSE(client().Worker("w").active);
  EXPECT_EQ(client().Worker("w").data, Value(Map{{"k", 1}}));
  EXPECT_EQ(client().ErrorOf(Parented("w", "")), kOk);
  EXPECT_FALSE(client().Worker("w").parent.has_value());
  EXPECT_FALSE(client().Worker("w").active);
}

// C-WRK-02
TEST_P(WorkerTest, ActivatingWithoutMoreTakesTheDefaults) {
  client().Beat("w", 60s, {{"k", 1}}, std::nullopt, "run");
  EXPECT_EQ(client().ErrorOf(Switched("w", UpdateWorker::Activity::kDeactivate)), kOk);
  Advance(5s);
  EXPECT_EQ(client().ErrorOf(Switched("w", UpdateWorker::Activity::kActivate)), kOk);
  const OwnedWorker worker = client().Worker("w");
  EXPECT_TRUE(worker.active);
  EXPECT_EQ(worker.data, Value(Map{}));
  EXPECT_EQ(worker.mode, Value(""));
  EXPECT_EQ(When(worker.last_update), When(now()));
  EXPECT_EQ(When(worker.expiration), When(now() + 15min));
}

// C-WRK-03
TEST_P(WorkerTest, AParentsLifeSaysNothingOfItsChildren) {
  client().Beat("p", 10s);
  client().Beat("w", 1h, {}, "p");
  Advance(10s);
  EXPECT_FALSE(client().Worker("p").shown);
  EXPECT_TRUE(client().Worker("w").shown);
  client().Beat("p", 1h);
  EXPECT_EQ(client().ErrorOf(UnregisterWorker{"p"}), kOk);
  EXPECT_TRUE(client().Worker("w").shown);
  EXPECT_EQ(client().Worker("w").parent, std::optional<std::string>("p"));
}

// C-WRK-04
TEST_P(WorkerTest, OneMayNotBeItsOwnParent) {
  Keeper keeper;
  client().Beat("w", 60s, {{"k", 1}}, "p");
  const OwnedWorker before = client().Worker("w");
  const Heartbeat beat{.worker = "w",
                       .mode = keeper.Keep(EncodeCbor(Value("run"))),
                       .lifetime = 90s,
                       .data = {},
                       .parent = "w"};
  EXPECT_EQ(client().ErrorOf(beat), Failure(ErrorCode::kInvalid));
  EXPECT_EQ(client().ErrorOf(Parented("w", "w")), Failure(ErrorCode::kInvalid));
  EXPECT_EQ(client().Worker("w"), before);
}

// C-WRK-04
TEST_P(WorkerTest, LongerCyclesAreAllowed) {
  client().Beat("a", 60s, {}, "b");
  client().Beat("b", 60s, {}, "c");
  client().Beat("c", 60s, {}, "a");
  EXPECT_THAT(client().Worker("a").children, ElementsAre("c"));
  EXPECT_THAT(client().Worker("b").children, ElementsAre("a"));
  EXPECT_THAT(client().ChildUnits("a").units, IsEmpty());
}

// C-WRK-05
TEST_P(WorkerTest, ChildrenAreAllThatNameItActiveOrNot) {
  client().Beat("x", 60s, {}, "p");
  client().Beat("y", 60s, {}, "p");
  client().Beat("z", 60s, {}, "other");
  EXPECT_EQ(client().ErrorOf(UnregisterWorker{"x"}), kOk);
  EXPECT_THAT(client().Worker("p").children, ElementsAre("x", "y"));
  client().Beat("y", 60s, {}, "other");
  EXPECT_THAT(client().Worker("p").children, ElementsAre("x"));
  EXPECT_THAT(client().Worker("other").children, ElementsAre("y", "z"));
}

// C-WRK-06
TEST_P(WorkerTest, TheActiveListHoldsWhatIsPending) {
  GivenSpec();
  client().Add("s", {{.name = "a"}, {.name = "b"}, {.name = "c"}});
  const Held a = client().Take();
  Advance(1s);
  const Held b = client().Take();
  client().Take({.worker = "other"});
  OwnedAttempts active = client().WorkerAttemptsOf("w");
  ASSERT_THAT(active, SizeIs(2));
  EXPECT_EQ(active[0].id, a.id);
  EXPECT_EQ(active[1].id, b.id);
  EXPECT_EQ(client().Finish(a), kOk);
  active = client().WorkerAttemptsOf("w");
  ASSERT_THAT(active, SizeIs(1));
  EXPECT_EQ(active[0].id, b.id);
  EXPECT_THAT(client().WorkerAttemptsOf("w", WorkerAttempts::kAll), SizeIs(2));
  EXPECT_THAT(client().WorkerAttemptsOf("nobody"), IsEmpty());
}

// C-WRK-06
TEST_P(WorkerTest, EveryWayToEndAnAttemptTakesItOffTheActiveList) {
  for (const AttemptEvent event :
       {AttemptEvent::kFinish, AttemptEvent::kFail, AttemptEvent::kExpire, AttemptEvent::kRetry}) {
    const Held held = GivenPending();
    EXPECT_EQ(client().Change(held, event), kOk);
    EXPECT_THAT(client().WorkerAttemptsOf("w"), IsEmpty()) << ToText(event);
    client().Delete("s", {});
  }
}

// C-WRK-06
TEST_P(WorkerTest, UnregisteringTakesLapsedAttemptsOffTheActiveList) {
  GivenPending();
  client().Beat("w", 1h);
  Advance(60s);
  EXPECT_THAT(client().WorkerAttemptsOf("w"), SizeIs(1));
  EXPECT_EQ(client().ErrorOf(UnregisterWorker{"w"}), kOk);
  EXPECT_THAT(client().WorkerAttemptsOf("w"), IsEmpty());
  EXPECT_THAT(client().WorkerAttemptsOf("w", WorkerAttempts::kAll), SizeIs(1));
}

// C-WRK-06 C-WRK-10
TEST_P(WorkerTest, UnregisteringTakesPendingAttemptsOffTheActiveListUntilTheyAreRenewed) {
  const Held held = GivenPending();
  client().Beat("w", 1h);
  EXPECT_EQ(client().ErrorOf(UnregisterWorker{"w"}), kOk);
  EXPECT_THAT(client().WorkerAttemptsOf("w"), IsEmpty());
  EXPECT_EQ(UnitA().status, kPending);
  EXPECT_EQ(client().Renew(held, 60s), kOk);
  EXPECT_THAT(client().WorkerAttemptsOf("w"), SizeIs(1));
}

// C-WRK-06 C-WRK-07 C-WRK-08
TEST_P(WorkerTest, ALapsedAttemptOfAForgottenOneCanBeRenewedAndIsListedAgain) {
  const Held held = GivenPending();
  client().Beat("w", 60s);
  Advance(60s + 24h);
  connection().Settle();
  ASSERT_FALSE(client().FindWorker("w").has_value());
  EXPECT_EQ(client().Renew(held, 60s), kOk);
  EXPECT_EQ(UnitA().status, kPending);
  EXPECT_THAT(client().WorkerAttemptsOf("w"), SizeIs(1));
  EXPECT_EQ(client().Finish(held), kOk);
  EXPECT_THAT(client().WorkerAttemptsOf("w"), IsEmpty());
}

// C-WRK-06 C-WRK-13
TEST_P(WorkerTest, TheChildrensActiveListsCanBeAskedFor) {
  GivenSpec();
  client().Add("s", {{.name = "a"}, {.name = "b"}, {.name = "c"}});
  client().Beat("x", 1h, {}, "p");
  client().Beat("y", 1h, {}, "p");
  const Held a = client().Take({.worker = "x"});
  Advance(1s);
  const Held b = client().Take({.worker = "y"});
  client().Take({.worker = "z"});
  const OwnedAttempts attempts = client().WorkerAttemptsOf("p", WorkerAttempts::kChildren);
  ASSERT_THAT(attempts, SizeIs(2));
  EXPECT_EQ(attempts[0].id, a.id);
  EXPECT_EQ(attempts[1].id, b.id);
}

// C-WRK-07 C-WRK-08
TEST_P(WorkerTest, OneExpiredForADayIsForgottenAndItsHistoryIsStillFound) {
  const Held held = GivenPending();
  client().Beat("w", 60s, {{"k", 1}});
  EXPECT_EQ(client().Finish(held), kOk);
  Advance(60s + 24h - 1s);
  connection().Settle();
  EXPECT_TRUE(client().FindWorker("w").has_value());
  Advance(2s);
  connection().Settle();
  EXPECT_FALSE(client().FindWorker("w").has_value());
  const OwnedAttempts history = client().WorkerAttemptsOf("w", WorkerAttempts::kAll);
  ASSERT_THAT(history, SizeIs(1));
  EXPECT_EQ(history[0].id, held.id);
  EXPECT_EQ(client().Worker("w").data, Value(Map{})) << "it is made anew";
}

// C-WRK-08
TEST_P(WorkerTest, OneInactiveForADayIsForgotten) {
  client().Beat("w", 24h * 30);
  EXPECT_EQ(client().ErrorOf(UnregisterWorker{"w"}), kOk);
  Advance(24h - 1s);
  connection().Settle();
  EXPECT_TRUE(client().FindWorker("w").has_value());
  Advance(2s);
  connection().Settle();
  EXPECT_FALSE(client().FindWorker("w").has_value());
}

// C-WRK-08
TEST_P(WorkerTest, OneThatHadExpiredBeforeItWasDeactivatedIsForgottenADayAfterThat) {
  client().Beat("w", 60s);
  Advance(60s + 23h);
  EXPECT_EQ(client().ErrorOf(Switched("w", UpdateWorker::Activity::kDeactivate)), kOk);
  connection().Settle();
  EXPECT_TRUE(client().FindWorker("w").has_value());
  Advance(1h);
  connection().Settle();
  EXPECT_FALSE(client().FindWorker("w").has_value());
}

// C-WRK-08 C-TIME-05
TEST_P(WorkerTest, ForgettingIsDueInEveryNamespace) {
  Client other = client().In("other");
  client().Beat("w", 24h * 30);
  other.Beat("w", 60s);
  ASSERT_NE(When(store().NextDue()), When(kNoTime));
  EXPECT_LE(store().NextDue(), now() + 60s + 24h);
  Advance(60s + 24h);
  connection().Settle();
  EXPECT_TRUE(client().FindWorker("w").has_value());
  EXPECT_FALSE(other.FindWorker("w").has_value());
}

// C-WRK-08
TEST_P(WorkerTest, ALiveOneIsNotForgotten) {
  client().Beat("w", 24h * 30);
  Advance(24h * 20);
  connection().Settle();
  EXPECT_TRUE(client().FindWorker("w").has_value());
  client().Beat("w", 60s);
  Advance(60s);
  client().Beat("w", 24h);
  Advance(47h);
  connection().Settle();
  EXPECT_TRUE(client().FindWorker("w").has_value());
}

// C-WRK-09
TEST_P(WorkerTest, OneThatHoldsAPendingAttemptIsNotForgotten) {
  GivenUnit();
  client().Beat("w", 60s);
  const Held held = client().Take({.lifetime = 24h * 10});
  Advance(24h * 9);
  connection().Settle();
  EXPECT_TRUE(client().FindWorker("w").has_value());
  EXPECT_THAT(client().WorkerAttemptsOf("w"), SizeIs(1));
  EXPECT_EQ(client().Finish(held), kOk);
}

// C-WRK-10 C-WRK-11
TEST_P(WorkerTest, UnregisteringDeactivatesOneThatIsShown) {
  const Held held = GivenPending();
  EXPECT_EQ(client().ErrorOf(UnregisterWorker{"w"}), Failure(ErrorCode::kNotFound)) << "not shown";
  EXPECT_EQ(client().ErrorOf(UnregisterWorker{"none"}), Failure(ErrorCode::kNotFound));
  client().Beat("w", 60s, {{"k", 1}});
  EXPECT_EQ(client().ErrorOf(UnregisterWorker{"w"}), kOk);
  EXPECT_FALSE(client().Worker("w").active);
  EXPECT_FALSE(client().Worker("w").shown);
  EXPECT_EQ(client().Worker("w").data, Value(Map{{"k", 1}}));
  EXPECT_EQ(UnitA().status, kPending);
  EXPECT_EQ(client().Finish(held), kOk);
  EXPECT_EQ(client().ErrorOf(UnregisterWorker{"w"}), Failure(ErrorCode::kNotFound));
  client().Beat("w", 60s);
  EXPECT_TRUE(client().Worker("w").active);
}

// C-WRK-11 C-TIME-03
TEST_P(WorkerTest, IsShownUntilItExpires) {
  client().Beat("w", 60s);
  Advance(60s - kInstant);
  EXPECT_TRUE(client().Worker("w").shown);
  Advance(kInstant);
  EXPECT_FALSE(client().Worker("w").shown);
  EXPECT_TRUE(client().Worker("w").active);
  EXPECT_EQ(client().ErrorOf(UnregisterWorker{"w"}), Failure(ErrorCode::kNotFound));
  client().Beat("w", 60s);
  EXPECT_TRUE(client().Worker("w").shown);
}

// C-WRK-12
TEST_P(WorkerTest, TheyAreListedInNameOrderPageByPage) {
  for (const char* const name : {"c", "a", "d", "b"}) client().Beat(name, 60s);
  client().Worker("e");
  EXPECT_EQ(client().ErrorOf(UnregisterWorker{"b"}), kOk);
  EXPECT_THAT(client().WorkerNames(), ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_THAT(client().WorkerNames({.shown_only = true}), ElementsAre("a", "c", "d"));
  EXPECT_THAT(client().WorkerNames({.active = true}), ElementsAre("a", "c", "d", "e"));
  EXPECT_THAT(client().WorkerNames({.active = false}), ElementsAre("b"));
  EXPECT_THAT(client().WorkerNames({.limit = 2}), ElementsAre("a", "b"));
  EXPECT_THAT(client().WorkerNames({.after = "b", .limit = 2}), ElementsAre("c", "d"));
  EXPECT_THAT(client().WorkerNames({.shown_only = true, .after = "a", .limit = 1}),
              ElementsAre("c"));
}

// C-WRK-11 C-WRK-12
TEST_P(WorkerTest, ListsAndParentsShowExactlyThoseThatAreShown) {
  const auto expect = [this](const Strings& listed, const Strings& of_p, const Strings& of_q) {
    EXPECT_EQ(client().WorkerNames({.shown_only = true}), listed);
    EXPECT_EQ(client().ChildUnits("p").children, of_p);
    EXPECT_EQ(client().ChildUnits("q").children, of_q);
  };
  for (const char* const name : {"p", "q"}) client().Worker(name);
  client().Beat("x", 60s, {}, "p");
  client().Beat("y", 90s, {}, "p");
  client().Beat("z", 90s);
  expect({"x", "y", "z"}, {"x", "y"}, {});
  Advance(60s);
  expect({"y", "z"}, {"y"}, {});
  client().Beat("x", 60s, {}, "p");
  expect({"x", "y", "z"}, {"x", "y"}, {});
  EXPECT_EQ(client().ErrorOf(Parented("y", "q")), kOk);
  expect({"x", "y", "z"}, {"x"}, {"y"});
  EXPECT_EQ(client().ErrorOf(UnregisterWorker{"x"}), kOk);
  EXPECT_EQ(client().ErrorOf(Parented("x", "q")), kOk);
  expect({"y", "z"}, {}, {"y"});
  client().Beat("x", 60s, {}, "q");
  expect({"x", "y", "z"}, {}, {"x", "y"});
  Advance(24h * 2);
  expect({}, {}, {});
  connection().Settle();
  client().Worker("x");
  client().Worker("q");
  EXPECT_EQ(client().ErrorOf(Parented("x", "q")), kOk);
  expect({}, {}, {});
}

// C-WRK-13
TEST_P(WorkerTest, AChildsUnitsShowTheUnitsActiveAttempt) {
  GivenSpec();
  client().Add("s", {{.name = "a", .data = {{"own", 1}}}, {.name = "b"}});
  client().Beat("x", 1h, {}, "p");
  const Held a = client().Take({.worker = "x", .lifetime = 10s});
  client().Take({.worker = "x", .lifetime = 30s});
  EXPECT_EQ(client().Renew(a, 10s, Map{{"mine", 2}}), kOk);
  OwnedChildUnits units = client().ChildUnits("p");
  EXPECT_THAT(units.children, ElementsAre("x"));
  ASSERT_THAT(units.units, SizeIs(2));
  EXPECT_EQ(units.units[0].unit, "a");
  EXPECT_EQ(units.units[0].data, Value(Map{{"mine", 2}}));
  EXPECT_EQ(units.units[0].worker, std::optional<std::string>("x"));
  EXPECT_EQ(When(units.units[0].expiration), When(now() + 10s));
  Advance(10s);
  client().Take({.worker = "thief", .lifetime = 99s});
  units = client().ChildUnits("p");
  ASSERT_THAT(units.units, SizeIs(2)) << "a lost lease stays in the list";
  EXPECT_EQ(units.units[0].unit, "a");
  EXPECT_EQ(units.units[0].worker, std::optional<std::string>("thief"));
  EXPECT_EQ(units.units[0].data, Value(Map{{"own", 1}}));
  EXPECT_EQ(When(units.units[0].expiration), When(now() + 99s));
}

// C-WRK-13 C-WRK-11
TEST_P(WorkerTest, ChildrenThatAreNotShownAreLeftOut) {
  GivenSpec();
  client().Add("s", {{.name = "a"}, {.name = "b"}});
  client().Beat("x", 1h, {}, "p");
  EXPECT_EQ(client().ErrorOf(Parented("y", "p")), kOk);
  client().Take({.worker = "y"});
  client().Take({.worker = "x"});
  EXPECT_THAT(client().ChildUnits("p").children, ElementsAre("x"));
  Advance(1h);
  EXPECT_THAT(client().ChildUnits("p").children, IsEmpty());
}

}  // namespace coord::testing

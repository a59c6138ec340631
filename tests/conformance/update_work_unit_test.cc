// SPDX-License-Identifier: MIT
// spec/cbor-rpc.md, section 3: the table of update_work_unit, row by row.
#include "suite.h"

namespace coord::testing {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace {

const OwnedUpdate kTrue{true, ""};
const OwnedUpdate kFalse{false, ""};

// An update of "a" in "s".
Update OfA(AskedStatus status = AskedStatus::kNone) {
  Update update;
  update.spec = "s";
  update.unit = "a";
  update.status = status;
  return update;
}

Update With(Update update, const Map& data) {
  update.data = data;
  return update;
}

Update By(Update update, const std::string& worker) {
  update.worker = worker;
  return update;
}

Update For(Update update, Duration lease_time) {
  update.lease_time = lease_time;
  return update;
}

}  // namespace

// C-UPD-01
TEST_P(UpdateTest, WithNothingToDoItSaysSo) {
  GivenUnit();
  EXPECT_EQ(client().Apply(OfA()), (OwnedUpdate{false, "nothing to do"}));
  EXPECT_EQ(client().Apply(By(OfA(), "w")), (OwnedUpdate{false, "nothing to do"}));
}

// C-UPD-02
TEST_P(UpdateTest, UnknownUnitsAndSpecsAreSaidSoAndTheOthersGoOn) {
  GivenPending();
  Update no_unit = OfA(AskedStatus::kFinished);
  no_unit.unit = "none";
  Update no_spec = OfA(AskedStatus::kFinished);
  no_spec.spec = "none";
  const OwnedUpdates replies =
      client().Apply(std::vector<Update>{no_unit, no_spec, OfA(AskedStatus::kFinished)});
  ASSERT_THAT(replies, SizeIs(3));
  EXPECT_FALSE(replies[0].ok);
  EXPECT_NE(replies[0].message, "");
  EXPECT_FALSE(replies[1].ok);
  EXPECT_NE(replies[1].message, "");
  EXPECT_EQ(replies[2], kTrue);
  EXPECT_EQ(UnitA().status, kFinished);
}

// C-UPD-03
TEST_P(UpdateTest, AvailableWithDataReplacesTheUnitsOwn) {
  for (const AskedStatus status : {AskedStatus::kNone, AskedStatus::kAvailable}) {
    GivenUnit({{"old", 1}});
    EXPECT_EQ(client().Apply(With(OfA(status), {{"new", 2}})), kTrue);
    EXPECT_EQ(UnitA().status, kAvailable);
    EXPECT_EQ(UnitA().data, Value(Map{{"new", 2}}));
    EXPECT_THAT(client().UnitAttempts("s", "a"), IsEmpty());
  }
}

// C-UPD-03
TEST_P(UpdateTest, AvailableWithoutDataDoesNothing) {
  GivenUnit();
  EXPECT_EQ(client().Apply(OfA(AskedStatus::kAvailable)), kFalse);
  EXPECT_EQ(client().Apply(For(OfA(), 60s)), kFalse);
  EXPECT_EQ(UnitA().status, kAvailable);
}

// C-UPD-03
TEST_P(UpdateTest, DelayedCountsAsAvailable) {
  GivenSpec();
  client().Add("s", {{.name = "a", .priority = 3.0, .delay = 60s}});
  EXPECT_EQ(client().Apply(With(OfA(), {{"new", 2}})), kTrue);
  EXPECT_EQ(UnitA().status, kDelayed);
  EXPECT_EQ(UnitA().priority, 3);
  EXPECT_EQ(client().Apply(By(OfA(AskedStatus::kFinished), "w")), kTrue);
  EXPECT_EQ(UnitA().status, kFinished);
}

// C-UPD-04
TEST_P(UpdateTest, AvailableIsTakenForTheWorkerThatAsks) {
  GivenUnit();
  EXPECT_EQ(client().Apply(By(OfA(AskedStatus::kPending), "w")), kTrue);
  EXPECT_EQ(UnitA().status, kPending);
  EXPECT_EQ(UnitA().active->worker, "w");
  EXPECT_EQ(When(UnitA().active->expiration), When(now() + 300s));
  EXPECT_THAT(client().WorkerAttemptsOf("w"), SizeIs(1));
}

// C-UPD-04
TEST_P(UpdateTest, AvailableIsTakenForTheWorkerWithoutANameIfNoneIsGiven) {
  GivenUnit({{"own", 1}});
  EXPECT_EQ(client().Apply(With(OfA(AskedStatus::kFailed), {{"traceback", "x"}})), kTrue);
  EXPECT_EQ(UnitA().status, kFailed);
  EXPECT_EQ(UnitA().active->worker, "");
  EXPECT_EQ(UnitA().data, Value(Map{{"traceback", "x"}}));
  EXPECT_FALSE(client().Worker("").shown);
}

// C-UPD-04
TEST_P(UpdateTest, ALapsedAttemptIsTakenUpAgain) {
  for (const bool by_name : {false, true}) {
    const Held held = GivenPending();
    Advance(60s);
    Update update = OfA(AskedStatus::kFinished);
    if (by_name) update = By(update, "w");
    EXPECT_EQ(client().Apply(update), kTrue);
    EXPECT_EQ(UnitA().status, kFinished);
    EXPECT_EQ(UnitA().active->id, held.id);
    EXPECT_THAT(client().UnitAttempts("s", "a"), SizeIs(1));
    client().Delete("s", {});
  }
}

// C-UPD-04
TEST_P(UpdateTest, ALapsedAttemptIsNotTakenUpByAnotherWorker) {
  const Held held = GivenPending();
  Advance(60s);
  EXPECT_EQ(client().Apply(For(By(OfA(AskedStatus::kPending), "other"), 10s)), kTrue);
  EXPECT_EQ(UnitA().status, kPending);
  EXPECT_EQ(UnitA().active->worker, "other");
  EXPECT_NE(UnitA().active->id, held.id);
  EXPECT_EQ(When(UnitA().active->expiration), When(now() + 10s));
}

// C-UPD-05
TEST_P(UpdateTest, PendingIsRenewed) {
  for (const AskedStatus status : {AskedStatus::kNone, AskedStatus::kPending}) {
    GivenPending();
    EXPECT_EQ(client().Apply(With(For(OfA(status), 100s), {{"k", 1}})), kTrue);
    EXPECT_EQ(When(UnitA().active->expiration), When(now() + 100s));
    EXPECT_EQ(UnitA().data, Value(Map{{"k", 1}}));
    EXPECT_EQ(client().Apply(For(OfA(status), 10s)), kTrue);
    EXPECT_EQ(When(UnitA().active->expiration), When(now() + 10s)) << "may be shortened";
    EXPECT_EQ(client().Apply(For(OfA(status), 25h)), kTrue);
    EXPECT_EQ(When(UnitA().active->expiration), When(now() + 300s)) << "over a day";
    EXPECT_EQ(client().Apply(For(OfA(status), 24h)), kTrue);
    EXPECT_EQ(When(UnitA().active->expiration), When(now() + 24h));
    client().Delete("s", {});
  }
}

// C-UPD-05 C-UPD-06
TEST_P(UpdateTest, WithoutALeaseTimeTheLeaseIsNeverShortened) {
  const Held held = GivenPending();
  EXPECT_EQ(client().Apply(OfA(AskedStatus::kPending)), kTrue);
  EXPECT_EQ(When(client().Attempt(held).expiration), When(now() + 300s));
  EXPECT_EQ(client().Renew(held, 1h), kOk);
  EXPECT_EQ(client().Apply(With(OfA(), {{"k", 1}})), kTrue);
  EXPECT_EQ(When(client().Attempt(held).expiration), When(now() + 1h));
}

// C-UPD-07
TEST_P(UpdateTest, PendingMadeAvailableIsExpired) {
  const Held held = GivenPending({{"own", 1}});
  EXPECT_EQ(client().Apply(With(OfA(AskedStatus::kAvailable), {{"k", 1}})), kTrue);
  EXPECT_EQ(UnitA().status, kAvailable);
  EXPECT_EQ(UnitA().data, Value(Map{{"own", 1}}));
  EXPECT_EQ(client().Attempt(held).status, AttemptStatus::kExpired);
  EXPECT_EQ(client().Attempt(held).data, Value(Map{{"k", 1}}));
}

// C-UPD-07
TEST_P(UpdateTest, PendingMadeAvailableWithADelayIsRetried) {
  const Held held = GivenPending();
  Update update = OfA(AskedStatus::kAvailable);
  update.delay = 10s;
  EXPECT_EQ(client().Apply(update), kTrue);
  EXPECT_EQ(UnitA().status, kDelayed);
  EXPECT_EQ(When(UnitA().not_before), When(now() + 10s));
  EXPECT_EQ(client().Attempt(held).status, AttemptStatus::kRetryable);
}

// C-UPD-08
TEST_P(UpdateTest, PendingIsFinishedOrFailed) {
  const std::pair<AskedStatus, WorkUnitStatus> ends[] = {{AskedStatus::kFinished, kFinished},
                                                         {AskedStatus::kFailed, kFailed}};
  for (const auto& [asked, status] : ends) {
    GivenPending();
    EXPECT_EQ(client().Apply(With(OfA(asked), {{"k", 1}})), kTrue);
    EXPECT_EQ(UnitA().status, status);
    EXPECT_EQ(UnitA().data, Value(Map{{"k", 1}}));
    client().Delete("s", {});
  }
}

// C-UPD-09
TEST_P(UpdateTest, CompletedMadeAvailableIsCleared) {
  for (const AskedStatus asked : {AskedStatus::kFinished, AskedStatus::kFailed}) {
    GivenPending({{"own", 1}});
    EXPECT_EQ(client().Apply(With(OfA(asked), {{"k", 1}})), kTrue);
    EXPECT_EQ(client().Apply(OfA(AskedStatus::kAvailable)), kTrue);
    EXPECT_EQ(UnitA().status, kAvailable);
    EXPECT_EQ(UnitA().data, Value(Map{{"own", 1}}));
    EXPECT_THAT(client().RequestNames(), ElementsAre("a"));
    client().Delete("s", {});
  }
}

// C-UPD-10
TEST_P(UpdateTest, FinishedStaysAsItIs) {
  EXPECT_EQ(client().Finish(GivenPending()), kOk);
  const OwnedUnit before = UnitA();
  EXPECT_EQ(client().Apply(With(OfA(), {{"k", 1}})), kFalse);
  EXPECT_EQ(client().Apply(For(OfA(), 10s)), kFalse);
  EXPECT_EQ(client().Apply(With(OfA(AskedStatus::kFinished), {{"k", 1}})), kFalse);
  EXPECT_EQ(client().Apply(With(OfA(AskedStatus::kFailed), {{"k", 1}})), kFalse);
  EXPECT_EQ(UnitA(), before);
}

// C-UPD-10
TEST_P(UpdateTest, FailedStaysAsItIs) {
  EXPECT_EQ(client().Fail(GivenPending()), kOk);
  const OwnedUnit before = UnitA();
  EXPECT_EQ(client().Apply(With(OfA(), {{"k", 1}})), kFalse);
  EXPECT_EQ(client().Apply(With(OfA(AskedStatus::kFailed), {{"k", 1}})), kFalse);
  EXPECT_EQ(UnitA(), before);
}

// C-UPD-11
TEST_P(UpdateTest, FailedMayBeFinished) {
  const Held held = GivenPending();
  EXPECT_EQ(client().Fail(held, Map{{"traceback", "x"}}), kOk);
  EXPECT_EQ(client().Apply(OfA(AskedStatus::kFinished)), kTrue);
  EXPECT_EQ(UnitA().status, kFinished);
  EXPECT_EQ(UnitA().data, Value(Map{{"traceback", "x"}}));
  EXPECT_EQ(UnitA().active->id, held.id);
}

// C-UPD-12
TEST_P(UpdateTest, CompletedCannotBePending) {
  for (const AskedStatus asked : {AskedStatus::kFinished, AskedStatus::kFailed}) {
    GivenPending();
    EXPECT_EQ(client().Apply(OfA(asked)), kTrue);
    const OwnedUnit before = UnitA();
    const OwnedUpdate reply =
        client().Apply(With(For(OfA(AskedStatus::kPending), 60s), {{"k", 1}}));
    EXPECT_FALSE(reply.ok);
    EXPECT_NE(reply.message, "");
    EXPECT_EQ(UnitA(), before);
    client().Delete("s", {});
  }
}

// C-UPD-13
TEST_P(UpdateTest, ALeaseTimeOfNothingGivesTheUnitToOthers) {
  for (const Duration lease : {Duration(0s), Duration(-1s)}) {
    const Held held = GivenPending();
    EXPECT_EQ(client().Apply(For(OfA(), lease)), kTrue);
    EXPECT_EQ(UnitA().status, kAvailable);
    EXPECT_EQ(client().Attempt(held).status, AttemptStatus::kExpired);
    EXPECT_THAT(client().RequestNames({.worker = "other"}), ElementsAre("a"));
    client().Delete("s", {});
  }
}

// C-UPD-14
TEST_P(UpdateTest, AWorkerOnAPendingUnitChangesNothing) {
  const Held held = GivenPending();
  EXPECT_EQ(client().Apply(By(For(OfA(), 100s), "other")), kTrue);
  EXPECT_EQ(UnitA().active->id, held.id);
  EXPECT_EQ(UnitA().active->worker, "w");
  EXPECT_EQ(client().Apply(By(OfA(AskedStatus::kFinished), "other")), kTrue);
  EXPECT_EQ(UnitA().active->worker, "w");
}

// C-UPD-15
TEST_P(UpdateTest, OnlyTheOwnerWhereThatIsAsked) {
  const OwnedUpdate lost{false, "lost lease"};
  const auto only = [](Update update) {
    update.only_if_owner = true;
    return update;
  };
  GivenPending();
  const OwnedUnit before = UnitA();
  EXPECT_EQ(client().Apply(only(By(OfA(AskedStatus::kFinished), "other"))), lost);
  EXPECT_EQ(UnitA(), before);
  EXPECT_EQ(client().Apply(only(By(OfA(AskedStatus::kFinished), "w"))), kTrue);
  EXPECT_EQ(UnitA().status, kFinished);
}

// C-UPD-15
TEST_P(UpdateTest, WithoutAnActiveAttemptNobodyIsTheOwner) {
  GivenUnit();
  Update update = By(OfA(AskedStatus::kFinished), "w");
  update.only_if_owner = true;
  EXPECT_EQ(client().Apply(update), (OwnedUpdate{false, "lost lease"}));
  EXPECT_EQ(UnitA().status, kAvailable);
}

// C-UPD-02: what could not be read is answered so, and does nothing.
TEST_P(UpdateTest, ADefectIsAnsweredWithItsText) {
  GivenPending();
  WorkUnitUpdate update;
  update.spec = "s";
  update.unit = "a";
  update.request.status = AskedStatus::kFinished;
  update.defect = "what is this";
  const OwnedOutcome outcome = client().Run(UpdateWorkUnits{.updates = {&update, 1}});
  EXPECT_THAT(std::get<OwnedUpdates>(outcome), ElementsAre(OwnedUpdate{false, "what is this"}));
  EXPECT_EQ(UnitA().status, kPending);
}

}  // namespace coord::testing

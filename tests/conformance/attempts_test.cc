// SPDX-License-Identifier: MIT
// spec/domain.md, section 4: every state of an attempt against every event.
#include <set>

#include "suite.h"

namespace coord::testing {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace {

// The states in which an attempt can be found.
enum class State {
  kPending,         // pending and active
  kLapsed,          // its time ran out, nobody replaced it
  kPreempted,       // pending, but its unit was cleared
  kLapsedReplaced,  // its time ran out and another attempt was made
  kExpired,         // explicitly
  kFinished,
  kFailed,
  kFailedCleared,  // failed, and its unit was cleared since
  kRetryable,
};

struct Expected {
  Failure error;
  AttemptStatus status;  // of the attempt, afterwards
  bool changed;          // ended (or renewed) now, with the data given
};

struct Row {
  const char* name;
  State state;
  Expected renew, expire, finish, fail, retry;
};

constexpr auto kAttemptPending = AttemptStatus::kPending;
constexpr auto kExpired = AttemptStatus::kExpired;
constexpr auto kRetryable = AttemptStatus::kRetryable;
constexpr Failure kNotPending = ErrorCode::kNotPending;
constexpr Failure kLostLease = ErrorCode::kLostLease;

constexpr Expected To(AttemptStatus status) { return {kOk, status, true}; }
constexpr Expected Refused(AttemptStatus stays) { return {kNotPending, stays, false}; }
constexpr Expected Ignored(AttemptStatus stays) { return {kOk, stays, false}; }
constexpr Expected Lost() { return {kLostLease, kExpired, true}; }

const Row kTable[] = {
    {"pending", State::kPending,  //
     To(kAttemptPending), To(kExpired), To(AttemptStatus::kFinished), To(AttemptStatus::kFailed),
     To(kRetryable)},
    {"lapsed", State::kLapsed,  //
     To(kAttemptPending), Ignored(kExpired), To(AttemptStatus::kFinished),
     To(AttemptStatus::kFailed), To(kRetryable)},
    {"pre-empted", State::kPreempted,  //
     Lost(), To(kExpired), To(AttemptStatus::kFinished), To(AttemptStatus::kFailed),
     To(kRetryable)},
    {"lapsed and replaced", State::kLapsedReplaced,  //
     Lost(), Ignored(kExpired), Refused(kExpired), Refused(kExpired), Refused(kExpired)},
    {"expired", State::kExpired,  //
     Refused(kExpired), Ignored(kExpired), Refused(kExpired), Refused(kExpired), Refused(kExpired)},
    {"finished", State::kFinished,  //
     Refused(AttemptStatus::kFinished), Refused(AttemptStatus::kFinished),
     Refused(AttemptStatus::kFinished), Refused(AttemptStatus::kFinished),
     Refused(AttemptStatus::kFinished)},
    {"failed", State::kFailed,  //
     Refused(AttemptStatus::kFailed), Refused(AttemptStatus::kFailed), To(AttemptStatus::kFinished),
     Refused(AttemptStatus::kFailed), Refused(AttemptStatus::kFailed)},
    {"failed and cleared", State::kFailedCleared,  //
     Refused(AttemptStatus::kFailed), Refused(AttemptStatus::kFailed), To(AttemptStatus::kFinished),
     Refused(AttemptStatus::kFailed), Refused(AttemptStatus::kFailed)},
    {"retryable", State::kRetryable,  //
     Refused(kRetryable), Refused(kRetryable), Refused(kRetryable), Refused(kRetryable),
     Refused(kRetryable)},
};

// Brings the attempt, pending for a minute, into the state.
void Bring(Client& client, const Held& held, State state) {
  ManualClock& clock = client.connection().harness().clock();
  switch (state) {
    case State::kPending:
      break;
    case State::kLapsed:
      clock.Advance(61s);
      break;
    case State::kPreempted:
      client.ClearActive("s", "a");
      break;
    case State::kLapsedReplaced:
      clock.Advance(61s);
      client.Take({.worker = "other", .lifetime = 24h});
      break;
    case State::kExpired:
      EXPECT_EQ(client.Expire(held), kOk);
      break;
    case State::kFinished:
      EXPECT_EQ(client.Finish(held), kOk);
      break;
    case State::kFailed:
    case State::kFailedCleared:
      EXPECT_EQ(client.Fail(held), kOk);
      if (state == State::kFailedCleared) client.ClearActive("s", "a");
      break;
    case State::kRetryable:
      EXPECT_EQ(client.RetryAttempt(held, 0s), kOk);
      break;
  }
  clock.Advance(1s);
}

void CheckEvent(ConformanceTest& test, const Held& held, AttemptEvent event,
                const Expected& expected) {
  Client& client = test.client();
  const OwnedAttempt before = client.Attempt(held);
  const Map data = {{"given", 2}};
  EXPECT_EQ(client.Change(held, event, 90s, data), expected.error);
  const OwnedAttempt after = client.Attempt(held);
  EXPECT_EQ(after.status, expected.status);
  if (!expected.changed) {
    EXPECT_EQ(after, before) << "nothing changes";
    return;
  }
  EXPECT_EQ(after.data, Value(data));
  EXPECT_EQ(When(after.start), When(before.start));
  if (expected.status == kAttemptPending) {
    EXPECT_EQ(When(after.end), When(kNoTime));
    EXPECT_EQ(When(after.expiration), When(test.now() + 90s));
  } else if (!expected.error) {
    EXPECT_EQ(When(after.end), When(test.now()));
  }
}

void RunColumn(ConformanceTest& test, AttemptEvent event, Expected Row::*column) {
  for (const Row& row : kTable) {
    SCOPED_TRACE(std::string(ToText(event)) + " of one that is " + row.name);
    test.Open({});
    const Held held = test.GivenPending({{"own", 1}});
    Bring(test.client(), held, row.state);
    CheckEvent(test, held, event, row.*column);
  }
}

}  // namespace

// C-ATT-05 C-ATT-07 C-ATT-08 C-ATT-14
TEST_P(AttemptTest, TableOfRenew) { RunColumn(*this, AttemptEvent::kRenew, &Row::renew); }
// C-ATT-09 C-ATT-10
TEST_P(AttemptTest, TableOfExpire) { RunColumn(*this, AttemptEvent::kExpire, &Row::expire); }
// C-ATT-11 C-ATT-19 C-ATT-20
TEST_P(AttemptTest, TableOfFinish) { RunColumn(*this, AttemptEvent::kFinish, &Row::finish); }
// C-ATT-12 C-ATT-20
TEST_P(AttemptTest, TableOfFail) { RunColumn(*this, AttemptEvent::kFail, &Row::fail); }
// C-ATT-13
TEST_P(AttemptTest, TableOfRetry) { RunColumn(*this, AttemptEvent::kRetry, &Row::retry); }

// C-ATT-01
TEST_P(AttemptTest, IdsAreUniqueAndNeverUsedAgain) {
  std::set<AttemptId> ids;
  for (int round = 0; round < 3; ++round) {
    GivenUnit();
    for (int i = 0; i < 5; ++i) {
      const Held held = client().Take();
      EXPECT_NE(held.id, AttemptId{0});
      EXPECT_TRUE(ids.insert(held.id).second);
      EXPECT_EQ(client().Expire(held), kOk);
    }
    client().DeleteWorkSpec("s");
  }
}

// C-ATT-01
TEST_P(AttemptTest, IdsAreUniqueInTheStoreNotInTheNamespace) {
  std::set<AttemptId> ids;
  for (const char* const name_space : {"one", "two"}) {
    Client one = client().In(name_space);
    one.SetWorkSpec({{"name", "s"}});
    one.Add("s", {{.name = "a"}});
    EXPECT_TRUE(ids.insert(one.Take().id).second);
  }
}

// C-ATT-02
TEST_P(AttemptTest, ShowsTheUnitsDataUntilItSetsItsOwn) {
  const Held held = GivenPending({{"own", 1}});
  EXPECT_EQ(client().Attempt(held).data, Value(Map{{"own", 1}}));
  EXPECT_EQ(client().Renew(held, 60s), kOk);
  EXPECT_EQ(client().Attempt(held).data, Value(Map{{"own", 1}}));
  EXPECT_EQ(client().Renew(held, 60s, Map{{"mine", 2}}), kOk);
  EXPECT_EQ(client().Attempt(held).data, Value(Map{{"mine", 2}}));
  EXPECT_EQ(UnitA().data, Value(Map{{"mine", 2}}));
  EXPECT_EQ(client().Expire(held), kOk);
  EXPECT_EQ(UnitA().data, Value(Map{{"own", 1}}));
  EXPECT_EQ(client().Attempt(held).data, Value(Map{{"mine", 2}}));
}

// C-ATT-02
TEST_P(AttemptTest, EmptyDataIsDataToo) {
  const Held held = GivenPending({{"own", 1}});
  EXPECT_EQ(client().Renew(held, 60s, Map{}), kOk);
  EXPECT_EQ(client().Attempt(held).data, Value(Map{}));
  EXPECT_EQ(UnitA().data, Value(Map{}));
}

// C-ATT-03
TEST_P(AttemptTest, AUnitHasOneActiveAttemptAndAHistory) {
  const Held first = GivenPending();
  EXPECT_EQ(client().Expire(first), kOk);
  Advance(1s);
  const Held second = client().Take({.worker = "x"});
  EXPECT_EQ(client().RetryAttempt(second, 0s), kOk);
  Advance(1s);
  const Held third = client().Take({.worker = "y"});
  const OwnedAttempts attempts = client().UnitAttempts("s", "a");
  ASSERT_EQ(attempts.size(), 3U);
  EXPECT_EQ(attempts[0].id, first.id);
  EXPECT_EQ(attempts[0].status, kExpired);
  EXPECT_EQ(attempts[0].worker, "w");
  EXPECT_EQ(attempts[1].id, second.id);
  EXPECT_EQ(attempts[1].status, kRetryable);
  EXPECT_EQ(attempts[2].id, third.id);
  EXPECT_EQ(attempts[2].status, kAttemptPending);
  EXPECT_EQ(UnitA().active->id, third.id);
}

// C-ATT-03
TEST_P(AttemptTest, ALimitOnTheHistoryKeepsTheNewest) {
  GivenUnit();
  std::vector<AttemptId> ids;
  for (int i = 0; i < 4; ++i) {
    const Held held = client().Take();
    ids.push_back(held.id);
    EXPECT_EQ(client().Expire(held), kOk);
  }
  const OwnedAttempts attempts = client().UnitAttempts("s", "a", 2);
  ASSERT_EQ(attempts.size(), 2U);
  EXPECT_EQ(attempts[0].id, ids[2]);
  EXPECT_EQ(attempts[1].id, ids[3]);
}

// C-ATT-04
TEST_P(AttemptTest, HasAStartAndAnExpirationAndNoEndUntilItEnds) {
  const Held held = GivenPending();
  const WallTime start = now();
  OwnedAttempt attempt = client().Attempt(held);
  EXPECT_EQ(attempt.spec, "s");
  EXPECT_EQ(attempt.unit, "a");
  EXPECT_EQ(attempt.worker, "w");
  EXPECT_EQ(attempt.status, kAttemptPending);
  EXPECT_EQ(When(attempt.start), When(start));
  EXPECT_EQ(When(attempt.expiration), When(start + 60s));
  EXPECT_EQ(When(attempt.end), When(kNoTime));
  Advance(10s);
  EXPECT_EQ(client().Finish(held), kOk);
  attempt = client().Attempt(held);
  EXPECT_EQ(When(attempt.start), When(start));
  EXPECT_EQ(When(attempt.end), When(start + 10s));
}

// C-ATT-05
TEST_P(AttemptTest, RenewingMayShortenALease) {
  const Held held = GivenPending();
  EXPECT_EQ(client().Renew(held, 5s), kOk);
  Advance(5s - kInstant);
  EXPECT_EQ(UnitA().status, kPending);
  Advance(kInstant);
  EXPECT_EQ(UnitA().status, kAvailable);
}

// C-ATT-06
TEST_P(AttemptTest, RenewingByNothingOrLessExpiresAtOnce) {
  for (const Duration extend : {Duration(0s), Duration(-5s)}) {
    const Held held = GivenPending();
    EXPECT_EQ(client().Renew(held, extend, Map{{"last", 1}}), kOk);
    const OwnedAttempt attempt = client().Attempt(held);
    EXPECT_EQ(attempt.status, kExpired);
    EXPECT_EQ(When(attempt.end), When(now()));
    EXPECT_EQ(attempt.data, Value(Map{{"last", 1}}));
    EXPECT_EQ(UnitA().status, kAvailable);
    client().Delete("s", {});
  }
}

// C-ATT-07
TEST_P(AttemptTest, RenewingAPreemptedOneDoesNotTouchItsSuccessor) {
  const Held first = GivenPending();
  client().ClearActive("s", "a");
  const Held second = client().Take({.worker = "other"});
  EXPECT_EQ(client().Renew(first, 60s, Map{{"late", 1}}), kLostLease);
  EXPECT_EQ(client().Attempt(first).status, kExpired);
  EXPECT_EQ(client().Attempt(first).data, Value(Map{{"late", 1}}));
  EXPECT_EQ(UnitA().active->id, second.id);
  EXPECT_EQ(UnitA().data, Value(Map{}));
  EXPECT_EQ(client().Renew(first, 60s), kNotPending) << "it has ended now";
}

// C-ATT-13
TEST_P(AttemptTest, RetryingDelaysTheUnit) {
  const Held held = GivenPending();
  EXPECT_EQ(client().RetryAttempt(held, 10s), kOk);
  EXPECT_EQ(UnitA().status, kDelayed);
  EXPECT_EQ(When(UnitA().not_before), When(now() + 10s));
  Advance(10s - kInstant);
  EXPECT_THAT(client().Request().units, IsEmpty());
  Advance(kInstant);
  EXPECT_THAT(client().Request().units, SizeIs(1));
}

// C-ATT-14
TEST_P(AttemptTest, NullDataChangesNothing) {
  const Held held = GivenPending();
  EXPECT_EQ(client().Renew(held, 60s, Map{{"k", 1}}), kOk);
  EXPECT_EQ(client().Finish(held), kOk);
  EXPECT_EQ(client().Attempt(held).data, Value(Map{{"k", 1}}));
  EXPECT_EQ(UnitA().data, Value(Map{{"k", 1}}));
}

// C-ATT-18
TEST_P(AttemptTest, AnExplicitExpireOrRetryClearsTheActiveAttemptAtOnce) {
  for (const AttemptEvent event : {AttemptEvent::kExpire, AttemptEvent::kRetry}) {
    const Held held = GivenPending();
    EXPECT_EQ(client().Change(held, event), kOk);
    EXPECT_FALSE(UnitA().active.has_value());
    EXPECT_EQ(client().Finish(held), kNotPending);
    EXPECT_EQ(UnitA().status, kAvailable);
    client().Delete("s", {});
  }
}

// C-ATT-19
TEST_P(AttemptTest, APreemptedOneMayFinishAndTheUnitDoesNotCare) {
  client().SetWorkSpec({{"name", "t"}});
  GivenSpec({{"then", "t"}});
  client().Add("s", {{.name = "a"}});
  const Held held = client().Take();
  client().ClearActive("s", "a");
  EXPECT_EQ(client().Finish(held, Map{{"output", List{"b"}}}), kOk);
  EXPECT_EQ(client().Attempt(held).status, AttemptStatus::kFinished);
  EXPECT_EQ(UnitA().status, kAvailable);
  EXPECT_THAT(client().Names("t"), IsEmpty());
}

// C-ATT-20
TEST_P(AttemptTest, ASuccessWinsOverAFailureNotTheOtherWayRound) {
  const Held held = GivenPending();
  EXPECT_EQ(client().Fail(held), kOk);
  EXPECT_EQ(client().Finish(held), kOk);
  EXPECT_EQ(UnitA().status, kFinished);
  EXPECT_EQ(client().Counts("s"), (StatusCounts{0, 0, 0, 1, 0}));
  EXPECT_EQ(client().Fail(held), kNotPending);
  EXPECT_EQ(UnitA().status, kFinished);
}

// C-ATT-21
TEST_P(AttemptTest, ClearingMakesAUnitAvailableWhateverItsStatus) {
  for (const State state : {State::kPending, State::kLapsed, State::kFinished, State::kFailed}) {
    Open({});
    const Held held = GivenPending({{"own", 1}});
    EXPECT_EQ(client().Renew(held, 60s, Map{{"mine", 2}}), kOk);
    Bring(client(), held, state);
    client().ClearActive("s", "a");
    EXPECT_EQ(UnitA().status, kAvailable);
    EXPECT_FALSE(UnitA().active.has_value());
    EXPECT_EQ(UnitA().data, Value(Map{{"own", 1}}));
    EXPECT_THAT(client().UnitAttempts("s", "a"), SizeIs(1)) << "history stays";
    EXPECT_THAT(client().RequestNames(), ElementsAre("a"));
  }
}

// C-ATT-21
TEST_P(AttemptTest, ClearingLeavesNotBefore) {
  GivenSpec();
  client().Add("s", {{.name = "a", .delay = 60s}});
  const Held held = client().MakeAttempt("s", "a");
  EXPECT_EQ(client().Finish(held), kOk);
  client().ClearActive("s", "a");
  EXPECT_EQ(UnitA().status, kDelayed);
  client().ClearActive("s", "a");
  EXPECT_EQ(UnitA().status, kDelayed);
}

// C-ATT-21
TEST_P(AttemptTest, RetryingByQueryCountsTheUnitsThatHadOne) {
  GivenSpec();
  client().Add("s", {{.name = "a"}, {.name = "b"}, {.name = "c"}});
  EXPECT_EQ(client().Fail(client().Take()), kOk);
  EXPECT_EQ(client().Finish(client().Take()), kOk);
  EXPECT_EQ(client().Retry("s", {.statuses = kFailed}), 1U);
  EXPECT_EQ(client().StatusOf("s", "a"), kAvailable);
  EXPECT_EQ(client().StatusOf("s", "b"), kFinished);
  EXPECT_EQ(client().Retry("s", {.names = Strings{"a", "b", "c", "none"}}), 1U);
  EXPECT_EQ(client().Counts("s"), (StatusCounts{3, 0, 0, 0, 0}));
}

// C-ATT-22
TEST_P(AttemptTest, OneCanBeMadeWhateverTheStatusPauseAndLimits) {
  GivenSpec({{"disabled", true}, {"max_running", 1}, {"max_retries", 1}});
  client().Add("s", {{.name = "a"}, {.name = "b", .delay = 60s}, {.name = "c"}});
  const Held a = client().MakeAttempt("s", "a", "w", 5s);
  EXPECT_EQ(client().StatusOf("s", "a"), kPending);
  EXPECT_EQ(When(client().Attempt(a).expiration), When(now() + 5s));
  client().MakeAttempt("s", "b");
  EXPECT_EQ(client().StatusOf("s", "b"), kPending);
  EXPECT_EQ(client().Finish(client().MakeAttempt("s", "c")), kOk);
  client().MakeAttempt("s", "c");
  EXPECT_EQ(client().StatusOf("s", "c"), kPending);
}

// C-ATT-22 C-ATT-03
TEST_P(AttemptTest, OneMadeForAPendingUnitPreemptsTheOther) {
  const Held first = GivenPending();
  const Held second = client().MakeAttempt("s", "a", "other");
  EXPECT_EQ(UnitA().active->id, second.id);
  EXPECT_EQ(UnitA().active->worker, "other");
  EXPECT_EQ(client().Counts("s"), (StatusCounts{0, 0, 1, 0, 0}));
  EXPECT_EQ(client().Renew(first, 60s), kLostLease);
  EXPECT_EQ(UnitA().status, kPending);
}

// C-ATT-22 C-WORK-02
TEST_P(AttemptTest, OneMadeWithoutALifetimeHasFifteenMinutes) {
  GivenUnit();
  EXPECT_EQ(When(client().Attempt(client().MakeAttempt("s", "a")).expiration), When(now() + 15min));
}

// C-ATT-14: one call changes many, each by itself.
TEST_P(AttemptTest, ChangesOfOneCallSucceedAndFailSingly) {
  GivenSpec();
  client().Add("s", {{.name = "a"}, {.name = "b"}});
  const Held a = client().Take();
  const Held b = client().Take();
  const AttemptChange changes[] = {
      {.key = a.key(), .event = AttemptEvent::kFinish, .data = {}, .duration = Duration(0)},
      {.key = a.key(), .event = AttemptEvent::kFail, .data = {}, .duration = Duration(0)},
      {.key = b.key(), .event = AttemptEvent::kFail, .data = {}, .duration = Duration(0)}};
  const auto results = std::get<OwnedResults>(client().Run(ChangeAttempts{.changes = changes}));
  ASSERT_EQ(results.size(), 3U);
  EXPECT_FALSE(results[0].has_value());
  ASSERT_TRUE(results[1].has_value());
  EXPECT_EQ(results[1]->code, ErrorCode::kNotPending);
  EXPECT_FALSE(results[2].has_value());
  EXPECT_EQ(client().Counts("s"), (StatusCounts{0, 0, 0, 1, 1}));
}

// C-ATT-23
TEST_P(AttemptTest, ANameWithAnotherWorkerOrStartIsGone) {
  GivenSpec();
  client().Add("s", {{.name = "a"}});
  const Held held = client().Take({.worker = "w"});
  AttemptKey key = held.key();
  key.worker = "w";
  key.start = now();
  EXPECT_EQ(client().ErrorOf(GetAttempt{key}), kOk);
  AttemptKey late = key;
  late.start = now() + 1us;
  EXPECT_EQ(client().ErrorOf(GetAttempt{late}), Failure(ErrorCode::kGone));
  key.worker = "other";
  EXPECT_EQ(client().ErrorOf(GetAttempt{key}), Failure(ErrorCode::kGone));
  EXPECT_TRUE(client().FindWorker("other").has_value());
  const AttemptChange change{
      .key = key, .event = AttemptEvent::kFinish, .data = {}, .duration = Duration(0)};
  const auto results =
      std::get<OwnedResults>(client().Run(ChangeAttempts{.changes = std::span(&change, 1)}));
  ASSERT_TRUE(results[0].has_value());
  EXPECT_EQ(results[0]->code, ErrorCode::kGone);
  EXPECT_EQ(client().StatusOf("s", "a"), kPending);
}

// C-ATT-23
TEST_P(AttemptTest, ANameThatFailsBeforeItsWorkerCreatesNone) {
  GivenSpec();
  EXPECT_EQ(client().ErrorOf(GetAttempt{{"s", "none", AttemptId{1}, "other"}}),
            Failure(ErrorCode::kNoSuchWorkUnit));
  EXPECT_EQ(client().ErrorOf(GetAttempt{{"none", "a", AttemptId{1}, "other"}}),
            Failure(ErrorCode::kNoSuchWorkSpec));
  EXPECT_FALSE(client().FindWorker("other").has_value());
}

}  // namespace coord::testing

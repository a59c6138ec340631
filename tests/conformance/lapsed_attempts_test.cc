// SPDX-License-Identifier: MIT
// spec/domain.md, sections 3 and 4: attempts whose time ran out.
#include "suite.h"

namespace coord::testing {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// C-UNIT-05 C-TIME-03
TEST_P(LapsedAttemptTest, EveryReaderSeesItFromTheInstantOfExpiration) {
  const Held held = GivenPending();
  const WallTime expiration = now() + 60s;
  for (const auto& [time, expired] :
       {std::pair(expiration - kInstant, false), std::pair(expiration, true),
        std::pair(expiration + kInstant, true)}) {
    SCOPED_TRACE(When(time));
    AdvanceTo(time);
    const WorkUnitStatus status = expired ? kAvailable : kPending;
    EXPECT_EQ(client().Attempt(held).status,
              expired ? AttemptStatus::kExpired : AttemptStatus::kPending);
    EXPECT_EQ(When(client().Attempt(held).end), When(expired ? expiration : kNoTime));
    EXPECT_EQ(client().UnitAttempts("s", "a").front().status, client().Attempt(held).status);
    EXPECT_EQ(UnitA().status, status);
    EXPECT_EQ(UnitA().active.has_value(), !expired);
    EXPECT_THAT(client().Names("s", {.statuses = status}), ElementsAre("a"));
    EXPECT_EQ(client().Counts("s")[IndexOf(status)], 1U);
    EXPECT_EQ(client().MetaWithCounts("s").pending, expired ? 0U : 1U);
    EXPECT_EQ(client().MetaWithCounts("s").available, expired ? 1U : 0U);
    EXPECT_THAT(client().Summary(), ElementsAre(OwnedRecord{"", "s", status, 1}));
  }
}

// C-UNIT-05
TEST_P(LapsedAttemptTest, ItsUnitIsGivenOutFromTheInstantOfExpiration) {
  GivenPending();
  Advance(60s - kInstant);
  EXPECT_THAT(client().Request().units, IsEmpty());
  Advance(kInstant);
  EXPECT_THAT(client().RequestNames(), ElementsAre("a"));
}

// C-ATT-16
TEST_P(LapsedAttemptTest, ItsUnitShowsItsOwnData) {
  const Held held = GivenPending({{"own", 1}});
  EXPECT_EQ(client().Renew(held, 60s, Map{{"mine", 2}}), kOk);
  Advance(60s);
  EXPECT_EQ(UnitA().status, kAvailable);
  EXPECT_EQ(UnitA().data, Value(Map{{"own", 1}}));
  EXPECT_EQ(client().Attempt(held).data, Value(Map{{"mine", 2}}));
}

// C-ATT-17
TEST_P(LapsedAttemptTest, ItsEndIsItsExpiration) {
  const Held held = GivenPending();
  const WallTime expiration = now() + 60s;
  Advance(1h);
  EXPECT_EQ(When(client().Attempt(held).end), When(expiration));
  client().Take();
  Advance(1h);
  EXPECT_EQ(client().Attempt(held).status, AttemptStatus::kExpired);
  EXPECT_EQ(When(client().Attempt(held).end), When(expiration)) << "replaced, too";
}

// C-ATT-05 C-ATT-15
TEST_P(LapsedAttemptTest, ItsWorkerMayRenewIt) {
  const Held held = GivenPending();
  Advance(1h);
  EXPECT_EQ(client().Renew(held, 60s), kOk);
  EXPECT_EQ(UnitA().status, kPending);
  EXPECT_EQ(UnitA().active->id, held.id);
  EXPECT_EQ(When(client().Attempt(held).end), When(kNoTime));
  EXPECT_THAT(client().Request().units, IsEmpty());
  Advance(60s);
  EXPECT_EQ(UnitA().status, kAvailable);
}

// C-ATT-15
TEST_P(LapsedAttemptTest, ItsWorkerMayEndIt) {
  const std::pair<AttemptEvent, WorkUnitStatus> events[] = {{AttemptEvent::kFinish, kFinished},
                                                            {AttemptEvent::kFail, kFailed},
                                                            {AttemptEvent::kRetry, kDelayed}};
  for (const auto& [event, status] : events) {
    const Held held = GivenPending();
    Advance(1h);
    EXPECT_EQ(client().Change(held, event, 5s), kOk);
    EXPECT_EQ(UnitA().status, status);
    EXPECT_EQ(When(client().Attempt(held).end), When(now()));
    client().Delete("s", {});
  }
}

// C-ATT-15
TEST_P(LapsedAttemptTest, AnotherAttemptPreemptsIt) {
  const Held first = GivenPending();
  Advance(60s);
  const Held second = client().Take({.worker = "other"});
  EXPECT_EQ(client().Finish(first), Failure(ErrorCode::kNotPending));
  EXPECT_EQ(client().Renew(first, 60s), Failure(ErrorCode::kLostLease));
  EXPECT_EQ(UnitA().active->id, second.id);
  EXPECT_EQ(client().Finish(second), kOk);
}

// C-ATT-15 C-UNIT-09
TEST_P(LapsedAttemptTest, AddingTheUnitAgainPreemptsIt) {
  const Held held = GivenPending();
  Advance(60s);
  client().Add("s", {{.name = "a", .data = {{"new", 1}}}});
  EXPECT_EQ(client().Finish(held), Failure(ErrorCode::kNotPending));
  EXPECT_EQ(UnitA().status, kAvailable);
  EXPECT_EQ(UnitA().data, Value(Map{{"new", 1}}));
}

// C-ATT-15 C-ATT-21
TEST_P(LapsedAttemptTest, ClearingPreemptsIt) {
  const Held held = GivenPending();
  Advance(60s);
  client().ClearActive("s", "a");
  EXPECT_EQ(client().Fail(held), Failure(ErrorCode::kNotPending));
  EXPECT_EQ(client().Renew(held, 60s), Failure(ErrorCode::kLostLease));
}

// C-ATT-10
TEST_P(LapsedAttemptTest, ExpiringItDoesNothing) {
  const Held held = GivenPending();
  Advance(1h);
  const OwnedAttempt before = client().Attempt(held);
  EXPECT_EQ(client().Expire(held), kOk);
  EXPECT_EQ(client().Attempt(held), before);
}

// C-ATT-16
TEST_P(LapsedAttemptTest, ADelayOfItsUnitThatHasNotPassedCounts) {
  GivenSpec();
  client().Add("s", {{.name = "a", .delay = 60s}});
  client().MakeAttempt("s", "a", "w", 10s);
  Advance(10s);
  EXPECT_EQ(UnitA().status, kDelayed);
  EXPECT_THAT(client().Request().units, IsEmpty());
  Advance(50s);
  EXPECT_EQ(UnitA().status, kAvailable);
}

// C-UNIT-05
TEST_P(LapsedAttemptTest, ManyLapseEachAtItsTime) {
  GivenSpec();
  std::vector<NewUnit> units;
  for (int i = 0; i < 50; ++i) units.push_back({.name = std::to_string(i)});
  client().Add("s", units);
  for (int i = 0; i < 50; ++i) client().Take({.lifetime = Duration(1s) * ((i * 7) % 50 + 1)});
  for (std::uint64_t second = 1; second <= 50; ++second) {
    Advance(1s);
    EXPECT_EQ(client().Counts("s")[IndexOf(kAvailable)], second);
    EXPECT_EQ(client().Counts("s")[IndexOf(kPending)], 50 - second);
  }
}

// C-WORK-16 C-ATT-16
TEST_P(LapsedAttemptTest, ItsUnitKeepsItsPlaceInTheOrder) {
  GivenSpec();
  client().Add("s", {{.name = "a", .priority = 1.0}, {.name = "b", .priority = 2.0}});
  EXPECT_EQ(client().Take({.lifetime = 10s}).unit, "b");
  Advance(10s);
  EXPECT_THAT(client().RequestNames({.count = 2}), ElementsAre("b", "a"));
}

// C-WRK-06
TEST_P(LapsedAttemptTest, StaysInItsWorkersActiveListUntilEnded) {
  const Held held = GivenPending();
  Advance(60s);
  EXPECT_THAT(client().WorkerAttemptsOf("w"), SizeIs(1));
  EXPECT_EQ(client().WorkerAttemptsOf("w").front().status, AttemptStatus::kExpired);
  EXPECT_EQ(client().Finish(held), kOk);
  EXPECT_THAT(client().WorkerAttemptsOf("w"), IsEmpty());
}

// C-WRK-06
TEST_P(LapsedAttemptTest, StaysInItsWorkersActiveListWhenReplaced) {
  const Held held = GivenPending();
  Advance(60s);
  client().Take({.worker = "other"});
  ASSERT_THAT(client().WorkerAttemptsOf("w"), SizeIs(1));
  EXPECT_EQ(client().WorkerAttemptsOf("w").front().id, held.id);
}

}  // namespace coord::testing

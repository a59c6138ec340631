// SPDX-License-Identifier: MIT
// spec/domain.md, section 8, and what the store tells of things to come.
#include <algorithm>

#include "suite.h"

namespace coord::testing {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

namespace {

struct Noted {
  std::string spec;
  std::string runtime;
  double min_memory_gb = 0;
  std::uint64_t units = 0;
};

// What the store notes as available since the last time. It may have to ask a database for that.
std::vector<Noted> VisitAll(Connection& connection) {
  connection.Settle();
  Store& store = connection.harness().store();
  std::vector<Noted> noted;
  store.VisitAvailable([&](const WorkAvailable& available) {
    noted.push_back({std::string(available.spec), available.meta->runtime,
                     available.meta->min_memory_gb, available.units});
    return false;
  });
  return noted;
}

Strings SpecsOf(const std::vector<Noted>& noted) {
  Strings specs;
  for (const Noted& one : noted) specs.push_back(one.spec);
  return specs;
}

}  // namespace

// C-TIME-01
TEST_P(TimeTest, StandsStillWithTheClock) {
  const Held held = GivenPending();
  EXPECT_EQ(When(client().Attempt(held).start), When(kTestStart));
  connection().Settle();
  EXPECT_EQ(UnitA().status, kPending);
  Advance(3s);
  EXPECT_EQ(client().Finish(held), kOk);
  EXPECT_EQ(When(client().Attempt(held).end), When(kTestStart + 3s));
}

// C-TIME-02
TEST_P(TimeTest, KeepsMicroseconds) {
  Advance(Duration(7));
  GivenSpec();
  client().Add("s", {{.name = "a"}, {.name = "b", .not_before = now() + Duration(3)}});
  const Held held = client().Take({.lifetime = Duration(1'000'001)});
  EXPECT_EQ(When(client().Attempt(held).start), When(now()));
  EXPECT_EQ(When(client().Attempt(held).expiration), When(now() + Duration(1'000'001)));
  EXPECT_EQ(When(client().Unit("s", "b").not_before), When(now() + Duration(3)));
  client().Beat("w", Duration(5'000'009));
  EXPECT_EQ(When(client().Worker("w").expiration), When(now() + Duration(5'000'009)));
}

// C-TIME-04
TEST_P(TimeTest, NoTimeIsNotTheEpoch) {
  constexpr WallTime kEpoch{};
  GivenSpec({{"continuous", true}});
  client().Add("s", {{.name = "a", .not_before = kEpoch}, {.name = "b"}});
  EXPECT_EQ(When(UnitA().not_before), When(kEpoch));
  EXPECT_EQ(When(client().Unit("s", "b").not_before), When(kNoTime));
  client().SetMeta("s", {.next_continuous = kEpoch});
  EXPECT_EQ(When(client().Meta("s").meta.next_continuous), When(kEpoch));
  client().SetMeta("s", {.next_continuous = kNoTime});
  EXPECT_EQ(When(client().Meta("s").meta.next_continuous), When(kNoTime));
}

// C-TIME-02
TEST_P(TimeTest, LeasesWithoutEndAreHeldAtTheLatestTime) {
  GivenUnit();
  const Held held = client().Take({.lifetime = Duration::max()});
  EXPECT_EQ(When(client().Attempt(held).expiration), When(kMaxTime));
  EXPECT_EQ(client().Renew(held, Duration::max()), kOk);
  EXPECT_EQ(When(client().Attempt(held).expiration), When(kMaxTime));
  EXPECT_EQ(client().RetryAttempt(held, Duration::max()), kOk);
  EXPECT_EQ(UnitA().status, kDelayed);
}

// C-TIME-05
TEST_P(TimeTest, TheStoreIsDueWhenALeaseEndsOrADelayIsOver) {
  GivenPending();
  EXPECT_LE(store().NextDue(), now() + 60s);
  EXPECT_NE(When(store().NextDue()), When(kNoTime));
  client().Add("s", {{.name = "b", .delay = 10s}});
  EXPECT_LE(store().NextDue(), now() + 10s);
  EXPECT_NE(When(store().NextDue()), When(kNoTime));
}

// C-TIME-05
TEST_P(TimeTest, TheStoreIsDueWhenAContinuousUnitMayStart) {
  GivenSpec({{"continuous", true}, {"interval", 30}});
  EXPECT_EQ(client().Finish(client().Take()), kOk);
  EXPECT_LE(store().NextDue(), now() + 30s);
  EXPECT_NE(When(store().NextDue()), When(kNoTime));
}

// C-TIME-06
TEST_P(TimeTest, TheStoreNotesSpecsThatGotWork) {
  client().SetWorkSpec({{"name", "s"}, {"runtime", "go"}, {"min_gb", 2}});
  client().SetWorkSpec({{"name", "t"}});
  VisitAll(connection());
  EXPECT_THAT(VisitAll(connection()), IsEmpty());
  client().Add("s", {{.name = "a"}, {.name = "b"}});
  const std::vector<Noted> noted = VisitAll(connection());
  ASSERT_THAT(noted, SizeIs(1));
  EXPECT_EQ(noted[0].spec, "s");
  EXPECT_EQ(noted[0].runtime, "go");
  EXPECT_EQ(noted[0].min_memory_gb, 2);
  EXPECT_GE(noted[0].units, 2U);
}

// C-TIME-06
TEST_P(TimeTest, OneIsNotedAgainWhereThatIsAskedForAndItStillHasWork) {
  GivenUnit();
  const auto visits = [this](bool again) {
    connection().Settle();
    int count = 0;
    store().VisitAvailable([&](const WorkAvailable&) {
      ++count;
      return again;
    });
    return count;
  };
  connection().Settle();
  EXPECT_EQ(visits(true), 1);
  EXPECT_EQ(visits(true), 1);
  EXPECT_EQ(visits(false), 1);
  EXPECT_EQ(visits(true), 0);
  client().Add("s", {{.name = "b"}});
  connection().Settle();
  EXPECT_EQ(visits(true), 1);
  client().Request({.count = 2});
  EXPECT_EQ(visits(true), 0);
}

// C-TIME-06
TEST_P(TimeTest, OneThatHasNothingAnyMoreIsNotNoted) {
  GivenUnit();
  client().Take();
  EXPECT_THAT(SpecsOf(VisitAll(connection())), Not(Contains("s")));
}

// C-TIME-06
TEST_P(TimeTest, TheStoreNotesWorkForWhateverReason) {
  const Held held = GivenPending();
  const auto notes = [this](const char* reason) {
    EXPECT_THAT(SpecsOf(VisitAll(connection())), ElementsAre("s")) << reason;
    client().Take({.worker = "w", .lifetime = 60s});
    VisitAll(connection());
  };
  VisitAll(connection());
  Advance(60s);
  notes("the lease ended");
  EXPECT_EQ(client().Expire({"s", "a", UnitA().active->id}), kOk);
  notes("the attempt was expired");
  EXPECT_EQ(client().RetryAttempt({"s", "a", UnitA().active->id}, 5s), kOk);
  EXPECT_THAT(VisitAll(connection()), IsEmpty());
  Advance(5s);
  notes("the delay is over");
  client().ClearActive("s", "a");
  notes("the attempt was cleared");
  EXPECT_EQ(client().Fail({"s", "a", UnitA().active->id}), kOk);
  EXPECT_EQ(client().Retry("s", {}), 1U);
  notes("the unit was retried");
  EXPECT_EQ(client().Finish({"s", "a", UnitA().active->id}), kOk);
  client().Add("s", {{.name = "a"}});
  notes("the unit was added again");
  client().SetMeta("s", {.paused = true});
  client().ClearActive("s", "a");
  EXPECT_THAT(VisitAll(connection()), IsEmpty());
  client().SetMeta("s", {.paused = false});
  notes("the spec is not paused any more");
}

// C-TIME-06
TEST_P(TimeTest, TheStoreNotesRoomUnderMaxRunning) {
  GivenSpec({{"max_running", 1}});
  client().Add("s", {{.name = "a"}, {.name = "b"}});
  const Held held = client().Take();
  VisitAll(connection());
  EXPECT_EQ(client().Finish(held), kOk);
  EXPECT_THAT(SpecsOf(VisitAll(connection())), ElementsAre("s"));
}

// C-TIME-06
TEST_P(TimeTest, TheStoreNotesAContinuousUnitThatMayStart) {
  GivenSpec({{"continuous", true}, {"interval", 30}});
  EXPECT_THAT(SpecsOf(VisitAll(connection())), ElementsAre("s"));
  EXPECT_EQ(client().Finish(client().Take()), kOk);
  EXPECT_THAT(VisitAll(connection()), IsEmpty());
  Advance(30s);
  EXPECT_THAT(SpecsOf(VisitAll(connection())), ElementsAre("s"));
}

}  // namespace coord::testing

// SPDX-License-Identifier: MIT
// The whole table of spec/cbor-rpc.md, section 3: each unit status, each asked status, and the
// options that matter there.
#include "domain/update_rules.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace coord {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using enum WorkUnitStatus;

std::vector<WorkUnitStatus> AllOf(std::initializer_list<WorkUnitStatus> statuses) {
  return statuses;
}

struct Expected {
  UpdateAction action = UpdateAction::kNothing;
  AttemptEvent event = AttemptEvent::kRenew;
  bool answer = false;
};

const Expected kNo = {};
const Expected kReplace = {.action = UpdateAction::kReplaceUnitData, .answer = true};
const Expected kClear = {.action = UpdateAction::kClearActive, .answer = true};
Expected TakeUp(AttemptEvent event) { return {UpdateAction::kTakeUpThenApply, event, true}; }
Expected Apply(AttemptEvent event) { return {UpdateAction::kApply, event, true}; }

// One row of the document: for each asked status, without and with data. `asks_none` is with
// neither status nor lease time where there is data, and with a lease time where there is none.
struct Row {
  std::vector<WorkUnitStatus> unit_is;
  AskedStatus asked;
  Expected without_data;
  Expected with_data;
  bool has_message = false;
};

std::vector<Row> Table() {
  using enum AskedStatus;
  const Expected renew = Apply(AttemptEvent::kRenew);
  const Expected finish = Apply(AttemptEvent::kFinish);
  const Expected fail = Apply(AttemptEvent::kFail);
  const Expected expire = Apply(AttemptEvent::kExpire);
  const auto free = AllOf({WorkUnitStatus::kAvailable, kDelayed});
  const auto running = AllOf({WorkUnitStatus::kPending});
  const auto finished = AllOf({WorkUnitStatus::kFinished});
  const auto failed = AllOf({WorkUnitStatus::kFailed});
  const auto ended = AllOf({WorkUnitStatus::kFinished, WorkUnitStatus::kFailed});
  return {
      {free, kNone, kNo, kReplace},
      {free, AskedStatus::kAvailable, kNo, kReplace},
      {free, AskedStatus::kPending, TakeUp(AttemptEvent::kRenew), TakeUp(AttemptEvent::kRenew)},
      {free, AskedStatus::kFinished, TakeUp(AttemptEvent::kFinish), TakeUp(AttemptEvent::kFinish)},
      {free, AskedStatus::kFailed, TakeUp(AttemptEvent::kFail), TakeUp(AttemptEvent::kFail)},
      {running, kNone, renew, renew},
      {running, AskedStatus::kPending, renew, renew},
      {running, AskedStatus::kAvailable, expire, expire},
      {running, AskedStatus::kFinished, finish, finish},
      {running, AskedStatus::kFailed, fail, fail},
      {finished, kNone, kNo, kNo},
      {finished, AskedStatus::kFinished, kNo, kNo},
      {finished, AskedStatus::kFailed, kNo, kNo},
      {ended, AskedStatus::kAvailable, kClear, kClear},
      {failed, kNone, kNo, kNo},
      {failed, AskedStatus::kFailed, kNo, kNo},
      {failed, AskedStatus::kFinished, finish, finish},
      {ended, AskedStatus::kPending, kNo, kNo, true},
  };
}

std::string Describe(WorkUnitStatus status, const UpdateRequest& request) {
  return std::string(ToText(status)) + ", asked " +
         std::to_string(static_cast<int>(request.status)) + (request.has_data ? ", data" : "") +
         (request.has_lease_time ? ", lease " + std::to_string(request.lease_time.count()) : "") +
         (request.has_delay ? ", delay" : "");
}

void Check(WorkUnitStatus status, const UpdateRequest& request, const Expected& expected,
           bool has_message) {
  SCOPED_TRACE(Describe(status, request));
  const UpdateDecision decision = DecideUpdate(status, request);
  EXPECT_EQ(decision.action, expected.action);
  EXPECT_EQ(decision.answer, expected.answer);
  EXPECT_EQ(!decision.message.empty(), has_message);
  const bool has_event =
      expected.action == UpdateAction::kApply || expected.action == UpdateAction::kTakeUpThenApply;
  if (has_event) {
    EXPECT_EQ(decision.event, expected.event);
  }
}

TEST(DecideUpdate, FollowsTheTable) {
  for (const Row& row : Table()) {
    for (const WorkUnitStatus status : row.unit_is) {
      for (const bool has_data : {false, true}) {
        const Expected& expected = has_data ? row.with_data : row.without_data;
        const UpdateRequest leased = {.status = row.asked,
                                      .has_data = has_data,
                                      .has_lease_time = true,
                                      .lease_time = seconds(60)};
        Check(status, leased, expected, row.has_message);
        if (row.asked == AskedStatus::kNone && !has_data) continue;  // "nothing to do", below
        Check(status, {.status = row.asked, .has_data = has_data}, expected, row.has_message);
      }
    }
  }
}

TEST(DecideUpdate, TheTableCoversEveryPair) {
  std::vector<int> seen(kWorkUnitStatusCount * 5, 0);
  for (const Row& row : Table()) {
    for (const WorkUnitStatus status : row.unit_is) {
      ++seen[IndexOf(status) * 5 + static_cast<std::size_t>(row.asked)];
    }
  }
  EXPECT_EQ(seen, std::vector<int>(kWorkUnitStatusCount * 5, 1));
}

TEST(DecideUpdate, NothingAskedIsNothingToDo) {
  for (const WorkUnitStatus status : kWorkUnitStatuses) {
    for (const bool has_delay : {false, true}) {
      const UpdateDecision decision = DecideUpdate(status, {.has_delay = has_delay});
      EXPECT_EQ(decision.action, UpdateAction::kNothing);
      EXPECT_FALSE(decision.answer);
      EXPECT_EQ(decision.message, "nothing to do");
    }
  }
}

TEST(DecideUpdate, RenewsByTheLeaseTimeOrTheDefault) {
  struct Case {
    bool has_lease_time;
    Duration lease_time;
    Duration extend;
    bool never_shorten;
  };
  const std::vector<Case> cases = {
      {false, Duration(0), seconds(300), true},
      {true, Duration(1), Duration(1), false},
      {true, seconds(100), seconds(100), false},
      {true, hours(24), hours(24), false},
      {true, hours(24) + Duration(1), seconds(300), false},
      {true, seconds(1'000'000), seconds(300), false},
  };
  for (const Case& c : cases) {
    for (const WorkUnitStatus status : kWorkUnitStatuses) {
      if (status == kFinished || status == kFailed) continue;
      const UpdateRequest request = {.status = AskedStatus::kPending,
                                     .has_lease_time = c.has_lease_time,
                                     .lease_time = c.lease_time};
      SCOPED_TRACE(Describe(status, request));
      const UpdateDecision decision = DecideUpdate(status, request);
      EXPECT_EQ(decision.event, AttemptEvent::kRenew);
      EXPECT_EQ(decision.extend, c.extend);
      EXPECT_EQ(decision.never_shorten, c.never_shorten);
    }
  }
}

TEST(DecideUpdate, DataAloneRenewsAPendingUnitByTheDefault) {
  const UpdateDecision decision = DecideUpdate(kPending, {.has_data = true});
  EXPECT_EQ(decision.event, AttemptEvent::kRenew);
  EXPECT_EQ(decision.extend, kDefaultUpdateLease);
  EXPECT_TRUE(decision.never_shorten);
}

TEST(DecideUpdate, NoLeaseTimeLeftGivesAPendingUnitUp) {
  for (const Duration lease : {Duration(0), Duration(-1), Duration(seconds(-300))}) {
    for (const AskedStatus asked : {AskedStatus::kNone, AskedStatus::kPending}) {
      const UpdateRequest request = {.status = asked, .has_lease_time = true, .lease_time = lease};
      Check(kPending, request, Apply(AttemptEvent::kExpire), false);
    }
    // An end wins over a lease time, whatever that is.
    const UpdateRequest finish = {
        .status = AskedStatus::kFinished, .has_lease_time = true, .lease_time = lease};
    Check(kPending, finish, Apply(AttemptEvent::kFinish), false);
    const UpdateRequest give_up = {
        .status = AskedStatus::kAvailable, .has_lease_time = true, .lease_time = lease};
    Check(kPending, give_up, Apply(AttemptEvent::kExpire), false);
  }
}

TEST(DecideUpdate, AnAvailableUnitIsTakenUpAndGivenUpWithoutLeaseTime) {
  const UpdateRequest request = {.status = AskedStatus::kPending, .has_lease_time = true};
  const UpdateDecision decision = DecideUpdate(kAvailable, request);
  EXPECT_EQ(decision.action, UpdateAction::kTakeUpThenApply);
  EXPECT_EQ(decision.event, AttemptEvent::kRenew);
  EXPECT_LE(decision.extend, Duration(0));
  EXPECT_FALSE(decision.never_shorten);
}

TEST(DecideUpdate, DelayMakesARetryOfGivingUp) {
  UpdateRequest request = {.status = AskedStatus::kAvailable, .has_delay = true};
  Check(kPending, request, Apply(AttemptEvent::kRetry), false);
  request.has_data = true;
  Check(kPending, request, Apply(AttemptEvent::kRetry), false);
  // Nowhere else.
  Check(kFailed, request, kClear, false);
  Check(kAvailable, request, kReplace, false);
  request.status = AskedStatus::kPending;
  Check(kPending, request, Apply(AttemptEvent::kRenew), false);
  request.status = AskedStatus::kFinished;
  Check(kPending, request, Apply(AttemptEvent::kFinish), false);
}

}  // namespace
}  // namespace coord

// SPDX-License-Identifier: MIT
// The whole table of spec/domain.md, section 4: every state an attempt can be in, times every
// event.
#include "domain/attempt_rules.h"

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace coord {
namespace {

using enum AttemptStatus;

// What the table says; "refused" is the error kNotPending.
struct Expected {
  bool refused = false;
  AttemptTransition transition;
};

Expected Refused() { return {.refused = true, .transition = {}}; }
Expected NoOp() { return {.transition = {.applies = false, .to = kExpired}}; }
Expected Goes(AttemptTransition transition) { return {.transition = transition}; }

struct Row {
  AttemptState state;
  Expected renew;       // by something
  Expected renew_zero;  // by nothing or less
  Expected expire;
  Expected finish;
  Expected fail;
  Expected retry;
};

const Expected kLostLease = Goes({.to = kExpired, .lost_lease = true});
const Expected kExpiresActive = Goes({.to = kExpired, .clears_active = true});

std::vector<Row> Table() {
  const auto ended = [](AttemptStatus stored, bool active) {
    return Row{{.stored = stored, .active = active},
               Refused(),
               Refused(),
               Refused(),
               Refused(),
               Refused(),
               Refused()};
  };
  const auto failed = [&](bool active) {
    Row row = ended(kFailed, active);
    row.finish = Goes({.to = kFinished, .chains = active});
    return row;
  };
  const auto expired = [&](bool active) {
    Row row = ended(kExpired, active);
    row.expire = NoOp();
    return row;
  };
  return {
      {{.stored = kPending, .active = true},
       Goes({.to = kPending}),
       kExpiresActive,
       kExpiresActive,
       Goes({.to = kFinished, .chains = true}),
       Goes({.to = kFailed}),
       Goes({.to = kRetryable, .clears_active = true})},
      // Pre-empted while pending: recorded, and the unit is left alone.
      {{.stored = kPending, .active = false},
       kLostLease,
       kLostLease,
       Goes({.to = kExpired}),
       Goes({.to = kFinished}),
       Goes({.to = kFailed}),
       Goes({.to = kRetryable})},
      // Lapsed, and still its worker's.
      {{.stored = kPending, .lapsed = true, .active = true},
       Goes({.to = kPending}),
       kExpiresActive,
       NoOp(),
       Goes({.to = kFinished, .chains = true}),
       Goes({.to = kFailed}),
       Goes({.to = kRetryable, .clears_active = true})},
      // Lapsed, and another attempt has been made.
      {{.stored = kPending, .lapsed = true, .active = false},
       kLostLease,
       kLostLease,
       NoOp(),
       Refused(),
       Refused(),
       Refused()},
      expired(false),
      expired(true),
      ended(kFinished, true),
      ended(kFinished, false),
      failed(true),
      failed(false),
      ended(kRetryable, false),
      ended(kRetryable, true),
  };
}

void Check(const AttemptState& state, AttemptEvent event, bool extend_positive,
           const Expected& expected) {
  SCOPED_TRACE(std::string(ToText(state.stored)) + (state.lapsed ? " lapsed" : "") +
               (state.active ? " active" : "") + ", " + std::string(ToText(event)) +
               (extend_positive ? "" : " by nothing"));
  const auto next = NextAttemptState(state, event, extend_positive);
  ASSERT_EQ(next.has_error(), expected.refused);
  if (expected.refused) {
    EXPECT_EQ(next.error().code, ErrorCode::kNotPending);
    EXPECT_NE(next.error().detail.find(ToText(VisibleStatus(state))), std::string::npos);
    return;
  }
  EXPECT_EQ(next->applies, expected.transition.applies);
  EXPECT_EQ(next->to, expected.transition.to);
  EXPECT_EQ(next->clears_active, expected.transition.clears_active);
  EXPECT_EQ(next->chains, expected.transition.chains);
  EXPECT_EQ(next->lost_lease, expected.transition.lost_lease);
}

TEST(NextAttemptState, FollowsTheTable) {
  for (const Row& row : Table()) {
    Check(row.state, AttemptEvent::kRenew, true, row.renew);
    Check(row.state, AttemptEvent::kRenew, false, row.renew_zero);
    for (const bool extend_positive : {true, false}) {
      Check(row.state, AttemptEvent::kExpire, extend_positive, row.expire);
      Check(row.state, AttemptEvent::kFinish, extend_positive, row.finish);
      Check(row.state, AttemptEvent::kFail, extend_positive, row.fail);
      Check(row.state, AttemptEvent::kRetry, extend_positive, row.retry);
    }
  }
}

TEST(NextAttemptState, OnlyTheActiveAttemptTouchesTheUnit) {
  for (const Row& row : Table()) {
    if (row.state.active) continue;
    for (int event = 0; event < 5; ++event) {
      const auto next = NextAttemptState(row.state, static_cast<AttemptEvent>(event));
      if (next.has_error()) continue;
      EXPECT_FALSE(next->clears_active);
      EXPECT_FALSE(next->chains);
    }
  }
}

TEST(VisibleStatus, ShowsALapsedAttemptExpired) {
  EXPECT_EQ(VisibleStatus({.stored = kPending}), kPending);
  EXPECT_EQ(VisibleStatus({.stored = kPending, .lapsed = true, .active = true}), kExpired);
  EXPECT_EQ(VisibleStatus({.stored = kFailed}), kFailed);
}

TEST(AttemptEventText, NamesEach) {
  EXPECT_EQ(ToText(AttemptEvent::kRenew), "renew");
  EXPECT_EQ(ToText(AttemptEvent::kExpire), "expire");
  EXPECT_EQ(ToText(AttemptEvent::kFinish), "finish");
  EXPECT_EQ(ToText(AttemptEvent::kFail), "fail");
  EXPECT_EQ(ToText(AttemptEvent::kRetry), "retry");
}

}  // namespace
}  // namespace coord

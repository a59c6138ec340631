// SPDX-License-Identifier: MIT
#include "coordinate/lease_watch.h"

#include <gtest/gtest.h>

namespace coordinate {
namespace {

using namespace std::chrono_literals;

constexpr Time kStart = Time(1h);

LeaseRules Rules(Duration max_unit_time = 0s) {
  return {
      .lifetime = 15min, .max_unit_time = max_unit_time, .stop_before = 30s, .fail_before = 15s};
}

TEST(LeaseWatch, AsksThirtySecondsBeforeTheEndAndFailsFifteenBefore) {
  LeaseWatch watch(Rules(), kStart, kStart + 15min);
  EXPECT_EQ(watch.Due(kStart), LeaseStep::kNone);
  EXPECT_EQ(watch.NextDue(), kStart + 15min - 30s);
  EXPECT_EQ(watch.Due(kStart + 15min - 30s - 1us), LeaseStep::kNone);
  EXPECT_EQ(watch.Due(kStart + 15min - 30s), LeaseStep::kAskToStop);
  EXPECT_EQ(watch.Due(kStart + 15min - 30s), LeaseStep::kNone);
  EXPECT_EQ(watch.NextDue(), kStart + 15min - 15s);
  EXPECT_EQ(watch.Due(kStart + 15min - 15s), LeaseStep::kFail);
  EXPECT_EQ(watch.Due(kStart + 15min), LeaseStep::kNone);
  EXPECT_EQ(watch.NextDue(), std::nullopt);
}

TEST(LeaseWatch, AShortLeaseIsNotOverAsItBegins) {
  LeaseWatch watch(Rules(), kStart, kStart + 12s);
  EXPECT_EQ(watch.Due(kStart + 5s), LeaseStep::kNone);
  EXPECT_EQ(watch.Due(kStart + 6s), LeaseStep::kAskToStop);
  EXPECT_EQ(watch.Due(kStart + 7s), LeaseStep::kNone);
  EXPECT_EQ(watch.Due(kStart + 8s), LeaseStep::kFail);
}

TEST(LeaseWatch, WhoComesLateFailsAtOnce) {
  LeaseWatch watch(Rules(), kStart, kStart + 15min);
  EXPECT_EQ(watch.Due(kStart + 1h), LeaseStep::kFail);
  EXPECT_EQ(watch.Due(kStart + 1h), LeaseStep::kNone);
}

TEST(LeaseWatch, RenewsAtHalfUntilTheUnitHasRunForTooLong) {
  LeaseWatch watch(Rules(20min), kStart, kStart + 15min);
  EXPECT_EQ(watch.NextDue(), kStart + 7min + 30s);
  EXPECT_EQ(watch.Due(kStart + 8min), LeaseStep::kRenew);
  // It has twelve minutes left, and is failed a little before the end.
  EXPECT_EQ(watch.Extension(kStart + 8min), 12min + 15s);
  watch.Renewed(kStart + 8min, kStart + 20min + 15s);
  // That is all that it may have.
  EXPECT_EQ(watch.NextDue(), kStart + 20min - 15s);
  EXPECT_EQ(watch.Due(kStart + 20min - 15s), LeaseStep::kAskToStop);
  EXPECT_EQ(watch.Due(kStart + 20min), LeaseStep::kFail);
}

TEST(LeaseWatch, ARenewalThatFailedIsTriedAgain) {
  LeaseWatch watch(Rules(1h), kStart, kStart + 15min);
  EXPECT_EQ(watch.Due(kStart + 8min), LeaseStep::kRenew);
  watch.PutOff(kStart + 9min);
  EXPECT_EQ(watch.Due(kStart + 9min - 1us), LeaseStep::kNone);
  EXPECT_EQ(watch.NextDue(), kStart + 9min);
  EXPECT_EQ(watch.Due(kStart + 9min), LeaseStep::kRenew);
  watch.PutOff(Time::max());
  EXPECT_EQ(watch.NextDue(), kStart + 15min - 30s);
}

TEST(LeaseWatch, ARenewedLeaseBeginsAnew) {
  LeaseWatch watch(Rules(), kStart, kStart + 15min);
  watch.Renewed(kStart + 14min, kStart + 29min);
  EXPECT_EQ(watch.NextDue(), kStart + 29min - 30s);
}

}  // namespace
}  // namespace coordinate

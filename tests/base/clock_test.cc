// SPDX-License-Identifier: MIT
#include "base/clock.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace coord {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

TEST(ClockTest, NoTimeIsEarlierThanEveryInstant) {
  EXPECT_LT(kNoTime, WallTime{});
  EXPECT_NE(kNoTime, WallTime{});
}

TEST(ClockTest, AddTimeStaysBetweenTheEpochAndTheLastInstant) {
  const WallTime noon{seconds(1000)};
  EXPECT_EQ(AddTime(noon, microseconds(1)), WallTime(seconds(1000) + microseconds(1)));
  EXPECT_EQ(AddTime(noon, seconds(-1)), WallTime(seconds(999)));
  EXPECT_EQ(AddTime(noon, seconds(-1001)), WallTime{});
  EXPECT_EQ(AddTime(kMaxTime, microseconds(1)), kMaxTime);
  EXPECT_EQ(AddTime(noon, Duration::max()), kMaxTime);
  EXPECT_EQ(AddTime(noon, Duration::min()), WallTime{});
}

TEST(ClockTest, ToUnixSecondsKeepsMicroseconds) {
  EXPECT_DOUBLE_EQ(ToUnixSeconds(WallTime(microseconds(1'500'001))), 1.500001);
  EXPECT_EQ(ToUnixSeconds(WallTime{}), 0.0);
}

TEST(ClockTest, FromSecondsRoundsAndClamps) {
  EXPECT_EQ(FromSeconds(1.5), microseconds(1'500'000));
  EXPECT_EQ(FromSeconds(0.0000014), microseconds(1));
  EXPECT_EQ(FromSeconds(-0.0000016), microseconds(-2));
  EXPECT_EQ(FromSeconds(1e300), FromSeconds(1e11));
  EXPECT_EQ(FromSeconds(std::numeric_limits<double>::infinity()), FromSeconds(1e11));
  EXPECT_EQ(FromSeconds(-std::numeric_limits<double>::infinity()), FromSeconds(-1e11));
  EXPECT_EQ(FromSeconds(std::nan("")), Duration(0));
}

TEST(ClockTest, ManualClockMovesOnlyWhenTold) {
  ManualClock clock;
  EXPECT_EQ(clock.Now(), WallTime{});
  clock.Advance(seconds(5));
  EXPECT_EQ(clock.Now(), WallTime(seconds(5)));
  clock.Set(WallTime(seconds(7)));
  EXPECT_EQ(clock.Now(), WallTime(seconds(7)));
}

TEST(ClockDeathTest, ManualClockDoesNotGoBack) {
  ManualClock clock;
  clock.Set(WallTime(seconds(7)));
  EXPECT_DEATH(clock.Set(WallTime(seconds(6))), "check failed");
  EXPECT_DEATH(clock.Advance(seconds(-1)), "check failed");
}

TEST(ClockTest, SystemClockNeverGoesBack) {
  SystemClock clock;
  WallTime last = clock.Now();
  EXPECT_GT(last, WallTime(seconds(1'600'000'000)));
  for (int i = 0; i < 1000; ++i) {
    const WallTime now = clock.Now();
    ASSERT_GE(now, last);
    last = now;
  }
}

}  // namespace
}  // namespace coord

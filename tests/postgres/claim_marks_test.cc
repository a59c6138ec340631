// SPDX-License-Identifier: MIT
#include "stores/postgres/claim_marks.h"

#include <gtest/gtest.h>

namespace coord {
namespace {

constexpr WallTime kStart{std::chrono::seconds(1'000'000)};

TEST(ClaimMarksTest, BeginAtTheFront) {
  const ClaimMarks marks;
  EXPECT_EQ(marks.Of(1), nullptr);
}

TEST(ClaimMarksTest, StandWhereTheLastClaimEnded) {
  ClaimMarks marks;
  marks.Advance(1, -5.0, "a");
  marks.Advance(1, -3.0, "b");
  ASSERT_NE(marks.Of(1), nullptr);
  EXPECT_EQ(marks.Of(1)->order, -3.0);
  EXPECT_EQ(marks.Of(1)->name, "b");
  EXPECT_EQ(marks.Of(2), nullptr);
}

TEST(ClaimMarksTest, GoBackBeforeAllOfTheSameOrder) {
  ClaimMarks marks;
  marks.Advance(1, -3.0, "b");
  marks.SetBack(1, -3.0);
  EXPECT_LT(marks.Of(1)->order, -3.0);
}

TEST(ClaimMarksTest, DoNotMoveForUnitsBehindThem) {
  ClaimMarks marks;
  marks.Advance(1, -3.0, "b");
  marks.SetBack(1, -2.0);
  EXPECT_EQ(marks.Of(1)->order, -3.0);
  EXPECT_EQ(marks.Of(1)->name, "b");
}

TEST(ClaimMarksTest, AreTrustedForSomeSecondsOnly) {
  ClaimMarks marks;
  marks.Refresh(kStart);
  marks.Advance(1, -3.0, "b");
  marks.Refresh(AddTime(kStart, std::chrono::seconds(4)));
  EXPECT_NE(marks.Of(1), nullptr);
  marks.Refresh(AddTime(kStart, std::chrono::seconds(5)));
  EXPECT_EQ(marks.Of(1), nullptr);
}

TEST(SetBacksTest, TheFirstPlaceWins) {
  SetBacks all{{1, 2.0}, {2, 5.0}};
  MergeSetBacks(all, {{1, 1.0}, {2, 7.0}, {3, 0.0}});
  EXPECT_EQ(all, (SetBacks{{1, 1.0}, {2, 5.0}, {3, 0.0}}));
}

}  // namespace
}  // namespace coord

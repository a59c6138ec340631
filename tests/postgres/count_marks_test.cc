// SPDX-License-Identifier: MIT
#include "stores/postgres/count_marks.h"

#include <gtest/gtest.h>

namespace coord {
namespace {

constexpr std::int64_t kLongAfter = 100'000;  // transactions

TEST(CountMarksTest, AtFirstAllRowsCount) {
  CountMarks marks;
  marks.NoteSeen(1, 40, kLongAfter);
  EXPECT_EQ(marks.Of(1), 0);
}

TEST(CountMarksTest, MoveToTheFoldedRow) {
  CountMarks marks;
  marks.NoteFolded(1, 200, 7);
  marks.NoteSeen(1, 200, 7 + kLongAfter);
  EXPECT_EQ(marks.Of(1), 200);
}

TEST(CountMarksTest, WaitForTransactionsThatBeganBefore) {
  CountMarks marks;
  marks.NoteFolded(1, 200, 7);
  marks.NoteSeen(1, 200, 8);
  EXPECT_EQ(marks.Of(1), 0);
}

TEST(CountMarksTest, DoNotPassARowThatCameLate) {
  CountMarks marks;
  marks.NoteFolded(1, 200, 7);
  marks.NoteSeen(1, 150, 7 + kLongAfter);
  EXPECT_EQ(marks.Of(1), 150);
}

TEST(CountMarksTest, DoNotPassTheirOwnFoldingWhenAnotherFoldedAfterIt) {
  CountMarks marks;
  marks.NoteFolded(1, 200, 7);
  marks.NoteSeen(1, 900, 7 + kLongAfter);
  EXPECT_EQ(marks.Of(1), 200);
}

TEST(CountMarksTest, AFoldingThatIsNotSettledIsNotForgotten) {
  CountMarks marks;
  marks.NoteFolded(1, 200, 7);
  marks.NoteFolded(1, 400, 500);
  marks.NoteSeen(1, 400, 7 + kLongAfter);
  EXPECT_EQ(marks.Of(1), 200);
}

}  // namespace
}  // namespace coord

// SPDX-License-Identifier: MIT
#include "stores/postgres/retention_marks.h"

#include <gtest/gtest.h>

namespace coord {
namespace {

constexpr WallTime kStart{std::chrono::seconds(1'000'000)};
constexpr auto kFinished = WorkUnitStatus::kFinished;
constexpr auto kFailed = WorkUnitStatus::kFailed;

TEST(RetentionMarksTest, AreOfOneStatusOfOneGeneration) {
  RetentionMarks marks;
  marks.Set(1, kFinished, kStart);
  EXPECT_EQ(marks.Of(1, kFinished), kStart);
  EXPECT_EQ(marks.Of(1, kFailed), kNoTime);
  EXPECT_EQ(marks.Of(2, kFinished), kNoTime);
}

TEST(RetentionMarksTest, AreDroppedWhereUnitsComeThatEndedBefore) {
  RetentionMarks marks;
  marks.Set(1, kFinished, kStart);
  marks.Set(1, kFailed, kStart);
  marks.Set(2, kFailed, kStart);
  marks.Drop(1);
  EXPECT_EQ(marks.Of(1, kFinished), kNoTime);
  EXPECT_EQ(marks.Of(1, kFailed), kNoTime);
  EXPECT_EQ(marks.Of(2, kFailed), kStart);
}

TEST(RetentionMarksTest, AreTrustedForSomeSecondsOnly) {
  RetentionMarks marks;
  marks.Refresh(kStart);
  marks.Set(1, kFinished, kStart);
  marks.Refresh(AddTime(kStart, std::chrono::seconds(4)));
  EXPECT_EQ(marks.Of(1, kFinished), kStart);
  marks.Refresh(AddTime(kStart, std::chrono::seconds(5)));
  EXPECT_EQ(marks.Of(1, kFinished), kNoTime);
}

}  // namespace
}  // namespace coord

// SPDX-License-Identifier: MIT
#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace coord {
namespace {

Result<int> Half(int number) {
  if (number % 2 != 0) return InvalidError("odd");
  return number / 2;
}

Result<int> Quarter(int number) {
  COORD_TRY(half, Half(number));
  return Half(half);
}

Result<void> CheckEven(int number) {
  if (number % 2 != 0) return InvalidError("odd");
  return {};
}

Result<std::string> DescribeEven(int number) {
  COORD_TRY_VOID(CheckEven(number));
  return std::string("even");
}

Result<std::unique_ptr<int>> MakeOwned(int number) { return std::make_unique<int>(number); }

Result<int> TakeOwned() {
  COORD_TRY(owned, MakeOwned(7));
  const std::unique_ptr<int> mine = std::move(owned);
  return *mine;
}

TEST(ResultTest, HoldsAValueOrAnError) {
  ASSERT_TRUE(Half(4).has_value());
  EXPECT_EQ(*Half(4), 2);
  ASSERT_TRUE(Half(3).has_error());
  EXPECT_EQ(Half(3).error().detail, "odd");
}

TEST(ResultTest, TryPassesErrorsOnAndYieldsValues) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_EQ(Quarter(6).error().detail, "odd");
  EXPECT_EQ(Quarter(7).error().detail, "odd");
}

TEST(ResultTest, TryVoidPassesErrorsOn) {
  EXPECT_EQ(*DescribeEven(2), "even");
  EXPECT_EQ(DescribeEven(1).error().code, ErrorCode::kInvalid);
}

TEST(ResultTest, ValuesThatOnlyMoveWork) { EXPECT_EQ(*TakeOwned(), 7); }

TEST(ResultTest, AnErrorCanBeDroppedWithAReason) { IgnoreError(CheckEven(1), "a test of it"); }

TEST(ResultDeathTest, AskingAnErrorForItsValueIsABug) { EXPECT_DEATH(Half(3).value(), "odd"); }

}  // namespace
}  // namespace coord

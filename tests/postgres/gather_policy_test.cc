// SPDX-License-Identifier: MIT
#include "stores/postgres/gather_policy.h"

#include <gtest/gtest.h>

namespace coord {
namespace {

using std::chrono::microseconds;

constexpr WallTime kStart{std::chrono::seconds(1'000'000)};
constexpr Duration kTook = microseconds(2'000);

TEST(GatherPolicyTest, AtFirstNothingIsWaitedFor) {
  GatherPolicy policy;
  EXPECT_EQ(policy.Next(kStart, 1).patience, Duration(0));
}

TEST(GatherPolicyTest, WaitsForThoseWhoWereAnsweredForAPartOfTheLastTransaction) {
  GatherPolicy policy;
  policy.NoteAnswered(kStart, 32, kTook, 30);
  const GatherPolicy::Plan plan = policy.Next(kStart, 30);
  EXPECT_EQ(plan.commands, 62U);
  EXPECT_EQ(plan.patience, kTook / 2);
}

TEST(GatherPolicyTest, WhatHasPassedSinceTheAnswersCounts) {
  GatherPolicy policy;
  policy.NoteAnswered(kStart, 32, kTook, 0);
  EXPECT_EQ(policy.Next(AddTime(kStart, microseconds(600)), 1).patience, microseconds(400));
  EXPECT_EQ(policy.Next(AddTime(kStart, microseconds(1'000)), 1).patience, Duration(0));
}

TEST(GatherPolicyTest, ALongTransactionIsNoReasonForALongWait) {
  GatherPolicy policy;
  policy.NoteAnswered(kStart, 32, std::chrono::seconds(5), 30);
  EXPECT_EQ(policy.Next(kStart, 30).patience, std::chrono::milliseconds(2));
}

TEST(GatherPolicyTest, ASingleClientIsNotHeldUp) {
  GatherPolicy policy;
  policy.NoteAnswered(kStart, 1, kTook, 0);
  EXPECT_EQ(policy.Next(kStart, 1).patience, Duration(0));
}

TEST(GatherPolicyTest, WhatHasNoCommandsDoesNotWait) {
  GatherPolicy policy;
  policy.NoteAnswered(kStart, 8, kTook, 0);
  EXPECT_EQ(policy.Next(kStart, 0).patience, Duration(0));
}

// How many of `transactions` wait, where of 10 that were answered `come` come back in time.
int Waits(int transactions, std::size_t come) {
  GatherPolicy policy;
  int waits = 0;
  for (int i = 0; i < transactions; ++i) {
    policy.NoteAnswered(kStart, 10, kTook, 1);
    if (policy.Next(kStart, 1).patience == Duration(0)) continue;
    ++waits;
    policy.NoteGathered(1 + come);
  }
  return waits;
}

TEST(GatherPolicyTest, ThoseWhoComeBackAreWaitedForEachTime) {
  EXPECT_EQ(Waits(100, 10), 100);
  EXPECT_EQ(Waits(100, 5), 100);
}

TEST(GatherPolicyTest, ThoseWhoDoNotComeBackAreSeldomWaitedFor) {
  // After 2, 4, 8, 16, 32, 64, 64, … that do not wait.
  EXPECT_EQ(Waits(1'000, 4), 6 + 13 + 1);
}

TEST(GatherPolicyTest, OneSuccessMakesItWaitEachTimeAgain) {
  GatherPolicy policy;
  const auto next = [&] {
    policy.NoteAnswered(kStart, 10, kTook, 0);
    return policy.Next(kStart, 1).patience > Duration(0);
  };
  ASSERT_TRUE(next());
  policy.NoteGathered(1);
  EXPECT_FALSE(next());
  EXPECT_FALSE(next());
  ASSERT_TRUE(next());
  policy.NoteGathered(10);
  EXPECT_TRUE(next());
}

}  // namespace
}  // namespace coord

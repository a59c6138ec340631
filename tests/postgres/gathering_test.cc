// SPDX-License-Identifier: MIT
#include "stores/postgres/gathering.h"

#include <gtest/gtest.h>

#include <thread>

namespace coord {
namespace {

// Longer than any test lasts, so that one that waits for it fails by its time limit.
constexpr Duration kForEver = std::chrono::hours(1);

TEST(GatheringTest, OneThatWasNotOpenedTakesNothingAndDoesNotWait) {
  Gathering gathering;
  EXPECT_FALSE(gathering.Add([]() -> std::size_t {
    ADD_FAILURE() << "added";
    return 0;
  }));
  gathering.Close();
}

TEST(GatheringTest, EnoughEndsTheWait) {
  Gathering gathering;
  gathering.Open(3, kForEver);
  std::size_t count = 1;
  std::size_t seen = 0;
  std::thread other([&] {
    gathering.Close();
    seen = count;
  });
  EXPECT_TRUE(gathering.Add([&] { return ++count; }));
  EXPECT_TRUE(gathering.Add([&] { return ++count; }));
  other.join();
  EXPECT_EQ(seen, 3U);
}

TEST(GatheringTest, NothingIsAddedOnceTheOtherThreadHasBegun) {
  Gathering gathering;
  gathering.Open(3, std::chrono::milliseconds(1));
  gathering.Close();
  EXPECT_FALSE(gathering.Add([]() -> std::size_t {
    ADD_FAILURE() << "added";
    return 0;
  }));
}

}  // namespace
}  // namespace coord

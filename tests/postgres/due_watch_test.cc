// SPDX-License-Identifier: MIT
#include "stores/postgres/due_watch.h"

#include <gtest/gtest.h>

namespace coord {
namespace {

constexpr WallTime kStart{std::chrono::seconds(1'000'000)};

WallTime After(int seconds) { return AddTime(kStart, std::chrono::seconds(seconds)); }

TEST(DueWatchTest, LooksAtOnce) { EXPECT_TRUE(DueWatch().MustLook(kStart)); }

TEST(DueWatchTest, LooksWhenSomethingIsDue) {
  DueWatch watch;
  watch.Set(kStart, {After(3), kNoTime});
  EXPECT_FALSE(watch.MustLook(After(2)));
  EXPECT_TRUE(watch.MustLook(After(3)));
}

TEST(DueWatchTest, KnowsWhatThisDaemonWrites) {
  DueWatch watch;
  watch.Set(kStart, {After(3), kNoTime});
  watch.NoteUnits(After(1));
  watch.NoteUnits(After(2));
  watch.NoteUnits(kNoTime);
  watch.NoteWorkers(After(9));
  EXPECT_EQ(watch.due().units, After(1));
  EXPECT_EQ(watch.due().workers, After(9));
}

TEST(DueWatchTest, AsksNowAndThenForWhatOthersWrote) {
  DueWatch watch;
  watch.Set(kStart, {});
  EXPECT_FALSE(watch.MustLook(After(4)));
  EXPECT_TRUE(watch.MustLook(After(5)));
}

}  // namespace
}  // namespace coord

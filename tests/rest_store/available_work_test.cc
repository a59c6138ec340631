// SPDX-License-Identifier: MIT
// When the other daemon is looked at, and what those who wait are told.
#include "stores/rest/available_work.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coord {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

constexpr WallTime kNow = WallTime(std::chrono::seconds(1'000));

class AvailableWorkTest : public ::testing::Test {
 protected:
  std::vector<std::string> Visit(bool again = false) {
    std::vector<std::string> specs;
    work_.Visit(kNow, [&](const WorkAvailable& work) {
      specs.emplace_back(work.spec);
      return again;
    });
    return specs;
  }
  void See(std::vector<std::string> specs, std::uint64_t available) {
    std::vector<SpecSeen> seen;
    for (std::string& spec : specs) seen.push_back({"n", std::move(spec), {}, {available, 0}});
    work_.Take({"n"}, std::move(seen));
  }

  AvailableWork work_;
};

TEST_F(AvailableWorkTest, NobodyLooksWhileNobodyAsks) {
  EXPECT_THAT(work_.NamespacesToSee(kNow), IsEmpty());
  for (int looks = 0; looks < 10; ++looks) {
    work_.NoteChange("n", kNow);
    EXPECT_THAT(work_.NamespacesToSee(kNow), ElementsAre("n"));
  }
  work_.NoteChange("n", kNow);
  EXPECT_THAT(work_.NamespacesToSee(kNow), IsEmpty());
  EXPECT_EQ(work_.NextLook(kNow), kNow + 10s);
  Visit();
  EXPECT_THAT(work_.NamespacesToSee(kNow), ElementsAre("n"));
}

TEST_F(AvailableWorkTest, LooksOnceASecondWhereSomebodyWaits) {
  work_.NoteNothing("n", kNow);
  EXPECT_THAT(work_.NamespacesToSee(kNow), ElementsAre("n"));
  Visit();
  EXPECT_THAT(work_.NamespacesToSee(kNow + 999ms), IsEmpty());
  EXPECT_EQ(work_.NextLook(kNow + 999ms), kNow + 1s);
  EXPECT_THAT(work_.NamespacesToSee(kNow + 1s), ElementsAre("n"));
  Visit();
  EXPECT_THAT(work_.NamespacesToSee(kNow + 1h), IsEmpty());
}

TEST_F(AvailableWorkTest, TellsOfEachSpecOnce) {
  See({"s", "t"}, 2);
  EXPECT_THAT(Visit(/*again=*/true), ElementsAre("s", "t"));
  EXPECT_THAT(Visit(), ElementsAre("s", "t"));
  EXPECT_THAT(Visit(), IsEmpty());
  See({"s"}, 1);
  EXPECT_THAT(Visit(), ElementsAre("s"));
  See({"s"}, 0);
  EXPECT_THAT(Visit(), IsEmpty());
}

}  // namespace
}  // namespace coord

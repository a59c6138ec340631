// SPDX-License-Identifier: MIT
#include "domain/scheduler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string>
#include <vector>

namespace coord {
namespace {

using std::chrono::seconds;

constexpr WallTime kNow = WallTime(seconds(1000));

TEST(MadeUpUnitName, IsTheSecondAndANumberWhereThatIsTaken) {
  std::set<std::string, std::less<>> taken;
  const auto next = [&](WallTime now) {
    return MadeUpUnitName(now, [&](std::string_view name) { return taken.contains(name); });
  };
  for (const char* const name : {"1000", "1000-2", "1000-3", "1000-4", "1000-5", "1000-6"}) {
    EXPECT_EQ(next(kNow + std::chrono::microseconds(999'999)), name);
    taken.insert(name);
  }
  EXPECT_EQ(next(kNow + seconds(1)), "1001");
  taken.erase("1000");
  EXPECT_EQ(next(kNow), "1000");
}

TEST(MadeUpUnitName, AsksSeldomHoweverManyWereMadeUpInASecond) {
  constexpr int kTaken = 100'000;
  int asked = 0;
  const std::string name = MadeUpUnitName(kNow, [&](std::string_view asked_for) {
    ++asked;
    const std::string number(asked_for.substr(std::min<std::size_t>(asked_for.size(), 5)));
    return number.empty() || std::stoi(number) <= kTaken;
  });
  EXPECT_EQ(name, "1000-100001");
  EXPECT_LT(asked, 50);
}

TEST(PassesFilter, ByNameRuntimeAndMemory) {
  WorkSpecMeta meta;
  meta.runtime = "go";
  meta.min_memory_gb = 2.5;
  const std::array<std::string_view, 2> names = {"a", "unknown"};
  const std::array<std::string_view, 2> runtimes = {"", "go"};
  const std::array<std::string_view, 1> other_runtimes = {""};
  EXPECT_TRUE(PassesFilter("a", meta, {}));
  EXPECT_TRUE(PassesFilter("a", meta, {.work_spec_names = names, .runtimes = {}}));
  EXPECT_FALSE(PassesFilter("b", meta, {.work_spec_names = names, .runtimes = {}}));
  EXPECT_TRUE(PassesFilter("b", meta, {.work_spec_names = {}, .runtimes = runtimes}));
  EXPECT_FALSE(PassesFilter("b", meta, {.work_spec_names = {}, .runtimes = other_runtimes}));
  const auto with_memory = [](double gb) {
    return WorkFilter{.work_spec_names = {}, .runtimes = {}, .available_memory_gb = gb};
  };
  EXPECT_TRUE(PassesFilter("a", meta, with_memory(2.5)));
  EXPECT_TRUE(PassesFilter("a", meta, with_memory(0)));
  EXPECT_FALSE(PassesFilter("a", meta, with_memory(2.4)));
}

TEST(CanGiveWork, NeedsAvailableUnits) {
  WorkSpecMeta meta;
  EXPECT_TRUE(CanGiveWork(meta, {.available = 1}, kNow));
  EXPECT_FALSE(CanGiveWork(meta, {.available = 0, .pending = 5}, kNow));
  meta.paused = true;
  EXPECT_FALSE(CanGiveWork(meta, {.available = 1}, kNow));
  meta.paused = false;
  for (const std::int64_t weight : {0, -1}) {
    meta.weight = weight;
    EXPECT_FALSE(CanGiveWork(meta, {.available = 1}, kNow));
  }
}

TEST(CanGiveWork, StopsAtMaxRunning) {
  WorkSpecMeta meta;
  meta.max_running = 2;
  EXPECT_TRUE(CanGiveWork(meta, {.available = 1, .pending = 1}, kNow));
  EXPECT_FALSE(CanGiveWork(meta, {.available = 1, .pending = 2}, kNow));
  EXPECT_FALSE(CanGiveWork(meta, {.available = 1, .pending = 3}, kNow));
}

TEST(CanMakeContinuous, WhenIdleAndDue) {
  WorkSpecMeta meta;
  EXPECT_FALSE(CanMakeContinuous(meta, {}, kNow));
  meta.continuous = true;
  EXPECT_TRUE(CanMakeContinuous(meta, {}, kNow));
  EXPECT_TRUE(CanGiveWork(meta, {}, kNow));
  EXPECT_FALSE(CanMakeContinuous(meta, {.available = 1}, kNow));
  EXPECT_FALSE(CanMakeContinuous(meta, {.available = 0, .pending = 1}, kNow));
  meta.next_continuous = kNow + Duration(1);
  EXPECT_FALSE(CanMakeContinuous(meta, {}, kNow));
  EXPECT_FALSE(CanGiveWork(meta, {}, kNow));
  meta.next_continuous = kNow;
  EXPECT_TRUE(CanMakeContinuous(meta, {}, kNow));
  meta.paused = true;
  EXPECT_FALSE(CanGiveWork(meta, {}, kNow));
}

TEST(UnitsToTake, IsTheLeastOfTheLimits) {
  struct Case {
    std::uint64_t asked, max_returned, max_running, pending, units;
  };
  const std::vector<Case> cases = {
      {0, 0, 0, 0, 1},    {1, 0, 0, 9, 1},  {100, 0, 0, 9, 100}, {100, 50, 0, 0, 50},
      {10, 50, 0, 0, 10}, {10, 0, 4, 0, 4}, {10, 0, 4, 3, 1},    {10, 0, 4, 4, 0},
      {10, 0, 4, 5, 0},   {10, 2, 4, 1, 2}, {10, 3, 4, 2, 2},    {UINT64_MAX, 0, 0, 0, UINT64_MAX},
  };
  for (const Case& c : cases) {
    WorkSpecMeta meta;
    meta.max_attempts_returned = c.max_returned;
    meta.max_running = c.max_running;
    EXPECT_EQ(UnitsToTake(c.asked, meta, c.pending), c.units)
        << c.asked << " " << c.max_returned << " " << c.max_running << " " << c.pending;
  }
}

// How far a generator was used, told by its next draw.
bool Untouched(Rng& rng, std::uint64_t seed) { return rng.Next() == Rng(seed).Next(); }

TEST(ChooseSpec, DoesNotDrawWithoutAChoice) {
  Rng rng(1);
  const std::vector<SpecCandidate> one = {{.weight = 1, .pending = 1000}};
  EXPECT_EQ(ChooseSpec(one, rng), 0U);
  const std::vector<SpecCandidate> priorities = {{.priority = -1, .weight = 100},
                                                 {.priority = 3, .weight = 1, .pending = 50},
                                                 {.weight = 100}};
  EXPECT_EQ(ChooseSpec(priorities, rng), 1U);
  // Scores: 20*13 - 40*12 < 0 and 20*13 > 0.
  const std::vector<SpecCandidate> shares = {{.weight = 20, .pending = 12}, {.weight = 20}};
  EXPECT_EQ(ChooseSpec(shares, rng), 1U);
  EXPECT_TRUE(Untouched(rng, 1));
}

TEST(ChooseSpec, DrawsInProportionToTheScores) {
  // P = 3, W = 10: the scores are 6*4 - 10*2 = 4, 3*4 - 10*1 = 2 and 1*4 = 4.
  const std::vector<SpecCandidate> candidates = {
      {.weight = 6, .pending = 2},
      {.priority = -5, .weight = 1'000'000},
      {.weight = 3, .pending = 1},
      {.weight = 1, .pending = 0},
  };
  Rng rng(7);
  Rng same(7);
  std::array<int, 4> chosen{};
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t draw = same.Below(10);
    const std::size_t expected = draw < 4 ? 0 : draw < 6 ? 2 : 3;
    const std::size_t index = ChooseSpec(candidates, rng);
    ASSERT_EQ(index, expected);
    ++chosen[index];
  }
  EXPECT_GT(chosen[0], 0);
  EXPECT_EQ(chosen[1], 0);
  EXPECT_GT(chosen[2], 0);
  EXPECT_GT(chosen[3], 0);
}

TEST(ChooseSpec, DropsScoresOfZero) {
  // P = 2, W = 3: the scores are 1*3 - 3*1 = 0, 1*3 - 3*1 = 0 and 1*3 = 3.
  const std::vector<SpecCandidate> candidates = {
      {.weight = 1, .pending = 1}, {.weight = 1, .pending = 1}, {.weight = 1, .pending = 0}};
  Rng rng(3);
  EXPECT_EQ(ChooseSpec(candidates, rng), 2U);
}

TEST(ChooseSpec, SurvivesTheLargestNumbers) {
  std::vector<SpecCandidate> candidates(1000, {.weight = kWeightBound, .pending = UINT64_MAX / 2});
  candidates[500].pending = 0;
  candidates[700].pending = UINT64_MAX / 4;
  Rng rng(5);
  std::array<int, 2> chosen{};
  for (int i = 0; i < 100; ++i) {
    const std::size_t index = ChooseSpec(candidates, rng);
    ASSERT_TRUE(index == 500 || index == 700) << index;
    ++chosen[index == 700 ? 1 : 0];
  }
  EXPECT_GT(chosen[0], chosen[1]);
  EXPECT_GT(chosen[1], 0);
}

// A fixed seed and a fixed number of rounds: workers take units until there are as many pending
// as there are slots, and random ones end.
TEST(ChooseSpec, PendingApproachesTheWeightsAndNothingStarves) {
  constexpr int kSlots = 120;
  std::vector<SpecCandidate> candidates = {{.weight = 1}, {.weight = 20}, {.weight = 39}};
  std::array<double, 3> pending_sum{};
  std::array<int, 3> given{};
  Rng rng(42);
  std::vector<std::size_t> running;
  constexpr int kRounds = 20'000;
  for (int round = 0; round < kRounds; ++round) {
    if (running.size() == kSlots) {
      const auto done = running.begin() + static_cast<std::ptrdiff_t>(rng.Below(kSlots));
      --candidates[*done].pending;
      *done = running.back();
      running.pop_back();
    }
    const std::size_t index = ChooseSpec(candidates, rng);
    ++candidates[index].pending;
    ++given[index];
    running.push_back(index);
    for (std::size_t i = 0; i < 3; ++i) {
      pending_sum[i] += static_cast<double>(candidates[i].pending);
    }
  }
  for (std::size_t i = 0; i < 3; ++i) {
    const double share = static_cast<double>(candidates[i].weight) / 60 * kSlots;
    EXPECT_NEAR(pending_sum[i] / kRounds, share, 0.05 * share + 1) << i;
    EXPECT_GT(given[i], 0) << i;
  }
}

}  // namespace
}  // namespace coord

// SPDX-License-Identifier: MIT
#include "stores/postgres/job_parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string_view>

namespace coord {
namespace {

using ::testing::ElementsAre;

class Nobody final : public OutcomeSink {
  void OnOutcome(std::uint64_t, const Outcome&) override {}
};

class DivideJobTest : public ::testing::Test {
 protected:
  void Ask(std::size_t sink, Command command, Duration wait = Duration(0)) {
    job_.push_back({std::move(command), {}, &sinks_[sink], job_.size(), wait});
  }
  void AskForWork(std::size_t sink, std::uint64_t units) {
    RequestWork request;
    request.count = units;
    Ask(sink, request);
  }

  // The places of the commands of both parts; nothing: not divided.
  struct Places {
    std::vector<std::uint64_t> first;
    std::vector<std::uint64_t> second;
  };
  std::optional<Places> Divide(std::size_t from) {
    const auto parts = DivideJob(job_, from);
    if (!parts) return std::nullopt;
    Places places;
    for (const Submission& one : parts->first) places.first.push_back(one.token);
    for (const Submission& one : parts->second) places.second.push_back(one.token);
    return places;
  }

  std::array<Nobody, 8> sinks_;
  std::vector<Submission> job_;
};

TEST_F(DivideJobTest, FewUnitsAreNotDivided) {
  AskForWork(0, 100);
  AskForWork(1, 99);
  EXPECT_FALSE(Divide(200).has_value());
  AskForWork(1, 1);
  EXPECT_TRUE(Divide(200).has_value());
}

TEST_F(DivideJobTest, BothPartsGetAboutTheSame) {
  for (std::size_t sink = 0; sink < 4; ++sink) AskForWork(sink, 100);
  const auto places = Divide(200);
  ASSERT_TRUE(places.has_value());
  EXPECT_THAT(places->first, ElementsAre(0, 2));
  EXPECT_THAT(places->second, ElementsAre(1, 3));
}

TEST_F(DivideJobTest, AllOfOneSinkStayTogetherAndInOrder) {
  const std::array<WorkUnitUpdate, 3> updates;
  AskForWork(0, 1);
  AskForWork(1, 1);
  Ask(0, UpdateWorkUnits{updates});
  Ask(1, AddWorkUnits{});
  AskForWork(1, 2);
  AskForWork(0, 5);
  const auto places = Divide(2);
  ASSERT_TRUE(places.has_value());
  EXPECT_THAT(places->first, ElementsAre(0, 2, 5));
  EXPECT_THAT(places->second, ElementsAre(1, 3, 4));
}

TEST_F(DivideJobTest, OneThatAsksForMoreThanUnitsIsInTheFirstPart) {
  AskForWork(0, 10);
  AskForWork(1, 10);
  Ask(1, GetSummary{});
  const auto places = Divide(2);
  ASSERT_TRUE(places.has_value());
  EXPECT_THAT(places->first, ElementsAre(1, 2));
  EXPECT_THAT(places->second, ElementsAre(0));
}

TEST_F(DivideJobTest, WhereOneSinkHasMostOfItItIsNotDivided) {
  AskForWork(0, 1'000);
  AskForWork(1, 10);
  EXPECT_FALSE(Divide(200).has_value());
}

// The Dispatcher has taken the place of its sink.
TEST_F(DivideJobTest, ARequestThatMayWaitFollowsTheCommandBeforeIt) {
  constexpr std::size_t kRelay = 7;
  AskForWork(0, 10);
  AskForWork(1, 10);
  Ask(kRelay, RequestWork{}, std::chrono::seconds(1));
  AskForWork(2, 10);
  Ask(kRelay, RequestWork{}, std::chrono::seconds(1));
  const auto places = Divide(2);
  ASSERT_TRUE(places.has_value());
  EXPECT_THAT(places->first, ElementsAre(0, 3, 4));
  EXPECT_THAT(places->second, ElementsAre(1, 2));
}

}  // namespace
}  // namespace coord

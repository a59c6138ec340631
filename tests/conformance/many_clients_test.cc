// SPDX-License-Identifier: MIT
// What many clients ask for at the same time.
#include <algorithm>
#include <deque>
#include <set>

#include "suite.h"

namespace coord::testing {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace {

constexpr int kClients = 12;
constexpr int kUnitsEach = 5;
constexpr int kUnits = kClients * kUnitsEach;

std::string Numbered(const std::string& what, int number) {
  return what + std::to_string(1'000 + number);
}

std::set<std::string> NamesOf(const std::vector<OwnedWork>& works) {
  std::set<std::string> names;
  for (const OwnedWork& work : works) {
    for (const OwnedGrant& unit : work.units) {
      EXPECT_TRUE(names.insert(unit.name).second) << unit.name << " was given out twice";
    }
  }
  return names;
}

}  // namespace

void ManyClientsTest::GivenUnits(int count, const Map& keys) {
  GivenSpec(keys);
  std::vector<NewUnit> units;
  for (int i = 0; i < count; ++i) units.push_back({.name = Numbered("u", i)});
  client().Add("s", units);
}

std::vector<OwnedWork> ManyClientsTest::AllRequest(std::uint64_t count) {
  Keeper keeper;
  std::vector<Command> commands;
  for (int i = 0; i < kClients; ++i) {
    commands.emplace_back(keeper.Keep(Ask{.worker = Numbered("w", i), .count = count}));
  }
  std::vector<OwnedWork> works;
  for (const OwnedOutcome& outcome : client().RunAsMany(std::move(commands))) {
    works.push_back(std::get<OwnedWork>(outcome));
  }
  return works;
}

int ManyClientsTest::AllChange(const std::vector<OwnedWork>& works, AttemptEvent event) {
  std::deque<std::vector<AttemptChange>> changes;
  std::vector<Command> commands;
  for (const OwnedWork& work : works) {
    std::vector<AttemptChange>& mine = changes.emplace_back();
    for (const OwnedGrant& unit : work.units) {
      mine.push_back({.key = {"s", unit.name, unit.attempt}, .event = event});
    }
    commands.emplace_back(ChangeAttempts{mine});
  }
  int granted = 0;
  for (const OwnedOutcome& outcome : client().RunAsMany(std::move(commands))) {
    const auto& failures = std::get<OwnedResults>(outcome);
    granted += static_cast<int>(std::count_if(failures.begin(), failures.end(),
                                              [](const auto& one) { return !one.has_value(); }));
  }
  return granted;
}

// C-MANY-01 C-MANY-02
TEST_P(ManyClientsTest, EachUnitIsGivenToOneOfThemAndCountedOnce) {
  GivenUnits(kUnits + 1);
  const std::vector<OwnedWork> works = AllRequest(kUnitsEach);
  EXPECT_THAT(NamesOf(works), SizeIs(kUnits));
  for (const OwnedWork& work : works) EXPECT_THAT(work.units, SizeIs(kUnitsEach));
  EXPECT_EQ(client().Counts("s")[IndexOf(kPending)], kUnits);
  EXPECT_EQ(client().Counts("s")[IndexOf(kAvailable)], 1U);

  EXPECT_EQ(AllChange(works, AttemptEvent::kFinish), kUnits);
  EXPECT_EQ(client().Counts("s")[IndexOf(kFinished)], kUnits);
  EXPECT_EQ(client().Counts("s")[IndexOf(kPending)], 0U);
  EXPECT_THAT(client().RequestNames({.count = 5}), ElementsAre(Numbered("u", kUnits)));
}

// C-MANY-01
TEST_P(ManyClientsTest, WhatDoesNotDoForAllIsGivenOut) {
  GivenUnits(kUnits - 7);
  EXPECT_THAT(NamesOf(AllRequest(kUnitsEach)), SizeIs(kUnits - 7));
  EXPECT_EQ(client().Counts("s")[IndexOf(kAvailable)], 0U);
}

// C-MANY-03
TEST_P(ManyClientsTest, WhatTheyGiveBackIsThereForAllInItsOrder) {
  GivenUnits(3 * kUnits);
  const std::vector<OwnedWork> works = AllRequest(kUnitsEach);
  const std::set<std::string> given = NamesOf(works);
  EXPECT_EQ(AllChange(works, AttemptEvent::kExpire), kUnits);
  const Strings first = client().RequestNames({.count = 3});
  EXPECT_THAT(first, ElementsAre(Numbered("u", 0), Numbered("u", 1), Numbered("u", 2)));
  std::set<std::string> again = NamesOf(AllRequest(kUnitsEach));
  again.insert(first.begin(), first.end());
  for (const std::string& name : given) EXPECT_TRUE(again.contains(name)) << name;
}

// C-MANY-03
TEST_P(ManyClientsTest, LeasesOfAllOfThemEnd) {
  GivenUnits(kUnits);
  AllRequest(kUnitsEach);
  Advance(15min);
  EXPECT_THAT(NamesOf(AllRequest(kUnitsEach)), SizeIs(kUnits));
}

// C-MANY-04
TEST_P(ManyClientsTest, AllWorkersAreKnownToHaveAsked) {
  GivenUnits(kUnits);
  AllRequest(1);
  Advance(1s);
  AllRequest(1);
  for (int i = 0; i < kClients; ++i) {
    const auto worker = client().FindWorker(Numbered("w", i));
    ASSERT_TRUE(worker.has_value());
    EXPECT_EQ(When(worker->last_update), When(now()));
    EXPECT_THAT(client().WorkerAttemptsOf(worker->name), SizeIs(2));
  }
}

// C-MANY-02
TEST_P(ManyClientsTest, WhatTheyAddIsThereOnce) {
  GivenSpec();
  Keeper keeper;
  std::vector<Command> commands;
  for (int i = 0; i < kClients; ++i) {
    // Each adds units of its own and one that all of them add.
    const std::vector<NewUnit> units = {{.name = Numbered("a", i)}, {.name = "shared"}};
    commands.emplace_back(AddWorkUnits{"s", keeper.Keep(units)});
  }
  for (const OwnedOutcome& outcome : client().RunAsMany(std::move(commands))) {
    EXPECT_TRUE(std::holds_alternative<Done>(outcome));
  }
  EXPECT_EQ(client().Counts("s")[IndexOf(kAvailable)], kClients + 1);
  EXPECT_THAT(client().RequestNames({.count = 1'000}), SizeIs(kClients + 1));
}

// C-MANY-05
TEST_P(ManyClientsTest, LimitsHoldForAllOfThemTogether) {
  GivenUnits(kUnits, {{"max_running", 7}});
  const std::vector<OwnedWork> works = AllRequest(kUnitsEach);
  EXPECT_THAT(NamesOf(works), SizeIs(7));
  EXPECT_THAT(NamesOf(AllRequest(kUnitsEach)), IsEmpty());
  EXPECT_EQ(AllChange(works, AttemptEvent::kFinish), 7);
  EXPECT_THAT(NamesOf(AllRequest(kUnitsEach)), SizeIs(7));
}

}  // namespace coord::testing

// SPDX-License-Identifier: MIT
// A disk that takes its time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client.h"
#include "disk_gate.h"
#include "fault_harness.h"

namespace coord::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SlowDiskTest : public ::testing::Test {
 protected:
  SlowDiskTest() { client_.SetWorkSpec({{"name", "s"}}); }

  // Hands in the addition of a unit, as a batch of its own.
  std::uint64_t Add(const std::string& name) {
    const std::vector<NewUnit> units{{.name = name}};
    return connection_.Submit("", {AddWorkUnits{.spec = "s", .items = keeper_.Keep(units)}})
        .front();
  }

  bool Succeeds(std::uint64_t token) {
    return !std::holds_alternative<Error>(connection_.Await(token));
  }

  Keeper keeper_;
  FaultHarness harness_;
  Connection connection_{harness_};
  Client client_{connection_};
};

TEST_F(SlowDiskTest, AReaderWaitsForWhatItMayHaveSeen) {
  DiskGate gate(harness_.vfs());
  Add("a");
  gate.AwaitHeld();
  const std::uint64_t read = connection_.Submit("", {CountWorkUnits{.spec = "s"}}).front();
  EXPECT_FALSE(connection_.Take(read));
  gate.Open();
  const auto reply = std::get<StatusCountsReply>(connection_.Await(read));
  EXPECT_EQ(reply.counts[IndexOf(WorkUnitStatus::kAvailable)], 1U);
}

TEST_F(SlowDiskTest, AllThatWaitsIsWrittenInOneTransaction) {
  DiskGate gate(harness_.vfs());
  const std::uint64_t first = Add("a");
  gate.AwaitHeld();
  const std::vector<std::uint64_t> others{Add("b"), Add("c"), Add("d")};
  gate.Open();
  EXPECT_TRUE(Succeeds(first));
  for (const std::uint64_t token : others) EXPECT_TRUE(Succeeds(token));
  EXPECT_EQ(gate.syncs(), 2);
  connection_.Reopen();
  EXPECT_THAT(client_.Names("s"), ElementsAre("a", "b", "c", "d"));
}

TEST_F(SlowDiskTest, ATransactionIsOpenForWhatComesUntilItIsSettled) {
  DiskGate gate(harness_.vfs());
  connection_.SetSettles(false);
  const std::vector<std::uint64_t> tokens{Add("a"), Add("b"), Add("c")};
  gate.Open();
  harness_.store().Settle();
  for (const std::uint64_t token : tokens) EXPECT_TRUE(Succeeds(token));
  EXPECT_EQ(gate.syncs(), 1);
}

TEST_F(SlowDiskTest, ATransactionWithManyRowsIsCommittedAnyway) {
  DiskGate gate(harness_.vfs());
  connection_.SetSettles(false);
  for (int i = 0; i < 300; ++i) Add(std::to_string(i));
  gate.AwaitHeld();
  gate.Open();
  connection_.Settle();
  EXPECT_EQ(client_.Names("s").size(), 300U);
}

// What came during a commit is told of again when that has ended.
TEST_F(SlowDiskTest, WhatWasSettledDuringACommitIsSettledAgain) {
  DiskGate gate(harness_.vfs());
  Add("a");
  gate.AwaitHeld();
  const std::uint64_t during = Add("b");
  gate.Open();
  while (!connection_.Take(during)) harness_.store().Poll();
}

TEST_F(SlowDiskTest, WhereTheNextTransactionFailsTheOneBeforeStays) {
  {
    DiskGate gate(harness_.vfs(), SQLITE_OK, SQLITE_IOERR_FSYNC);
    const std::uint64_t first = Add("a");
    gate.AwaitHeld();
    const std::vector<std::uint64_t> others{Add("b"), Add("c")};
    gate.Open();
    EXPECT_TRUE(Succeeds(first));
    for (const std::uint64_t token : others) EXPECT_FALSE(Succeeds(token));
    EXPECT_THAT(client_.Names("s"), ElementsAre("a"));
  }
  harness_.WaitForProbe();
  EXPECT_TRUE(Succeeds(Add("d")));
  connection_.Reopen();
  EXPECT_THAT(client_.Names("s"), ElementsAre("a", "d"));
}

// Whether it was handed in before the failure or after it: it was executed on what did not happen.
TEST_F(SlowDiskTest, WhatCameBehindATransactionThatFailsDidNotHappen) {
  {
    DiskGate gate(harness_.vfs(), SQLITE_IOERR_FSYNC, SQLITE_OK);
    std::vector<std::uint64_t> tokens{Add("a")};
    gate.AwaitHeld();
    for (int i = 0; i < 100; ++i) {
      tokens.push_back(Add("b" + std::to_string(i)));
      if (i == 50) gate.Open();
    }
    for (const std::uint64_t token : tokens) EXPECT_FALSE(Succeeds(token));
    EXPECT_THAT(client_.Names("s"), IsEmpty());
  }
  harness_.WaitForProbe();
  EXPECT_TRUE(Succeeds(Add("c")));
  connection_.Reopen();
  EXPECT_THAT(client_.Names("s"), ElementsAre("c"));
}

// What it has changed stays in memory until the disk has taken what was before.
TEST_F(SlowDiskTest, ALongCommandDoesNotRunFarAhead) {
  constexpr std::size_t kUnits = 80'000;  // 10'000 at once and then 2'000 a step
  constexpr int kStepsToTheEnd = 35;
  std::vector<NewUnit> units;
  for (std::size_t i = 0; i < kUnits; ++i) units.push_back({.name = std::to_string(i)});
  client_.Add("s", units);
  DiskGate gate(harness_.vfs());
  const Query some{.from = "0"};
  const std::uint64_t erase =
      connection_.Submit("", {DeleteWorkUnits{.spec = "s", .query = keeper_.Keep(some)}}).front();
  gate.AwaitHeld();
  int steps = 0;
  while (harness_.store().Step()) ++steps;
  EXPECT_GT(steps, 0);
  EXPECT_LT(steps, kStepsToTheEnd / 2);
  gate.Open();
  EXPECT_EQ(std::get<CountReply>(connection_.Await(erase)).count, kUnits);
  EXPECT_THAT(client_.Names("s"), IsEmpty());
  connection_.Reopen();
  EXPECT_THAT(client_.Names("s"), IsEmpty());
}

}  // namespace
}  // namespace coord::testing

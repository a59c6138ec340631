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

using ::testing::IsEmpty;

class SlowDiskTest : public ::testing::Test {
 protected:
  SlowDiskTest() { client_.SetWorkSpec({{"name", "s"}}); }

  FaultHarness harness_;
  Connection connection_{harness_};
  Client client_{connection_};
};

TEST_F(SlowDiskTest, AReaderWaitsForWhatItMayHaveSeen) {
  Keeper keeper;
  DiskGate gate(harness_.vfs());
  const Command add =
      AddWorkUnits{.spec = "s", .items = keeper.Keep(std::vector<NewUnit>{{.name = "a"}})};
  connection_.Submit("", {add});
  gate.AwaitHeld();
  const std::uint64_t read = connection_.Submit("", {CountWorkUnits{.spec = "s"}}).front();
  EXPECT_FALSE(connection_.Take(read));
  gate.Open();
  const auto reply = std::get<StatusCountsReply>(connection_.Await(read));
  EXPECT_EQ(reply.counts[IndexOf(WorkUnitStatus::kAvailable)], 1U);
}

// What it has changed stays in memory until the disk has taken what was before.
TEST_F(SlowDiskTest, ALongCommandDoesNotRunFarAhead) {
  constexpr std::size_t kUnits = 80'000;  // 10'000 at once and then 2'000 a step
  constexpr int kStepsToTheEnd = 35;
  std::vector<NewUnit> units;
  for (std::size_t i = 0; i < kUnits; ++i) units.push_back({.name = std::to_string(i)});
  client_.Add("s", units);
  Keeper keeper;
  DiskGate gate(harness_.vfs());
  const Query some{.from = "0"};
  const std::uint64_t erase =
      connection_.Submit("", {DeleteWorkUnits{.spec = "s", .query = keeper.Keep(some)}}).front();
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

// SPDX-License-Identifier: MIT
// What only this store promises: that its background work comes in small pieces.
#include "engine/engine.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "client.h"

namespace coord::testing {

using namespace std::chrono_literals;

namespace {

// More than one step does, and few enough for a test.
constexpr std::size_t kMany = 20'000;

class EngineTest : public ::testing::Test, public OutcomeSink {
 public:
  EngineTest() { engine_.Advance(WallTime(1'700'000'000s)); }

  void OnOutcome(std::uint64_t, const Outcome& outcome) override { last_ = Own(outcome); }

  OwnedOutcome Run(const Command& command, std::string_view name_space = "") {
    engine_.Execute({command, name_space, this, 0});
    return last_;
  }
  void GivenUnit(const char* unit) {
    Run(SetWorkSpec{.definition = keeper_.Keep(Map{{"name", "s"}}), .replaces = {}});
    Run(AddWorkUnits{.spec = "s", .items = keeper_.Keep(std::vector<NewUnit>{{.name = unit}})});
  }

  // How many steps there are to do.
  int Settle() {
    int steps = 1;
    while (engine_.Step()) ++steps;
    return steps;
  }

 protected:
  Engine engine_{{}};
  Keeper keeper_;
  OwnedOutcome last_;
};

}  // namespace

TEST_F(EngineTest, TheWorkersOfADestroyedNamespaceAreFreedInSteps) {
  for (std::size_t i = 0; i < kMany; ++i) {
    const std::string name = std::to_string(i);
    Run(UpdateWorker{.worker = name, .parent = std::to_string(i / 2 + 1)}, "n");
  }
  Run(DestroyNamespace{}, "n");
  EXPECT_GT(Settle(), 4);
}

TEST_F(EngineTest, ForgettingGoesOnWhileADestroyedNamespaceIsFreed) {
  for (std::size_t i = 0; i < kMany; ++i) {
    Run(UpdateWorker{.worker = std::to_string(i), .parent = "parent"}, "n");
  }
  Run(DestroyNamespace{}, "n");
  Run(GetWorker{.worker = "w", .create = true});
  EXPECT_TRUE(engine_.Step());
  engine_.Advance(WallTime(1'700'000'000s) + 48h);
  EXPECT_GT(Settle(), 2);
  EXPECT_TRUE(std::get<OwnedWorkers>(Run(GetWorker{.worker = "w"})).empty());
}

TEST_F(EngineTest, TheLocksOfADestroyedNamespaceAreFreedInSteps) {
  std::vector<Path> paths;
  for (std::size_t i = 0; i < kMany; ++i) paths.push_back({i});
  Run(ChangeLocks{.locker = "l", .paths = keeper_.Keep(paths)}, "n");
  Run(DestroyNamespace{}, "n");
  EXPECT_GT(Settle(), 3);
}

TEST_F(EngineTest, TheAttemptsOfAUnitOfADeletedSpecAreFreedInSteps) {
  GivenUnit("a");
  for (std::size_t i = 0; i < kMany; ++i) {
    Run(MakeAttempt{.spec = "s", .unit = "a", .worker = "w"});
  }
  Run(DeleteWorkSpec{.spec = "s"});
  EXPECT_GT(Settle(), 3);
  EXPECT_TRUE(
      std::get<OwnedAttempts>(Run(ListWorkerAttempts{.worker = "w", .which = WorkerAttempts::kAll}))
          .empty());
}

TEST_F(EngineTest, DroppingASpecLeavesTheOthersNoted) {
  for (const char* const name : {"s", "t", "u"}) {
    for (const char* const space : {"", "n"}) {
      Run(SetWorkSpec{.definition = keeper_.Keep(Map{{"name", name}}), .replaces = {}}, space);
      Run(AddWorkUnits{.spec = name, .items = keeper_.Keep(std::vector<NewUnit>{{.name = "a"}})},
          space);
    }
  }
  Run(DeleteWorkSpec{.spec = "t"});
  Run(ClearWorkSpecs{}, "n");
  Strings noted;
  engine_.VisitAvailable([&](const WorkAvailable& work) {
    noted.push_back(std::string(work.name_space) + ":" + std::string(work.spec));
    return false;
  });
  EXPECT_EQ(noted, (Strings{":s", ":u"}));
}

// That a worker asked for work is written later, and so noted nowhere.
TEST_F(EngineTest, NothingOfAWorkerThatWasTakenBackIsWrittenLater) {
  Journal first;
  Journal second;
  RowChanges changes;
  engine_.SetJournal(&first);
  Run(RequestWork{.worker = "w"});
  engine_.TakeRows(changes);
  EXPECT_EQ(changes.workers.written.size(), 1U);
  engine_.SetJournal(&second);
  Run(RequestWork{.worker = "w"});
  EXPECT_TRUE(second.rows.empty());
  second.undo.Undo();
  first.undo.Undo();
  engine_.AfterUndo({ErrorCode::kUnavailable, "not written", {}});
  EXPECT_EQ(engine_.NextDue(), kNoTime);
  engine_.SetJournal(nullptr);
}

}  // namespace coord::testing

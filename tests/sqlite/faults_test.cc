// SPDX-License-Identifier: MIT
// A disk that fails: changes are refused with a clear error, reads go on, nothing that was answered
// is lost, and the store recovers when the disk does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>
#include <thread>

#include "client.h"
#include "fault_harness.h"

namespace coord::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct FaultCase {
  const char* name;
  int code;
  std::function<bool(DiskOperation)> hits;
};

void PrintTo(const FaultCase& fault, std::ostream* out) { *out << fault.name; }

bool IsChange(DiskOperation operation) { return operation != DiskOperation::kRead; }

class FaultTest : public ::testing::TestWithParam<FaultCase> {
 protected:
  FaultTest() {
    client_.SetWorkSpec({{"name", "s"}});
    client_.Add("s", {{.name = "a"}, {.name = "b"}});
    held_ = client_.Take();
  }

  void Break() {
    harness_.vfs().SetFault([fault = GetParam()](DiskOperation operation) {
      return fault.hits(operation) ? fault.code : SQLITE_OK;
    });
  }
  void Mend() { harness_.vfs().SetFault(nullptr); }

  // What was answered while the disk worked.
  void ExpectTheStateBefore() {
    EXPECT_THAT(client_.Names("s"), ElementsAre("a", "b"));
    EXPECT_EQ(client_.StatusOf("s", "a"), WorkUnitStatus::kPending);
    EXPECT_EQ(client_.StatusOf("s", "b"), WorkUnitStatus::kAvailable);
    EXPECT_EQ(client_.UnitAttempts("s", "a").size(), 1U);
  }

  Command AddOne(const std::string& name) {
    return AddWorkUnits{.spec = "s", .items = keeper_.Keep(std::vector<NewUnit>{{.name = name}})};
  }
  Command FinishA() {
    changes_ = {{.key = held_.key(), .event = AttemptEvent::kFinish}};
    return ChangeAttempts{changes_};
  }

  Keeper keeper_;
  std::vector<AttemptChange> changes_;
  FaultHarness harness_;
  Connection connection_{harness_};
  Client client_{connection_};
  Held held_;
};

TEST_P(FaultTest, RefusesChangesAndGoesOnReading) {
  Break();
  const Error error = client_.FullErrorOf(AddOne("c"));
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_THAT(error.detail, HasSubstr("storage unavailable, try again"));
  EXPECT_EQ(client_.ErrorOf(AddOne("d")), ErrorCode::kUnavailable);
  EXPECT_EQ(client_.ErrorOf(FinishA()), ErrorCode::kUnavailable);
  ExpectTheStateBefore();
  EXPECT_THAT(harness_.told(), ElementsAre("unavailable"));
}

TEST_P(FaultTest, TakesChangesAgainWhenTheDiskDoes) {
  Break();
  EXPECT_EQ(client_.ErrorOf(AddOne("c")), ErrorCode::kUnavailable);
  harness_.WaitForProbe();
  EXPECT_EQ(client_.ErrorOf(AddOne("d")), ErrorCode::kUnavailable);
  Mend();
  harness_.WaitForProbe();
  EXPECT_THAT(harness_.told(), ElementsAre("unavailable", "available"));
  EXPECT_EQ(client_.ErrorOf(FinishA()), kOk);
  client_.Add("s", {{.name = "e"}});
  connection_.Reopen();
  EXPECT_EQ(client_.StatusOf("s", "a"), WorkUnitStatus::kFinished);
  EXPECT_EQ(client_.UnitAttempts("s", "a").size(), 1U);
  EXPECT_EQ(client_.StatusOf("s", "b"), WorkUnitStatus::kAvailable);
  EXPECT_EQ(client_.StatusOf("s", "e"), WorkUnitStatus::kAvailable);
}

TEST_P(FaultTest, TakesBackAllThatWasUnderWay) {
  Break();
  const auto first = connection_.Submit("", {AddOne("c"), FinishA()});
  const auto second =
      connection_.Submit("", {AddOne("d"), ListWorkUnits{.spec = "s", .query = {}}});
  for (const std::uint64_t token : {first[0], first[1], second[0], second[1]}) {
    const OwnedOutcome outcome = connection_.Await(token);
    // Also the reader: what it saw did not happen.
    ASSERT_TRUE(std::holds_alternative<Error>(outcome));
    EXPECT_EQ(std::get<Error>(outcome).code, ErrorCode::kUnavailable);
  }
  ExpectTheStateBefore();
}

TEST_P(FaultTest, WhatWasAnsweredIsThereAfterARestart) {
  Break();
  EXPECT_EQ(client_.ErrorOf(FinishA()), ErrorCode::kUnavailable);
  harness_.Close();
  Mend();
  connection_.Reopen();
  EXPECT_THAT(client_.Names("s"), ElementsAre("a", "b"));
  EXPECT_EQ(client_.StatusOf("s", "b"), WorkUnitStatus::kAvailable);
  EXPECT_EQ(client_.UnitAttempts("s", "a").size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(
    With, FaultTest,
    ::testing::Values(FaultCase{"AFullDisk", SQLITE_FULL,
                                [](auto operation) { return operation == DiskOperation::kWrite; }},
                      FaultCase{"AnErrorOfEveryChange", SQLITE_IOERR_WRITE, &IsChange},
                      FaultCase{"AnErrorOfEverything", SQLITE_IOERR, [](auto) { return true; }},
                      FaultCase{"ASyncThatFails", SQLITE_IOERR_FSYNC,
                                [](auto operation) { return operation == DiskOperation::kSync; }},
                      FaultCase{"AFileMadeReadOnly", SQLITE_READONLY, &IsChange}),
    [](const auto& tested) { return tested.param.name; });

class OneFaultTest : public ::testing::Test {
 protected:
  OneFaultTest() { client_.SetWorkSpec({{"name", "s"}}); }

  FaultHarness harness_;
  Connection connection_{harness_};
  Client client_{connection_};
};

// What a failed sync was to write is in danger for good, so the batch did not happen, although all
// of it was written; and what comes after it does not build on it.
TEST_F(OneFaultTest, ACommitWhoseSyncFailsOnceDidNotHappen) {
  bool failed = false;
  harness_.vfs().SetFault([&failed](DiskOperation operation) {
    if (failed || operation != DiskOperation::kSync) return SQLITE_OK;
    failed = true;
    return SQLITE_IOERR_FSYNC;
  });
  Keeper keeper;
  const Command add =
      AddWorkUnits{.spec = "s", .items = keeper.Keep(std::vector<NewUnit>{{.name = "a"}})};
  EXPECT_EQ(client_.ErrorOf(add), ErrorCode::kUnavailable);
  EXPECT_TRUE(failed);
  harness_.WaitForProbe();
  EXPECT_THAT(harness_.told(), ElementsAre("unavailable", "available"));
  client_.Add("s", {{.name = "b"}});
  harness_.vfs().CutAt(harness_.vfs().changes() + 1);
  EXPECT_EQ(client_.ErrorOf(DeleteWorkSpec{"s"}), ErrorCode::kUnavailable);
  connection_.Reopen();
  EXPECT_THAT(client_.Names("s"), ElementsAre("b"));
}

TEST_F(OneFaultTest, ACommitThatIsThereAfterAllIsAnswered) {
  bool failed = false;
  harness_.vfs().SetFault([&failed](DiskOperation operation) {
    if (failed || operation != DiskOperation::kCommitted) return SQLITE_OK;
    failed = true;
    return SQLITE_IOERR;
  });
  client_.Add("s", {{.name = "a"}});
  EXPECT_TRUE(failed);
  EXPECT_TRUE(harness_.told().empty());
  connection_.Reopen();
  EXPECT_THAT(client_.Names("s"), ElementsAre("a"));
}

// Nor can it be found out whether it is there, until the disk works again.
TEST_F(OneFaultTest, ACommitThatIsFoundLaterIsLoaded) {
  bool failed = false;
  harness_.vfs().SetFault([&failed](DiskOperation operation) {
    if (!failed && operation != DiskOperation::kCommitted) return SQLITE_OK;
    failed = true;
    return SQLITE_IOERR;
  });
  Keeper keeper;
  EXPECT_EQ(client_.ErrorOf(AddWorkUnits{
                .spec = "s", .items = keeper.Keep(std::vector<NewUnit>{{.name = "a"}})}),
            ErrorCode::kUnavailable);
  EXPECT_THAT(client_.Names("s"), IsEmpty());
  harness_.vfs().SetFault(nullptr);
  harness_.WaitForProbe();
  EXPECT_THAT(harness_.told(), ElementsAre("unavailable", "available"));
  EXPECT_THAT(client_.Names("s"), ElementsAre("a"));
  client_.Add("s", {{.name = "b"}});
  connection_.Reopen();
  EXPECT_THAT(client_.Names("s"), ElementsAre("a", "b"));
}

// It can be written again, but not read.
TEST_F(OneFaultTest, UntilTheStateIsLoadedAgainTheOldOneStays) {
  bool failed = false;
  harness_.vfs().SetFault([&failed](DiskOperation operation) {
    if (!failed && operation != DiskOperation::kCommitted) return SQLITE_OK;
    failed = true;
    return SQLITE_IOERR;
  });
  Keeper keeper;
  const auto add = [&keeper](const char* name) {
    return AddWorkUnits{.spec = "s", .items = keeper.Keep(std::vector<NewUnit>{{.name = name}})};
  };
  EXPECT_EQ(client_.ErrorOf(add("a")), ErrorCode::kUnavailable);
  // Loading is done on this thread. The first read is that of the header, with which it begins.
  harness_.vfs().SetFault([loading = std::this_thread::get_id(), reads = 0](DiskOperation) mutable {
    return std::this_thread::get_id() == loading && ++reads > 1 ? SQLITE_IOERR : SQLITE_OK;
  });
  harness_.WaitForProbe();
  EXPECT_THAT(harness_.told(), ElementsAre("unavailable"));
  EXPECT_THAT(client_.Names("s"), IsEmpty());
  EXPECT_EQ(client_.ErrorOf(add("b")), ErrorCode::kUnavailable);
  harness_.vfs().SetFault(nullptr);
  harness_.WaitForProbe();
  EXPECT_THAT(client_.Names("s"), ElementsAre("a"));
}

TEST_F(OneFaultTest, ALostFolderIsNoticedAndItsReturnToo) {
  client_.Add("s", {{.name = "a"}});
  const std::filesystem::path folder = std::filesystem::path(harness_.path()).parent_path();
  const std::filesystem::path away = folder.string() + ".away";
  std::filesystem::rename(folder, away);
  Keeper keeper;
  const Command add =
      AddWorkUnits{.spec = "s", .items = keeper.Keep(std::vector<NewUnit>{{.name = "b"}})};
  EXPECT_EQ(client_.ErrorOf(add), ErrorCode::kUnavailable);
  EXPECT_THAT(client_.Names("s"), ElementsAre("a"));
  harness_.WaitForProbe();
  EXPECT_EQ(client_.ErrorOf(add), ErrorCode::kUnavailable);
  std::filesystem::rename(away, folder);
  harness_.WaitForProbe();
  EXPECT_EQ(client_.ErrorOf(add), kOk);
  connection_.Reopen();
  EXPECT_THAT(client_.Names("s"), ElementsAre("a", "b"));
}

TEST_F(OneFaultTest, AFileThatWasDeletedIsNotMadeAnew) {
  client_.Add("s", {{.name = "a"}});
  std::filesystem::remove(harness_.path());
  EXPECT_EQ(client_.ErrorOf(DeleteWorkSpec{"s"}), ErrorCode::kUnavailable);
  harness_.WaitForProbe();
  EXPECT_FALSE(std::filesystem::exists(harness_.path()));
  EXPECT_THAT(client_.Names("s"), ElementsAre("a"));
}

}  // namespace
}  // namespace coord::testing

// SPDX-License-Identifier: MIT
// The conformance suite: one fixture for each area, and the macro that runs them all on a store.
//
// A test is a sentence of spec/domain.md; the comment above it cites docs/contract.md. Names in
// tests: the spec "s", units "a", "b", ..., the worker "w", unless more than one is needed.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "client.h"
#include "printing.h"
#include "store_case.h"

namespace coord::testing {

using namespace std::chrono_literals;

inline constexpr auto kAvailable = WorkUnitStatus::kAvailable;
inline constexpr auto kDelayed = WorkUnitStatus::kDelayed;
inline constexpr auto kPending = WorkUnitStatus::kPending;
inline constexpr auto kFinished = WorkUnitStatus::kFinished;
inline constexpr auto kFailed = WorkUnitStatus::kFailed;

// The smallest step of time.
inline constexpr Duration kInstant = Duration(1);

// Times are compared as text, so that a failure can be read.
inline std::string When(WallTime time) { return coord::ToDebugText(time); }

// Opens an empty store for each test. What it offers is public for the sake of helper functions.
class ConformanceTest : public ::testing::TestWithParam<StoreCase> {
 public:
  void SetUp() override { Open({}); }

  // Opens the store anew, empty, with these options; for tests that need other ones.
  void Open(const StoreOptions& options) {
    const auto* const info = ::testing::UnitTest::GetInstance()->current_test_info();
    connection_.reset();
    harness_.reset();
    harness_ =
        GetParam().open({.test_name = std::string(info->test_suite_name()) + "." + info->name(),
                         .options = options});
    connection_ = std::make_unique<Connection>(*harness_);
    client_ = std::make_unique<Client>(*connection_);
  }

  Client& client() { return *client_; }
  Connection& connection() { return *connection_; }
  Store& store() { return harness_->store(); }

  WallTime now() { return harness_->clock().Now(); }
  void Advance(Duration by) { harness_->clock().Advance(by); }
  void AdvanceTo(WallTime to) { harness_->clock().Set(to); }

  // The spec "s", whose definition has these keys besides its name.
  void GivenSpec(Map keys = {}) {
    keys.insert(keys.begin(), {"name", "s"});
    client().SetWorkSpec(keys);
  }
  // The spec "s" with one unit "a".
  void GivenUnit(const Map& data = {}) {
    GivenSpec();
    client().Add("s", {{.name = "a", .data = data}});
  }
  // The spec "s" with one unit "a" that "w" holds for a minute.
  Held GivenPending(const Map& data = {}) {
    GivenUnit(data);
    return client().Take({.worker = "w", .lifetime = 60s});
  }
  OwnedUnit UnitA() { return client().Unit("s", "a"); }

 private:
  std::unique_ptr<StoreHarness> harness_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Client> client_;
};

class NamespaceTest : public ConformanceTest {};
class NameTest : public ConformanceTest {};
class DataTest : public ConformanceTest {};
class WorkSpecTest : public ConformanceTest {};
class WorkUnitTest : public ConformanceTest {};
class QueryTest : public ConformanceTest {};
class DeleteTest : public ConformanceTest {};
class LargeSelectionTest : public ConformanceTest {};
class AttemptTest : public ConformanceTest {};
class LapsedAttemptTest : public ConformanceTest {};
class UpdateTest : public ConformanceTest {};
class RequestWorkTest : public ConformanceTest {};
class SchedulingTest : public ConformanceTest {};
class ContinuousTest : public ConformanceTest {};
class ChainingTest : public ConformanceTest {};
class RetentionTest : public ConformanceTest {};
class WorkerTest : public ConformanceTest {};
class TimeTest : public ConformanceTest {};
class SummaryTest : public ConformanceTest {};
class LockTest : public ConformanceTest {};
class ExportTest : public ConformanceTest {};
class ImportTest : public ConformanceTest {};

// As many clients as are needed, each of which has a sink of its own.
class ManyClientsTest : public ConformanceTest {
 public:
  // The spec "s" with so many units.
  void GivenUnits(int count, const Map& keys = {});
  // Each client asks for so many units at the same time; what each gets.
  std::vector<OwnedWork> AllRequest(std::uint64_t count);
  // Each client asks for a change of all that it was given, at the same time. How many were
  // granted.
  int AllChange(const std::vector<OwnedWork>& works, AttemptEvent event);
};

// How GoogleTest names the store in a test's name.
inline std::string StoreCaseName(const ::testing::TestParamInfo<StoreCase>& info) {
  return info.param.name;
}

}  // namespace coord::testing

#define COORD_INSTANTIATE_AREA(area, store_case) \
  INSTANTIATE_TEST_SUITE_P(On, area, ::testing::Values(store_case), ::coord::testing::StoreCaseName)

// Runs every area on a store. To be used once in a program, in namespace coord::testing.
#define COORD_INSTANTIATE_CONFORMANCE(store_case)         \
  COORD_INSTANTIATE_AREA(NamespaceTest, store_case);      \
  COORD_INSTANTIATE_AREA(NameTest, store_case);           \
  COORD_INSTANTIATE_AREA(DataTest, store_case);           \
  COORD_INSTANTIATE_AREA(WorkSpecTest, store_case);       \
  COORD_INSTANTIATE_AREA(WorkUnitTest, store_case);       \
  COORD_INSTANTIATE_AREA(QueryTest, store_case);          \
  COORD_INSTANTIATE_AREA(DeleteTest, store_case);         \
  COORD_INSTANTIATE_AREA(LargeSelectionTest, store_case); \
  COORD_INSTANTIATE_AREA(AttemptTest, store_case);        \
  COORD_INSTANTIATE_AREA(LapsedAttemptTest, store_case);  \
  COORD_INSTANTIATE_AREA(UpdateTest, store_case);         \
  COORD_INSTANTIATE_AREA(RequestWorkTest, store_case);    \
  COORD_INSTANTIATE_AREA(SchedulingTest, store_case);     \
  COORD_INSTANTIATE_AREA(ContinuousTest, store_case);     \
  COORD_INSTANTIATE_AREA(ChainingTest, store_case);       \
  COORD_INSTANTIATE_AREA(RetentionTest, store_case);      \
  COORD_INSTANTIATE_AREA(WorkerTest, store_case);         \
  COORD_INSTANTIATE_AREA(TimeTest, store_case);           \
  COORD_INSTANTIATE_AREA(SummaryTest, store_case);        \
  COORD_INSTANTIATE_AREA(LockTest, store_case);           \
  COORD_INSTANTIATE_AREA(ExportTest, store_case);         \
  COORD_INSTANTIATE_AREA(ImportTest, store_case);         \
  COORD_INSTANTIATE_AREA(ManyClientsTest, store_case)

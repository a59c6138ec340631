// SPDX-License-Identifier: MIT
// The handles, over each kind of store. What the store does is shown by the conformance suite; here
// it is shown that each function asks for it.
#include "coordinate/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "backends.h"
#include "coordinate/work_spec.h"
#include "coordinate/worker.h"

namespace coordinate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using namespace std::chrono_literals;

using Names = std::vector<std::string>;

class ClientTest : public ::testing::TestWithParam<const char*> {
 protected:
  Namespace all() { return backend_.client().InNamespace("n"); }
  WorkSpec GivenSpec(Map keys = {}) {
    keys.insert(keys.begin(), {"name", "s"});
    return *all().SetWorkSpec(keys);
  }
  // The spec "s" with these units, all empty.
  WorkSpec GivenUnits(const std::vector<std::string>& names) {
    const WorkSpec spec = GivenSpec();
    for (const std::string& name : names) EXPECT_TRUE(spec.AddWorkUnit({.name = name}).ok());
    return spec;
  }
  Attempt Take() {
    auto attempts = *all().WorkerNamed("w").RequestAttempts();
    EXPECT_THAT(attempts, SizeIs(1));
    return attempts.front();
  }

  testing::Backend backend_{GetParam(), nullptr};
};

std::vector<std::string> NamesOf(const std::vector<WorkUnitInfo>& units) {
  std::vector<std::string> names;
  for (const WorkUnitInfo& unit : units) names.push_back(unit.name);
  return names;
}

template <typename T>
ErrorCode CodeOf(const Result<T>& result) {
  EXPECT_FALSE(result.ok());
  return result.ok() ? ErrorCode::kInternal : result.error().code;
}

TEST_P(ClientTest, Namespaces) {
  EXPECT_EQ(all().name(), "n");
  GivenSpec();
  EXPECT_THAT(*backend_.client().Namespaces(), ElementsAre("n"));
  EXPECT_TRUE(all().Destroy().ok());
  EXPECT_THAT(*backend_.client().Namespaces(), IsEmpty());
}

TEST_P(ClientTest, DataComeBackAsTheyWere) {
  const Map data{{"null", Value()},
                 {"bool", true},
                 {"int", -5},
                 {"large", UINT64_MAX},
                 {"double", 2.0},
                 {"text", "é"},
                 {"bytes", Bytes{"\xff"}},
                 {"list", List{1, "a"}},
                 {"tuple", Tuple{{1, List{}}}},
                 {"map", Map{{1, 2}}},
                 {"uuid", Uuid{{1, 2, 3}}},
                 {"bignum", Opaque{std::string("\xc2\x49\x01\0\0\0\0\0\0\0\0", 11)}},
                 {"tag", Opaque{"\xd8\x63\x01"}}};
  const WorkSpec spec = GivenSpec();
  ASSERT_TRUE(spec.AddWorkUnit({.name = "a", .data = data}).ok());
  EXPECT_EQ(spec.Unit("a").Info()->data, Value(data));
  EXPECT_EQ(Take().made().data, Value(data));
}

TEST_P(ClientTest, WorkSpecs) {
  const WorkSpec spec = GivenSpec({{"weight", 7}, {"runtime", "cpp"}, {"then", "t"}});
  EXPECT_EQ(spec.name(), "s");
  EXPECT_EQ(*spec.Definition()->Find("weight"), Value(7));
  EXPECT_TRUE(spec.SetMeta({.priority = 3, .paused = true}).ok());
  const auto meta = spec.Meta();
  EXPECT_EQ(meta->priority, 3);
  EXPECT_EQ(meta->weight, 7);
  EXPECT_TRUE(meta->paused);
  EXPECT_EQ(meta->runtime, "cpp");
  EXPECT_EQ(meta->next_work_spec, "t");
  EXPECT_FALSE(meta->next_continuous.has_value());
  EXPECT_EQ(CodeOf(spec.SetMeta({.continuous = true})), ErrorCode::kCannotBecomeContinuous);
  EXPECT_TRUE(spec.SetDefinition(Map{{"name", "s"}, {"weight", 8}}).ok());
  EXPECT_EQ(CodeOf(spec.SetDefinition(Map{{"name", "other"}})), ErrorCode::kChangedName);
  EXPECT_EQ(spec.Meta()->weight, 8);
  EXPECT_EQ(CodeOf(all().SetWorkSpec(Map{})), ErrorCode::kNoWorkSpecName);
  EXPECT_EQ(CodeOf(all().SetWorkSpec("no map")), ErrorCode::kInvalid);
  EXPECT_THAT(*all().WorkSpecs(), SizeIs(1));
  EXPECT_TRUE(spec.Delete().ok());
  EXPECT_EQ(CodeOf(spec.Meta()), ErrorCode::kNoSuchWorkSpec);
  EXPECT_EQ(spec.Delete().error().subject, "s");
}

TEST_P(ClientTest, WorkUnits) {
  const WorkSpec spec = GivenSpec();
  ASSERT_TRUE(
      spec.AddWorkUnits(
              {{.name = "a", .priority = 2.5}, {.name = "b", .delay = 1h}, {.name = "\xff"}})
          .ok());
  EXPECT_THAT(*spec.CountWorkUnits(),
              ElementsAre(Pair(WorkUnitStatus::kAvailable, 2), Pair(WorkUnitStatus::kDelayed, 1)));
  EXPECT_THAT(NamesOf(*spec.WorkUnits()), ElementsAre("a", "b", "\xff"));
  EXPECT_THAT(NamesOf(*spec.WorkUnits({.after = "a", .limit = 1})), ElementsAre("b"));
  EXPECT_THAT(NamesOf(*spec.WorkUnits({.statuses = std::vector{WorkUnitStatus::kDelayed}})),
              ElementsAre("b"));
  EXPECT_THAT(NamesOf(*spec.WorkUnits({.names = Names{"b", "none"}})), ElementsAre("b"));
  EXPECT_THAT(NamesOf(*spec.WorkUnits({.names = Names{}})), IsEmpty());
  EXPECT_EQ(*spec.SetPriorities({.names = Names{"a", "b"}}, 4), 2U);
  EXPECT_EQ(*spec.AdjustPriorities({.names = Names{"a"}}, -1), 1U);
  EXPECT_EQ(spec.Unit("a").Info()->priority, 3);
  EXPECT_TRUE(spec.Unit("b").SetNotBefore({}).ok());
  EXPECT_TRUE(spec.Unit("b").SetPriority(9).ok());
  EXPECT_EQ(spec.Unit("b").Info()->status, WorkUnitStatus::kAvailable);
  EXPECT_FALSE(spec.Unit("b").Info()->not_before.has_value());
  EXPECT_EQ(CodeOf(spec.Unit("none").Info()), ErrorCode::kNoSuchWorkUnit);
  EXPECT_EQ(CodeOf(spec.AddWorkUnit({.name = std::string(1025, 'x')})), ErrorCode::kInvalid);
  EXPECT_EQ(CodeOf(spec.AddWorkUnit({.name = "x", .data = 5})), ErrorCode::kInvalid);
  EXPECT_EQ(CodeOf(spec.AddWorkUnit({.name = "x", .priority = 0.0 / 0.0})),
            ErrorCode::kBadPriority);
  EXPECT_EQ(CodeOf(spec.Unit("a").SetPriority(1.0 / 0.0)), ErrorCode::kBadPriority);
  EXPECT_TRUE(spec.Unit("a").Delete().ok());
  EXPECT_EQ(CodeOf(spec.Unit("a").Delete()), ErrorCode::kNoSuchWorkUnit);
  EXPECT_EQ(*spec.DeleteWorkUnits({}), 2U);
}

TEST_P(ClientTest, AnAttemptFromItsStartToItsEnd) {
  const WorkSpec spec = GivenUnits({"a"});
  EXPECT_FALSE(spec.Unit("a").ActiveAttempt()->has_value());
  const Attempt attempt = Take();
  EXPECT_EQ(attempt.unit().name(), "a");
  EXPECT_EQ(attempt.unit().spec().name(), "s");
  EXPECT_EQ(attempt.worker(), "w");
  EXPECT_EQ(attempt.made().status, AttemptStatus::kPending);
  EXPECT_EQ(attempt.made().expiration - attempt.made().start, 15min);
  EXPECT_EQ((*spec.Unit("a").ActiveAttempt())->worker(), "w");
  EXPECT_TRUE(attempt.Renew(1h, Map{{"half", true}}).ok());
  EXPECT_GT(attempt.Info()->expiration, attempt.made().expiration);
  EXPECT_TRUE(attempt.Finish().ok());
  EXPECT_EQ(attempt.Info()->status, AttemptStatus::kFinished);
  EXPECT_TRUE(attempt.Info()->end.has_value());
  EXPECT_EQ(spec.Unit("a").Info()->data, Value(Map{{"half", true}}));
  EXPECT_EQ(CodeOf(attempt.Fail()), ErrorCode::kNotPending);
  EXPECT_TRUE(spec.Unit("a").ClearActiveAttempt().ok());
  EXPECT_EQ(spec.Unit("a").Info()->status, WorkUnitStatus::kAvailable);
  EXPECT_TRUE(spec.Unit("a").Delete().ok());
  EXPECT_EQ(CodeOf(attempt.Info()), ErrorCode::kNoSuchWorkUnit);
}

TEST_P(ClientTest, OtherEndsOfAttempts) {
  const WorkSpec spec = GivenUnits({"a"});
  EXPECT_TRUE(Take().Expire().ok());
  EXPECT_TRUE(Take().Fail(Map{{"traceback", "why"}}).ok());
  EXPECT_EQ(spec.Unit("a").Info()->status, WorkUnitStatus::kFailed);
  EXPECT_EQ(*spec.RetryWorkUnits({}), 1U);
  const Attempt lost = Take();
  EXPECT_TRUE(spec.Unit("a").ClearActiveAttempt().ok());
  EXPECT_EQ(CodeOf(lost.Renew(1h)), ErrorCode::kLostLease);
  EXPECT_TRUE(Take().Retry(1h).ok());
  EXPECT_EQ(spec.Unit("a").Info()->status, WorkUnitStatus::kDelayed);
  std::vector<AttemptStatus> statuses;
  for (const Attempt& attempt : *spec.Unit("a").Attempts()) {
    statuses.push_back(attempt.made().status);
  }
  EXPECT_THAT(statuses, ElementsAre(AttemptStatus::kExpired, AttemptStatus::kFailed,
                                    AttemptStatus::kExpired, AttemptStatus::kRetryable));
}

TEST_P(ClientTest, Requests) {
  GivenUnits({"a", "b", "c"});
  const Worker worker = all().WorkerNamed("w");
  EXPECT_THAT(*worker.RequestAttempts({.runtimes = {"cpp"}}), IsEmpty());
  EXPECT_THAT(*worker.RequestAttempts({.work_specs = {"t"}}), IsEmpty());
  EXPECT_THAT(*worker.RequestAttempts({.count = 2, .work_specs = {"s"}, .runtimes = {""}}),
              SizeIs(2));
  EXPECT_THAT(*worker.ActiveAttempts(), SizeIs(2));
  EXPECT_THAT(*worker.AllAttempts(), SizeIs(2));
  const auto made = worker.MakeAttempt(all().Spec("s").Unit("c"), 1min);
  EXPECT_EQ(made->made().expiration - made->made().start, 1min);
  EXPECT_EQ(CodeOf(worker.MakeAttempt(all().Spec("s").Unit("none"))), ErrorCode::kNoSuchWorkUnit);
}

TEST_P(ClientTest, WhoWaitsIsServed) {
  const WorkSpec spec = GivenSpec();
  std::vector<Attempt> got;
  std::thread waiting([&] { got = *all().WorkerNamed("w").RequestAttempts({.wait = 1min}); });
  ASSERT_TRUE(spec.AddWorkUnit({.name = "a"}).ok());
  waiting.join();
  EXPECT_THAT(got, SizeIs(1));
}

TEST_P(ClientTest, Workers) {
  const Worker worker = all().WorkerNamed("w");
  ASSERT_TRUE(
      worker.Update({.lifetime = 1h, .mode = "run", .data = Map{{"pid", 1}}, .parent = "p"}).ok());
  const auto info = worker.Info();
  EXPECT_EQ(info->name, "w");
  EXPECT_EQ(info->parent, "p");
  EXPECT_TRUE(info->active);
  EXPECT_EQ(info->mode, Value("run"));
  EXPECT_EQ(info->data, Value(Map{{"pid", 1}}));
  EXPECT_TRUE(info->expiration > info->last_update);
  EXPECT_THAT(all().WorkerNamed("p").Info()->children, ElementsAre("w"));
  GivenUnits({"a"});
  Take();
  EXPECT_THAT(*all().WorkerNamed("p").ChildAttempts(), SizeIs(1));
  EXPECT_TRUE(worker.Deactivate().ok());
  EXPECT_FALSE(worker.Info()->active);
  EXPECT_THAT(*all().Workers(), SizeIs(2));
  EXPECT_THAT(*all().Workers(/*active_only=*/true), SizeIs(1));
  EXPECT_EQ(CodeOf(worker.Deactivate()), ErrorCode::kNotFound);
  EXPECT_EQ(CodeOf(worker.Update({.parent = "w"})), ErrorCode::kInvalid);
  EXPECT_EQ(CodeOf(all().WorkerNamed("\xff").Info()), ErrorCode::kInvalid);
}

TEST_P(ClientTest, Summaries) {
  GivenUnits({"a"});
  for (const auto& records : {*all().Summary(), *backend_.client().Summary()}) {
    ASSERT_THAT(records, SizeIs(1));
    EXPECT_EQ(records[0].name_space, "n");
    EXPECT_EQ(records[0].work_spec, "s");
    EXPECT_EQ(records[0].status, WorkUnitStatus::kAvailable);
    EXPECT_EQ(records[0].count, 1U);
  }
}

TEST_P(ClientTest, ThreadsShareIt) {
  const WorkSpec spec = GivenSpec();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 20; ++j) {
        const std::string name = std::to_string(i) + "-" + std::to_string(j);
        EXPECT_TRUE(spec.AddWorkUnit({.name = name}).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ((*spec.CountWorkUnits())[WorkUnitStatus::kAvailable], 160U);
}

INSTANTIATE_TEST_SUITE_P(On, ClientTest, ::testing::Values("memory", "sqlite", "http"),
                         [](const auto& test) { return std::string(test.param); });

TEST(ClientOpenTest, WhatIsNoBackendIsAnError) {
  EXPECT_EQ(CodeOf(Client::Open("nonsense")), ErrorCode::kInvalid);
  EXPECT_EQ(CodeOf(Client::Connect("memory")), ErrorCode::kInvalid);
  const auto refused = Client::Connect("http://127.0.0.1:1/");
  EXPECT_EQ(CodeOf(refused), ErrorCode::kUnavailable);
  EXPECT_EQ(refused.error().message, "cannot reach 127.0.0.1:1: connection refused");
}

TEST(ClientOpenTest, HandlesKeepTheStore) {
  const auto spec = Client::Open("memory")->InNamespace("").SetWorkSpec(Map{{"name", "s"}});
  EXPECT_TRUE(spec->AddWorkUnit({.name = "a"}).ok());
}

}  // namespace
}  // namespace coordinate

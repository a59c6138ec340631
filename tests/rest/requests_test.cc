// SPDX-License-Identifier: MIT
#include "rest/requests.h"

#include <gtest/gtest.h>

#include "value/json.h"
#include "value/value.h"

namespace coord {
namespace {

// A body from JSON, and what its commands borrow from.
class RequestsTest : public ::testing::Test {
 protected:
  std::string_view Item(std::string_view json) {
    const auto value = ParseJson(json);
    EXPECT_TRUE(value.has_value()) << json;
    return arena_.Copy(EncodeCbor(*value));
  }
  RequestBody Body(std::string_view json) { return {Item(json), 128}; }

  Arena arena_;
};

TEST_F(RequestsTest, UnitQuery) {
  const auto none = ReadUnitQuery("", arena_);
  ASSERT_TRUE(none.has_value());
  EXPECT_FALSE(none->names || none->statuses || none->after);
  EXPECT_EQ(none->limit, 0U);

  const auto query = ReadUnitQuery(
      "&name=a%20b&name=&&status=failed&status=delayed&previous=-YS9i&limit=7&other=x", arena_);
  ASSERT_TRUE(query.has_value());
  EXPECT_EQ(std::vector(query->names->begin(), query->names->end()),
            (std::vector<std::string_view>{"a b", ""}));
  EXPECT_TRUE(query->statuses->Has(WorkUnitStatus::kFailed));
  EXPECT_TRUE(query->statuses->Has(WorkUnitStatus::kDelayed));
  EXPECT_FALSE(query->statuses->Has(WorkUnitStatus::kAvailable));
  EXPECT_EQ(query->after, "a/b");
  EXPECT_EQ(query->limit, 7U);

  EXPECT_FALSE(ReadUnitQuery("status=failed&status=any", arena_)->statuses);
  const auto empty = ReadUnitQuery("status=&previous=&limit=", arena_);
  ASSERT_TRUE(empty.has_value());
  EXPECT_FALSE(empty->statuses || empty->after);
  for (const std::string_view bad :
       {"status=done", "limit=-1", "limit=x", "previous=-*", "name=%"}) {
    EXPECT_TRUE(ReadUnitQuery(bad, arena_).has_error()) << bad;
  }
}

TEST_F(RequestsTest, WorkerQuery) {
  const auto query = ReadWorkerQuery("active=true&previous=w&limit=2", arena_);
  ASSERT_TRUE(query.has_value());
  EXPECT_EQ(query->active, true);
  EXPECT_EQ(query->after, "w");
  EXPECT_EQ(query->limit, 2U);
  EXPECT_TRUE(ReadWorkerQuery("active=maybe", arena_).has_error());
  EXPECT_TRUE(*ReadQueryFlag("counts=true", "counts", arena_));
  EXPECT_FALSE(*ReadQueryFlag("count=true", "counts", arena_));
}

TEST_F(RequestsTest, NullIsAbsentAndUnknownFieldsAreIgnored) {
  const auto change = ReadMetaChange(
      Body(R"({"priority":null,"weight":3,"interval":1500,"available_count":"x","runtime":7,
               "next_continuous":"1970-01-01T00:00:01Z"})"),
      arena_);
  ASSERT_TRUE(change.has_value());
  EXPECT_FALSE(change->priority);
  EXPECT_EQ(change->weight, 3);
  EXPECT_EQ(change->interval, Duration(1));
  EXPECT_EQ(change->next_continuous, WallTime(std::chrono::seconds(1)));
}

TEST_F(RequestsTest, WrongKindsAreNamed) {
  for (const auto& [body, field] : std::initializer_list<std::pair<const char*, const char*>>{
           {R"({"weight":"x"})", "weight"},
           {R"({"weight":1.5})", "weight"},
           {R"({"paused":"x"})", "paused"},
           {R"({"interval":1.5})", "interval"},
           {R"({"max_running":-1})", "max_running"},
           {R"({"next_continuous":5})", "next_continuous"},
           {R"({"next_continuous":"soon"})", "next_continuous"}}) {
    const auto change = ReadMetaChange(Body(body), arena_);
    ASSERT_TRUE(change.has_error()) << body;
    EXPECT_TRUE(change.error().detail.starts_with(field)) << change.error().detail;
  }
}

TEST_F(RequestsTest, Unit) {
  const auto unit = ReadUnit(Body(R"({"name":"x","name_base64":"/w==","data":null,
               "meta":{"priority":2,"not_before":"1970-01-01T00:00:01Z"},"status":"any"})"),
                             arena_);
  ASSERT_TRUE(unit.has_value());
  EXPECT_EQ(unit->name, "\xff");
  EXPECT_EQ(unit->data.cbor(), kEmptyCborMap);
  EXPECT_EQ(unit->priority, 2);
  EXPECT_EQ(unit->not_before, WallTime(std::chrono::seconds(1)));
  for (const char* bad : {"{}", R"({"name":5})", R"({"name":"x","data":5})",
                          R"({"name":"x","meta":5})", R"({"name_base64":"?"})"}) {
    EXPECT_TRUE(ReadUnit(Body(bad), arena_).has_error()) << bad;
  }
  EXPECT_EQ(ReadUnit(Body(R"({"name":"x","meta":{"priority":"high"}})"), arena_).error().code,
            ErrorCode::kBadPriority);
}

TEST_F(RequestsTest, UnitsNameTheBadOne) {
  EXPECT_EQ(ReadUnits(Item(R"([{"name":"a"},{"name":"b"}])"), 128, arena_)->size(), 2U);
  EXPECT_TRUE(
      ReadUnits(Item(R"([{"name":"a"},5])"), 128, arena_).error().detail.starts_with("item 1: "));
}

TEST_F(RequestsTest, AttemptChangesTakeWhatConcernsThem) {
  const auto body = Body(R"({"data":{"a":1},"extend_duration":2000,"delay":3000})");
  EXPECT_EQ(ReadAttemptChange(body, AttemptEvent::kRenew, arena_)->duration, Duration(2));
  EXPECT_EQ(ReadAttemptChange(body, AttemptEvent::kRetry, arena_)->duration, Duration(3));
  EXPECT_EQ(ReadAttemptChange(body, AttemptEvent::kFinish, arena_)->duration, Duration(0));
  EXPECT_FALSE(ReadAttemptChange(body, AttemptEvent::kFinish, arena_)->data.is_null());
}

TEST_F(RequestsTest, ChangeListKeepsThePlacesOfDefects) {
  const auto list = ReadChanges(
      Item(R"([{"url":"/namespace/n/work_spec/s/work_unit/u/attempt/w/1-1","action":"finish"},
               {"url":"/namespace/m/work_spec/s/work_unit/u/attempt/w/1-1","action":"finish"},
               5,
               {"url":"/namespace/n/work_spec/s/work_unit/u/attempt/w/zz","action":"finish"},
               {"url":"/namespace/n/work_spec/s/work_unit/u/attempt/w/1-2","action":"jump"},
               {"url":"/namespace/n/work_spec/s/work_unit/u/attempt/w/1-3","action":"retry",
                "delay":1000}])"),
      "n", 128, arena_);
  ASSERT_TRUE(list.has_value());
  ASSERT_EQ(list->changes.size(), 2U);
  EXPECT_EQ(list->changes[1].key.id, AttemptId{3});
  EXPECT_EQ(list->changes[1].duration, Duration(1));
  ASSERT_EQ(list->defects.size(), 4U);
  EXPECT_EQ(list->defects[0].index, 1U);
  EXPECT_EQ(list->defects[2].error.code, ErrorCode::kGone);
  EXPECT_EQ(list->defects[3].index, 4U);
  EXPECT_TRUE(ReadChanges(Item("{}"), "n", 128, arena_).has_error());
}

TEST_F(RequestsTest, WorkerUpdate) {
  using Activity = UpdateWorker::Activity;
  const auto activity = [&](const char* body) {
    return ReadWorkerUpdate(Body(body), arena_)->activity;
  };
  EXPECT_EQ(activity("{}"), Activity::kUnchanged);
  EXPECT_EQ(activity(R"({"active":false})"), Activity::kDeactivate);
  EXPECT_EQ(activity(R"({"active":false,"parent":""})"), Activity::kUnchanged);
  EXPECT_EQ(activity(R"({"active":true,"parent":"p"})"), Activity::kActivate);
  const auto update = ReadWorkerUpdate(
      Body(R"({"active":true,"mode":7,"data":{},"last_update":"0001-01-01T00:00:00Z",
               "expiration":"1970-01-01T00:00:09Z"})"),
      arena_);
  ASSERT_TRUE(update.has_value());
  EXPECT_EQ(update->mode, "\x07");
  EXPECT_FALSE(update->last_update);
  EXPECT_EQ(update->expiration, WallTime(std::chrono::seconds(9)));
  EXPECT_TRUE(ReadWorkerUpdate(Body(R"({"active":true,"mode":[]})"), arena_).has_error());
}

TEST_F(RequestsTest, WorkRequest) {
  const auto request =
      ReadWorkRequest(Body(R"({"number_of_work_units":20000,"lifetime":5000000,"work_specs":null,
               "runtimes":["",  "go"],"available_gb":1.5,"wait":7200000000000})"),
                      arena_);
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->command.count, 10'000U);
  EXPECT_EQ(request->command.lifetime, std::chrono::milliseconds(5));
  EXPECT_TRUE(request->command.filter.work_spec_names.empty());
  EXPECT_EQ(request->command.filter.runtimes.size(), 2U);
  EXPECT_EQ(request->wait, kWaitMax);
  EXPECT_EQ(ReadWorkRequest(Body(R"({"number_of_work_units":-3,"wait":-1})"), arena_)->wait,
            Duration(0));
}

}  // namespace
}  // namespace coord

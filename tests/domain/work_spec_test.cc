// SPDX-License-Identifier: MIT
#include "domain/work_spec.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "cbor_build.h"
#include "domain/names.h"

namespace coord {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Bool;
using testing::Bytes;
using testing::Double;
using testing::Int;
using testing::List;
using testing::Map;
using testing::Null;
using testing::Text;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

using Entries = std::vector<std::pair<std::string, std::string>>;

Result<ParsedDefinition> ParseEncoded(const std::string& map) {
  return ParseDefinition(Data::FromStored(map));
}

// Parses a definition named "a" with these keys, as text.
Result<ParsedDefinition> Parse(const Entries& entries) {
  Entries all = {{Text("name"), Text("a")}};
  for (const auto& [key, value] : entries) all.emplace_back(Text(key), value);
  return ParseEncoded(Map(all));
}

WorkSpecMeta MetaOf(const Entries& entries) {
  const auto parsed = Parse(entries);
  EXPECT_TRUE(parsed.has_value()) << (parsed.has_error() ? parsed.error().detail : "");
  return parsed.has_value() ? parsed->meta : WorkSpecMeta();
}

TEST(ParseDefinition, GivesDefaults) {
  const auto parsed = Parse({});
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->name, "a");
  EXPECT_EQ(parsed->meta.priority, 0);
  EXPECT_EQ(parsed->meta.weight, 20);
  EXPECT_FALSE(parsed->meta.paused);
  EXPECT_FALSE(parsed->meta.continuous);
  EXPECT_FALSE(parsed->meta.can_be_continuous);
  EXPECT_EQ(parsed->meta.min_memory_gb, 0);
  EXPECT_EQ(parsed->meta.interval, Duration(0));
  EXPECT_EQ(parsed->meta.next_continuous, kNoTime);
  EXPECT_EQ(parsed->meta.max_running, 0U);
  EXPECT_EQ(parsed->meta.max_attempts_returned, 0U);
  EXPECT_EQ(parsed->meta.max_retries, 0U);
  EXPECT_EQ(parsed->meta.next_work_spec_name, "");
  EXPECT_EQ(parsed->meta.runtime, "");
  EXPECT_EQ(parsed->retention.completed_count, std::nullopt);
  EXPECT_EQ(parsed->retention.completed_age, std::nullopt);
}

TEST(ParseDefinition, ReadsEveryKey) {
  const auto parsed = ParseEncoded(Map({
      {Bytes("name"), Bytes("ws2")},
      {Bytes("priority"), Int(-3)},
      {Bytes("weight"), Int(7)},
      {Bytes("nice"), Int(3)},
      {Bytes("disabled"), Bool(true)},
      {Bytes("continuous"), Bool(true)},
      {Bytes("min_gb"), Double(0.5)},
      {Bytes("interval"), Double(2.5)},
      {Bytes("max_running"), Int(100)},
      {Bytes("max_getwork"), Int(50)},
      {Bytes("max_retries"), Int(9)},
      {Bytes("then"), Bytes("ws3")},
      {Bytes("runtime"), Text("go")},
      {Bytes("limit_completed_count"), Int(10)},
      {Bytes("limit_completed_age"), Double(0.25)},
      {Bytes("then_preempts"), Bool(false)},
      {Bytes("module"), Bytes("mod")},
      {Bytes("config"), Map({{Bytes("weight"), Text("heavy")}})},
      {Bytes("desc"), List({})},
  }));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->name, "ws2");
  EXPECT_EQ(parsed->meta.priority, -3);
  EXPECT_EQ(parsed->meta.weight, 7);
  EXPECT_TRUE(parsed->meta.paused);
  EXPECT_TRUE(parsed->meta.continuous);
  EXPECT_TRUE(parsed->meta.can_be_continuous);
  EXPECT_EQ(parsed->meta.min_memory_gb, 0.5);
  EXPECT_EQ(parsed->meta.interval, milliseconds(2500));
  EXPECT_EQ(parsed->meta.max_running, 100U);
  EXPECT_EQ(parsed->meta.max_attempts_returned, 50U);
  EXPECT_EQ(parsed->meta.max_retries, 9U);
  EXPECT_EQ(parsed->meta.next_work_spec_name, "ws3");
  EXPECT_EQ(parsed->meta.runtime, "go");
  EXPECT_EQ(parsed->retention.completed_count, 10U);
  EXPECT_EQ(parsed->retention.completed_age, milliseconds(250));
}

TEST(ParseDefinition, NullIsTheSameAsAbsent) {
  const std::vector<std::string> keys = {"priority",
                                         "weight",
                                         "nice",
                                         "disabled",
                                         "continuous",
                                         "min_gb",
                                         "interval",
                                         "max_running",
                                         "max_getwork",
                                         "max_retries",
                                         "then",
                                         "runtime",
                                         "module",
                                         "limit_completed_count",
                                         "limit_completed_age"};
  Entries entries;
  for (const std::string& key : keys) entries.emplace_back(key, Null());
  const auto parsed = Parse(entries);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->meta.weight, 20);
  EXPECT_EQ(parsed->retention.completed_count, std::nullopt);
  EXPECT_EQ(parsed->retention.completed_age, std::nullopt);
  EXPECT_EQ(MetaOf({{"weight", Null()}, {"nice", Int(5)}}).weight, 15);
}

TEST(ParseDefinition, OfEqualKeysTheLaterWins) {
  EXPECT_EQ(MetaOf({{"weight", Int(3)}, {"weight", Int(4)}}).weight, 4);
  EXPECT_EQ(MetaOf({{"weight", Int(3)}, {"weight", Null()}}).weight, 20);
  EXPECT_EQ(MetaOf({{"weight", Text("heavy")}, {"weight", Int(4)}}).weight, 4);
  const auto parsed = ParseEncoded(
      Map({{Text("name"), Text("a")}, {Bytes("weight"), Int(3)}, {Text("weight"), Int(5)}}));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->meta.weight, 5);
}

TEST(ParseDefinition, NumbersComeInAnyFormThatLosesNothing) {
  for (const std::string& five : {Int(5), Double(5), Text("5"), Bytes("5"), Text("5.0")}) {
    EXPECT_EQ(MetaOf({{"priority", five}}).priority, 5);
    EXPECT_EQ(MetaOf({{"max_running", five}}).max_running, 5U);
    EXPECT_EQ(MetaOf({{"interval", five}}).interval, seconds(5));
    EXPECT_EQ(MetaOf({{"min_gb", five}}).min_memory_gb, 5);
  }
  EXPECT_EQ(MetaOf({{"interval", Bytes("60")}}).interval, seconds(60));
  EXPECT_EQ(MetaOf({{"min_gb", Text("2.5")}}).min_memory_gb, 2.5);
  for (const std::string& one : {Bool(true), Int(1), Double(1)}) {
    EXPECT_TRUE(MetaOf({{"disabled", one}}).paused);
    EXPECT_TRUE(MetaOf({{"continuous", one}}).can_be_continuous);
  }
  for (const std::string& zero : {Bool(false), Int(0), Double(0)}) {
    EXPECT_FALSE(MetaOf({{"disabled", zero}}).paused);
    EXPECT_FALSE(MetaOf({{"continuous", zero}}).can_be_continuous);
  }
}

TEST(ParseDefinition, WeightIsAtLeastOneAndComesFromNice) {
  struct Case {
    Entries entries;
    std::int64_t weight;
  };
  const std::vector<Case> cases = {
      {{{"weight", Int(1)}}, 1},
      {{{"weight", Int(0)}}, 1},
      {{{"weight", Int(-5)}}, 1},
      {{{"weight", Int(kWeightBound)}}, kWeightBound},
      {{{"weight", Int(-kWeightBound)}}, 1},
      {{{"nice", Int(5)}}, 15},
      {{{"nice", Int(19)}}, 1},
      {{{"nice", Int(20)}}, 1},
      {{{"nice", Int(kWeightBound + 20)}}, 1},
      {{{"nice", Int(20 - kWeightBound)}}, kWeightBound},
      {{{"nice", Int(5)}, {"weight", Int(0)}}, 1},
      {{{"weight", Int(30)}, {"nice", Int(5)}}, 30},
  };
  for (const Case& c : cases) EXPECT_EQ(MetaOf(c.entries).weight, c.weight);
}

TEST(ParseDefinition, RefusalsNameTheKey) {
  const Entries bad = {
      {"priority", Int(kWeightBound + 1)},
      {"priority", Int(-kWeightBound - 1)},
      {"priority", Double(1.5)},
      {"priority", Double(kInfinity)},
      {"priority", Double(std::nan(""))},
      {"priority", Double(1e300)},
      {"priority", Bool(true)},
      {"priority", List({})},
      {"weight", Bytes("heavy")},
      {"weight", Int(kWeightBound + 1)},
      {"weight", Int(-kWeightBound - 1)},
      {"nice", Int(kWeightBound + 21)},
      {"nice", Int(19 - kWeightBound)},
      {"nice", Text("")},
      {"disabled", Int(2)},
      {"disabled", Text("true")},
      {"continuous", Map({})},
      {"continuous", Double(0.5)},
      {"min_gb", Double(kInfinity)},
      {"min_gb", Text("nan")},
      {"min_gb", Double(-0.5)},
      {"min_gb", Bool(false)},
      {"interval", Int(-1)},
      {"interval", Double(std::nan(""))},
      {"interval", Text("soon")},
      {"max_running", Int(-1)},
      {"max_running", Double(0.5)},
      {"max_getwork", Int(-1)},
      {"max_getwork", Text("many")},
      {"max_retries", Text("-1")},
      {"max_retries", Double(-kInfinity)},
      {"limit_completed_count", Int(-1)},
      {"limit_completed_count", Double(2.5)},
      {"limit_completed_age", Double(-0.1)},
      {"limit_completed_age", Double(kInfinity)},
      {"limit_completed_age", List({Int(1)})},
      {"then", Int(1)},
      {"then", Bool(false)},
      {"then", Text(std::string(kNameBytesMax + 1, 'a'))},
      {"runtime", List({Text("go")})},
      {"runtime", Bytes("\xff")},
  };
  for (const auto& [key, value] : bad) {
    const auto parsed = Parse({{key, value}});
    ASSERT_TRUE(parsed.has_error()) << key << " " << ::testing::PrintToString(value);
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalid);
    EXPECT_EQ(parsed.error().subject, key);
    EXPECT_EQ(parsed.error().detail.find(key), 0U) << parsed.error().detail;
  }
}

TEST(ParseDefinition, NeedsAName) {
  for (const std::string& map : {Map({}), Map({{Text("name"), Null()}}),
                                 Map({{Text("name"), Text("")}}), Map({{Text("name"), Bytes("")}}),
                                 Map({{Text("name"), Text("a")}, {Text("name"), Null()}})}) {
    const auto parsed = ParseEncoded(map);
    ASSERT_TRUE(parsed.has_error());
    EXPECT_EQ(parsed.error().code, ErrorCode::kNoWorkSpecName);
  }
  const auto null = ParseDefinition(Data());
  ASSERT_TRUE(null.has_error());
  EXPECT_EQ(null.error().code, ErrorCode::kNoWorkSpecName);
}

TEST(ParseDefinition, RefusesABadName) {
  for (const std::string& name :
       {Int(1), List({}), Bool(true), Bytes("\xff"), Text(std::string(kNameBytesMax + 1, 'a'))}) {
    const auto parsed = ParseEncoded(Map({{Text("name"), name}}));
    ASSERT_TRUE(parsed.has_error());
    EXPECT_EQ(parsed.error().code, ErrorCode::kBadWorkSpecName);
  }
  EXPECT_TRUE(ParseEncoded(Map({{Text("name"), Bytes("ws-f\xc3\xbc")}})).has_value());
}

TEST(ParseDefinition, ReadsStringsThatCameInChunks) {
  // {_ (_ "na", "me"): (_ b"w", b"s"), "then": (_ "x")}
  const auto parsed =
      ParseEncoded("\xbf\x7f\x62na\x62me\xff\x5f\x41w\x41s\xff\x64then\x7f\x61x\xff\xff");
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->name, "ws");
  EXPECT_EQ(parsed->meta.next_work_spec_name, "x");
}

TEST(ApplyMetaChange, ChangesWhatIsGiven) {
  WorkSpecMeta meta;
  meta.can_be_continuous = true;
  meta.next_work_spec_name = "next";
  WorkSpecMetaChange change;
  ASSERT_TRUE(ApplyMetaChange(change, true, meta).has_value());
  EXPECT_EQ(meta.weight, 20);
  change.priority = 4;
  change.weight = -7;
  change.paused = true;
  change.continuous = true;
  change.min_memory_gb = 1.5;
  change.interval = seconds(3);
  change.next_continuous = WallTime(seconds(9));
  change.max_running = 1;
  change.max_attempts_returned = 2;
  change.max_retries = 3;
  ASSERT_TRUE(ApplyMetaChange(change, true, meta).has_value());
  EXPECT_EQ(meta.priority, 4);
  EXPECT_EQ(meta.weight, -7);
  EXPECT_TRUE(meta.paused);
  EXPECT_TRUE(meta.continuous);
  EXPECT_EQ(meta.min_memory_gb, 1.5);
  EXPECT_EQ(meta.interval, seconds(3));
  EXPECT_EQ(meta.next_continuous, WallTime(seconds(9)));
  EXPECT_EQ(meta.max_running, 1U);
  EXPECT_EQ(meta.max_attempts_returned, 2U);
  EXPECT_EQ(meta.max_retries, 3U);
  EXPECT_EQ(meta.next_work_spec_name, "next");
  WorkSpecMetaChange off;
  off.continuous = false;
  off.next_continuous = kNoTime;
  ASSERT_TRUE(ApplyMetaChange(off, true, meta).has_value());
  EXPECT_FALSE(meta.continuous);
  EXPECT_EQ(meta.next_continuous, kNoTime);
  EXPECT_EQ(meta.priority, 4);
}

TEST(ApplyMetaChange, KeepsASpecThatCannotBeContinuousAsItIs) {
  WorkSpecMeta meta;
  WorkSpecMetaChange change;
  change.continuous = true;
  change.weight = 5;
  const auto strict = ApplyMetaChange(change, true, meta);
  ASSERT_TRUE(strict.has_error());
  EXPECT_EQ(strict.error().code, ErrorCode::kCannotBecomeContinuous);
  EXPECT_EQ(meta.weight, 20);
  ASSERT_TRUE(ApplyMetaChange(change, false, meta).has_value());
  EXPECT_FALSE(meta.continuous);
  EXPECT_EQ(meta.weight, 5);
  change.continuous = false;
  EXPECT_TRUE(ApplyMetaChange(change, true, meta).has_value());
}

TEST(ApplyMetaChange, RefusesWhatIsOutOfRangeAndChangesNothing) {
  std::vector<WorkSpecMetaChange> bad(8);
  bad[0].priority = kWeightBound + 1;
  bad[1].priority = -kWeightBound - 1;
  bad[2].weight = kWeightBound + 1;
  bad[3].weight = -kWeightBound - 1;
  bad[4].min_memory_gb = kInfinity;
  bad[5].min_memory_gb = std::nan("");
  bad[6].min_memory_gb = -1;
  bad[7].interval = Duration(-1);
  for (WorkSpecMetaChange& change : bad) {
    change.paused = true;
    WorkSpecMeta meta;
    const auto applied = ApplyMetaChange(change, false, meta);
    ASSERT_TRUE(applied.has_error());
    EXPECT_EQ(applied.error().code, ErrorCode::kInvalid);
    EXPECT_FALSE(meta.paused);
  }
}

}  // namespace
}  // namespace coord

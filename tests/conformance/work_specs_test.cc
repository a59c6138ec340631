// SPDX-License-Identifier: MIT
// spec/domain.md, section 2: definitions and meta.
#include <cmath>
#include <limits>

#include "suite.h"

namespace coord::testing {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace {

// The definition of "s" with one more key.
Map With(const std::string& key, const Value& value) { return {{"name", "s"}, {key, value}}; }

}  // namespace

// C-SPEC-01
TEST_P(WorkSpecTest, SettingADefinitionMakesOrReplacesTheSpec) {
  client().SetWorkSpec(With("x", 1));
  EXPECT_EQ(client().Definition("s"), Value(With("x", 1)));
  client().Add("s", {{.name = "a"}});
  client().SetWorkSpec(With("y", 2));
  EXPECT_EQ(client().Definition("s"), Value(With("y", 2)));
  EXPECT_THAT(client().ListWorkSpecs().names, ElementsAre("s"));
  EXPECT_THAT(client().Names("s"), ElementsAre("a"));
}

// C-SPEC-02
TEST_P(WorkSpecTest, EveryMetaFieldHasADefault) {
  GivenSpec();
  const WorkSpecMeta meta = client().Meta("s").meta;
  EXPECT_EQ(meta.priority, 0);
  EXPECT_EQ(meta.weight, 20);
  EXPECT_FALSE(meta.paused);
  EXPECT_FALSE(meta.continuous);
  EXPECT_FALSE(meta.can_be_continuous);
  EXPECT_EQ(meta.min_memory_gb, 0);
  EXPECT_EQ(meta.interval, Duration(0));
  EXPECT_EQ(When(meta.next_continuous), When(kNoTime));
  EXPECT_EQ(meta.max_running, 0U);
  EXPECT_EQ(meta.max_attempts_returned, 0U);
  EXPECT_EQ(meta.max_retries, 0U);
  EXPECT_EQ(meta.next_work_spec_name, "");
  EXPECT_EQ(meta.runtime, "");
}

// C-SPEC-03
TEST_P(WorkSpecTest, PriorityIsTheDefinitions) {
  GivenSpec({{"priority", -7}});
  EXPECT_EQ(client().Meta("s").meta.priority, -7);
}

// C-SPEC-04
TEST_P(WorkSpecTest, WeightIsTheDefinitionsElseTwentyLessNice) {
  const auto weight_of = [this](Map keys) {
    GivenSpec(std::move(keys));
    return client().Meta("s").meta.weight;
  };
  EXPECT_EQ(weight_of({{"weight", 300}}), 300);
  EXPECT_EQ(weight_of({{"nice", 5}}), 15);
  EXPECT_EQ(weight_of({{"nice", -5}}), 25);
  EXPECT_EQ(weight_of({{"weight", 3}, {"nice", 5}}), 3);
  EXPECT_EQ(weight_of({{"weight", 0}}), 1);
  EXPECT_EQ(weight_of({{"weight", -4}}), 1);
  EXPECT_EQ(weight_of({{"nice", 20}}), 1);
  EXPECT_EQ(weight_of({{"nice", 100}}), 1);
}

// C-SPEC-05
TEST_P(WorkSpecTest, PausedIsTheDefinitionsDisabled) {
  GivenSpec({{"disabled", true}});
  EXPECT_TRUE(client().Meta("s").meta.paused);
  GivenSpec({{"disabled", false}});
  EXPECT_FALSE(client().Meta("s").meta.paused);
}

// C-SPEC-06
TEST_P(WorkSpecTest, ContinuousIsTheDefinitions) {
  GivenSpec({{"continuous", true}});
  EXPECT_TRUE(client().Meta("s").meta.continuous);
  EXPECT_TRUE(client().Meta("s").meta.can_be_continuous);
  GivenSpec({{"continuous", false}});
  EXPECT_FALSE(client().Meta("s").meta.continuous);
  EXPECT_FALSE(client().Meta("s").meta.can_be_continuous);
}

// C-SPEC-07
TEST_P(WorkSpecTest, MemoryIsTheDefinitionsMinGb) {
  GivenSpec({{"min_gb", 1.5}});
  EXPECT_EQ(client().Meta("s").meta.min_memory_gb, 1.5);
}

// C-SPEC-08
TEST_P(WorkSpecTest, IntervalIsInSecondsAndFractionsCount) {
  GivenSpec({{"interval", 60}});
  EXPECT_EQ(client().Meta("s").meta.interval, Duration(60s));
  GivenSpec({{"interval", 0.25}});
  EXPECT_EQ(client().Meta("s").meta.interval, Duration(250ms));
}

// C-SPEC-09
TEST_P(WorkSpecTest, NextContinuousIsKeptWhenTheDefinitionIsReplaced) {
  GivenSpec({{"continuous", true}});
  client().SetMeta("s", {.next_continuous = now() + 60s});
  GivenSpec({{"continuous", true}, {"interval", 5}});
  EXPECT_EQ(When(client().Meta("s").meta.next_continuous), When(now() + 60s));
}

// C-SPEC-10
TEST_P(WorkSpecTest, LimitsAreTheDefinitions) {
  GivenSpec({{"max_running", 2}, {"max_getwork", 3}, {"max_retries", 4}});
  const WorkSpecMeta meta = client().Meta("s").meta;
  EXPECT_EQ(meta.max_running, 2U);
  EXPECT_EQ(meta.max_attempts_returned, 3U);
  EXPECT_EQ(meta.max_retries, 4U);
}

// C-SPEC-11
TEST_P(WorkSpecTest, NextSpecAndRuntimeAreTheDefinitions) {
  GivenSpec({{"then", "t"}, {"runtime", "go"}});
  EXPECT_EQ(client().Meta("s").meta.next_work_spec_name, "t");
  EXPECT_EQ(client().Meta("s").meta.runtime, "go");
}

// C-SPEC-12
TEST_P(WorkSpecTest, CountsAreFilledInOnlyWhenAskedFor) {
  GivenSpec();
  client().Add("s", {{.name = "a"}, {.name = "b"}, {.name = "c"}, {.name = "d", .delay = 60s}});
  client().Take();
  EXPECT_FALSE(client().Meta("s").has_counts);
  const OwnedMeta counted = client().MetaWithCounts("s");
  EXPECT_TRUE(counted.has_counts);
  EXPECT_EQ(counted.available, 2U);
  EXPECT_EQ(counted.pending, 1U);
}

// C-SPEC-13
TEST_P(WorkSpecTest, SettingADefinitionResetsEveryDerivedField) {
  GivenSpec({{"continuous", true}});
  client().SetMeta("s", {.priority = 9,
                         .weight = 9,
                         .paused = true,
                         .continuous = false,
                         .min_memory_gb = 9,
                         .interval = 9s,
                         .max_running = 9,
                         .max_attempts_returned = 9,
                         .max_retries = 9});
  GivenSpec({{"continuous", true}});
  const WorkSpecMeta meta = client().Meta("s").meta;
  EXPECT_EQ(meta.priority, 0);
  EXPECT_EQ(meta.weight, 20);
  EXPECT_FALSE(meta.paused);
  EXPECT_TRUE(meta.continuous);
  EXPECT_EQ(meta.min_memory_gb, 0);
  EXPECT_EQ(meta.interval, Duration(0));
  EXPECT_EQ(meta.max_running, 0U);
  EXPECT_EQ(meta.max_attempts_returned, 0U);
  EXPECT_EQ(meta.max_retries, 0U);
}

// C-SPEC-14
TEST_P(WorkSpecTest, PendingAttemptsGoOnWhenTheDefinitionIsReplaced) {
  const Held held = GivenPending();
  client().SetWorkSpec({{"name", "t"}});
  GivenSpec({{"then", "t"}, {"max_running", 1}});
  EXPECT_EQ(client().StatusOf("s", "a"), kPending);
  client().Add("s", {{.name = "b"}});
  EXPECT_THAT(client().RequestNames({.specs = {"s"}}), IsEmpty()) << "max_running governs";
  EXPECT_EQ(client().Finish(held, Map{{"output", List{"next"}}}), kOk);
  EXPECT_THAT(client().Names("t"), ElementsAre("next")) << "then governs";
}

// C-SPEC-15
TEST_P(WorkSpecTest, ADefinitionOfAnotherNameIsChangedName) {
  GivenSpec({{"x", 1}});
  Keeper keeper;
  EXPECT_EQ(
      client().ErrorOf(SetWorkSpec{.definition = keeper.Keep(Map{{"name", "t"}}), .replaces = "s"}),
      Failure(ErrorCode::kChangedName));
  EXPECT_THAT(client().ListWorkSpecs().names, ElementsAre("s"));
  EXPECT_EQ(client().Definition("s"), Value(With("x", 1)));
}

// C-SPEC-15 C-SPEC-28
TEST_P(WorkSpecTest, ReplacingNeedsASpecToReplace) {
  Keeper keeper;
  const Data definition = keeper.Keep(With("x", 2));
  EXPECT_EQ(client().ErrorOf(SetWorkSpec{.definition = definition, .replaces = "s"}),
            Failure(ErrorCode::kNoSuchWorkSpec));
  GivenSpec();
  EXPECT_EQ(client().ErrorOf(SetWorkSpec{.definition = definition, .replaces = "s"}), kOk);
  EXPECT_EQ(client().Definition("s"), Value(With("x", 2)));
}

// C-SPEC-16
TEST_P(WorkSpecTest, NullIsTheSameAsAbsent) {
  Map keys;
  for (const char* const key :
       {"priority", "weight", "nice", "disabled", "continuous", "min_gb", "interval", "max_running",
        "max_getwork", "max_retries", "then", "runtime"}) {
    keys.emplace_back(key, Value());
  }
  GivenSpec(keys);
  const WorkSpecMeta meta = client().Meta("s").meta;
  EXPECT_EQ(meta.weight, 20);
  EXPECT_FALSE(meta.paused);
  EXPECT_EQ(meta.max_running, 0U);
  EXPECT_EQ(meta.next_work_spec_name, "");
}

// C-SPEC-17
TEST_P(WorkSpecTest, NumbersMayBeIntegersOrFloatsWhereThatLosesNothing) {
  GivenSpec(
      {{"weight", 30.0}, {"min_gb", 2}, {"max_running", 5.0}, {"disabled", 1}, {"continuous", 0}});
  const WorkSpecMeta meta = client().Meta("s").meta;
  EXPECT_EQ(meta.weight, 30);
  EXPECT_EQ(meta.min_memory_gb, 2);
  EXPECT_EQ(meta.max_running, 5U);
  EXPECT_TRUE(meta.paused);
  EXPECT_FALSE(meta.can_be_continuous);
  EXPECT_THAT(client().SetWorkSpecError(With("weight", 1.5)).detail, HasSubstr("weight"));
  EXPECT_THAT(client().SetWorkSpecError(With("max_running", 1.5)).detail, HasSubstr("max_running"));
}

// C-SPEC-18 C-SPEC-19 C-SPEC-20 C-SPEC-21 C-RET-10
TEST_P(WorkSpecTest, AWrongValueIsAnErrorThatNamesTheKeyAndNothingChanges) {
  GivenSpec({{"weight", 7}});
  const double infinity = std::numeric_limits<double>::infinity();
  const double nan = std::nan("");
  const std::vector<std::pair<const char*, Value>> wrong = {{"priority", "high"},
                                                            {"priority", List{}},
                                                            {"priority", infinity},
                                                            {"priority", 1'000'001},
                                                            {"priority", -1'000'001},
                                                            {"weight", Map{}},
                                                            {"weight", nan},
                                                            {"weight", 1'000'001},
                                                            {"weight", -1'000'001},
                                                            {"nice", "nice"},
                                                            {"disabled", "yes"},
                                                            {"disabled", 2},
                                                            {"continuous", List{}},
                                                            {"min_gb", "much"},
                                                            {"min_gb", nan},
                                                            {"min_gb", -1},
                                                            {"interval", "long"},
                                                            {"interval", infinity},
                                                            {"interval", -1},
                                                            {"max_running", -1},
                                                            {"max_running", "all"},
                                                            {"max_running", nan},
                                                            {"max_getwork", -1},
                                                            {"max_getwork", Map{}},
                                                            {"max_retries", -1},
                                                            {"max_retries", infinity},
                                                            {"then", 3},
                                                            {"runtime", List{}},
                                                            {"limit_completed_count", -1},
                                                            {"limit_completed_age", -1},
                                                            {"limit_completed_age", "day"}};
  for (const auto& [key, value] : wrong) {
    const Error error = client().SetWorkSpecError(With(key, value));
    EXPECT_EQ(error.code, ErrorCode::kInvalid) << key << " " << ToDebugText(value);
    EXPECT_THAT(error.detail, HasSubstr(key)) << ToDebugText(value);
    EXPECT_EQ(client().Definition("s"), Value(With("weight", 7))) << key;
    EXPECT_EQ(client().Meta("s").meta.weight, 7) << key;
  }
}

// C-SPEC-20
TEST_P(WorkSpecTest, WeightAndPriorityMayBeAMillionEitherWay) {
  GivenSpec({{"weight", 1'000'000}, {"priority", -1'000'000}});
  EXPECT_EQ(client().Meta("s").meta.weight, 1'000'000);
  EXPECT_EQ(client().Meta("s").meta.priority, -1'000'000);
  GivenSpec({{"weight", -1'000'000}, {"priority", 1'000'000}});
  EXPECT_EQ(client().Meta("s").meta.weight, 1);
  EXPECT_EQ(client().Meta("s").meta.priority, 1'000'000);
}

// C-SPEC-22
TEST_P(WorkSpecTest, OtherKeysAreCarried) {
  const Map definition = {{"name", "s"},           {"module", Bytes{"mod"}},
                          {"run_function", "run"}, {"config", Map{}},
                          {"run_params", List{1}}, {"task", "t"},
                          {"then_preempts", true}, {"anything", Tuple{{1, 2}}}};
  client().SetWorkSpec(definition);
  EXPECT_EQ(client().Definition("s"), Value(definition));
}

// C-SPEC-23
TEST_P(WorkSpecTest, SettingMetaChangesTheFieldsGivenAndKeepsTheOthers) {
  GivenSpec({{"priority", 3}, {"continuous", true}, {"then", "t"}, {"runtime", "go"}});
  client().SetMeta("s", {.weight = 8, .paused = true, .interval = 1500ms, .max_retries = 2});
  WorkSpecMeta meta = client().Meta("s").meta;
  EXPECT_EQ(meta.priority, 3);
  EXPECT_EQ(meta.weight, 8);
  EXPECT_TRUE(meta.paused);
  EXPECT_TRUE(meta.continuous);
  EXPECT_EQ(meta.interval, Duration(1500ms));
  EXPECT_EQ(meta.max_retries, 2U);
  EXPECT_EQ(meta.next_work_spec_name, "t");
  EXPECT_EQ(meta.runtime, "go");
  client().SetMeta("s", {.priority = -1,
                         .continuous = false,
                         .min_memory_gb = 0.5,
                         .max_running = 1,
                         .max_attempts_returned = 2});
  meta = client().Meta("s").meta;
  EXPECT_EQ(meta.priority, -1);
  EXPECT_EQ(meta.weight, 8);
  EXPECT_FALSE(meta.continuous);
  EXPECT_TRUE(meta.can_be_continuous);
  EXPECT_EQ(meta.min_memory_gb, 0.5);
  EXPECT_EQ(meta.max_running, 1U);
  EXPECT_EQ(meta.max_attempts_returned, 2U);
}

// C-SPEC-23
TEST_P(WorkSpecTest, SettingMetaOutOfRangeChangesNothing) {
  GivenSpec();
  const auto error_of = [this](const WorkSpecMetaChange& change) {
    return client().ErrorOf(SetWorkSpecMeta{.spec = "s", .change = change});
  };
  EXPECT_EQ(error_of({.priority = 1, .weight = 1'000'001}), Failure(ErrorCode::kInvalid));
  EXPECT_EQ(error_of({.priority = -1'000'001, .weight = 1}), Failure(ErrorCode::kInvalid));
  EXPECT_EQ(error_of({.weight = 1, .min_memory_gb = -1}), Failure(ErrorCode::kInvalid));
  EXPECT_EQ(error_of({.weight = 1, .interval = -1s}), Failure(ErrorCode::kInvalid));
  EXPECT_EQ(client().Meta("s").meta.priority, 0);
  EXPECT_EQ(client().Meta("s").meta.weight, 20);
}

// C-SPEC-24
TEST_P(WorkSpecTest, ContinuousOnASpecThatCannotBeIsKeptFalse) {
  GivenSpec();
  client().SetMeta("s", {.weight = 5, .continuous = true});
  EXPECT_FALSE(client().Meta("s").meta.continuous);
  EXPECT_EQ(client().Meta("s").meta.weight, 5) << "the other fields count";
  EXPECT_EQ(
      client().ErrorOf(SetWorkSpecMeta{
          .spec = "s", .change = {.weight = 6, .continuous = true}, .strict_continuous = true}),
      Failure(ErrorCode::kCannotBecomeContinuous));
  EXPECT_EQ(client().Meta("s").meta.weight, 5);
}

// C-SPEC-25
TEST_P(WorkSpecTest, AWeightOfNothingMeansNoWork) {
  GivenUnit();
  for (const std::int64_t weight : {std::int64_t{0}, std::int64_t{-5}}) {
    client().SetMeta("s", {.weight = weight});
    EXPECT_EQ(client().Meta("s").meta.weight, weight);
    EXPECT_THAT(client().Request().units, IsEmpty());
  }
  client().SetMeta("s", {.weight = 1});
  EXPECT_THAT(client().Request().units, SizeIs(1));
}

// C-SPEC-26
TEST_P(WorkSpecTest, TheyAreListedInNameOrderPageByPage) {
  for (const char* const name : {"c", "a", "d", "b"}) client().SetWorkSpec({{"name", name}});
  OwnedSpecs page = client().ListWorkSpecs();
  EXPECT_THAT(page.names, ElementsAre("a", "b", "c", "d"));
  EXPECT_FALSE(page.next.has_value());
  page = client().ListWorkSpecs("", 3);
  EXPECT_THAT(page.names, ElementsAre("a", "b", "c"));
  EXPECT_EQ(page.next, std::optional<std::string>("d"));
  page = client().ListWorkSpecs(*page.next, 3);
  EXPECT_THAT(page.names, ElementsAre("d"));
  EXPECT_FALSE(page.next.has_value());
  EXPECT_THAT(client().ListWorkSpecs("bb").names, ElementsAre("c", "d"));
  EXPECT_FALSE(client().ListWorkSpecs("", 4).next.has_value());
}

// C-SPEC-28
TEST_P(WorkSpecTest, OneThatDoesNotExistIsSaidSo) {
  const Failure none(ErrorCode::kNoSuchWorkSpec);
  EXPECT_EQ(client().ErrorOf(GetWorkSpec{"no"}), none);
  EXPECT_EQ(client().ErrorOf(GetWorkSpecMeta{.spec = "no"}), none);
  EXPECT_EQ(client().ErrorOf(SetWorkSpecMeta{.spec = "no", .change = {}}), none);
  EXPECT_EQ(client().ErrorOf(DeleteWorkSpec{"no"}), none);
  EXPECT_EQ(client().ErrorOf(AddWorkUnits{.spec = "no", .items = {}}), none);
  EXPECT_EQ(client().ErrorOf(CountWorkUnits{"no"}), none);
  EXPECT_EQ(client().ErrorOf(ListWorkUnits{.spec = "no", .query = {}}), none);
  EXPECT_EQ(client().ErrorOf(GetWorkUnits{.spec = "no", .names = {}}), none);
  EXPECT_EQ(client().ErrorOf(PrioritizeWorkUnits{.spec = "no", .query = {}}), none);
  EXPECT_EQ(client().ErrorOf(DeleteWorkUnits{.spec = "no", .query = {}}), none);
  EXPECT_EQ(client().ErrorOf(RetryWorkUnits{.spec = "no", .query = {}}), none);
  EXPECT_EQ(client().ErrorOf(MakeAttempt{.spec = "no", .unit = "a", .worker = "w"}), none);
  EXPECT_EQ(client().ErrorOf(ListUnitAttempts{.spec = "no", .unit = "a"}), none);
}

}  // namespace coord::testing

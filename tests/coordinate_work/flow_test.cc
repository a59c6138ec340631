// SPDX-License-Identifier: MIT
#include "cmd/coordinate/flow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "value/yaml.h"

namespace coord {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Value Yaml(std::string_view text) {
  Result<Value> value = ParseYaml(text);
  EXPECT_TRUE(value.has_value()) << text;
  return value.has_value() ? *value : Value();
}

std::vector<FlowSpec> Read(std::string_view text, const Value& config = Map{}) {
  Result<std::vector<FlowSpec>> specs = ReadFlow(Yaml(text), config);
  EXPECT_TRUE(specs.has_value()) << (specs.has_error() ? specs.error().detail : "");
  return specs.has_value() ? *specs : std::vector<FlowSpec>();
}

std::string ErrorOf(std::string_view text, const Value& config = Map{}) {
  const Result<std::vector<FlowSpec>> specs = ReadFlow(Yaml(text), config);
  if (specs.has_value()) return "no error";
  EXPECT_EQ(specs.error().code, ErrorCode::kInvalid);
  return specs.error().detail;
}

std::vector<std::string> Names(const std::vector<FlowSpec>& specs) {
  std::vector<std::string> names;
  for (const FlowSpec& spec : specs) names.push_back(spec.name);
  return names;
}

TEST(ReadFlowTest, SpecIsNamedByItsKey) {
  const std::vector<FlowSpec> specs = Read("count: {min_gb: 1, module: m}");
  ASSERT_EQ(specs.size(), 1U);
  EXPECT_EQ(specs[0].name, "count");
  EXPECT_EQ(specs[0].definition, Yaml("{name: count, min_gb: 1, module: m}"));
}

TEST(ReadFlowTest, NamesOfGroupsAreJoinedWithDots) {
  EXPECT_THAT(Names(Read("a: {b: {c: {min_gb: 1}, d: {min_gb: 1}}, e: {min_gb: 0}}")),
              ElementsAre("a.b.c", "a.b.d", "a.e"));
}

TEST(ReadFlowTest, NameOfItsOwnWins) {
  EXPECT_THAT(Names(Read("a: {b: {min_gb: 1, name: other}}")), ElementsAre("other"));
  EXPECT_THAT(Names(Read("a: {b: {min_gb: 1, name: null}}")), ElementsAre("a.b"));
}

TEST(ReadFlowTest, MinGbOfNullStillMakesASpec) {
  EXPECT_THAT(Names(Read("a: {min_gb: null}")), ElementsAre("a"));
}

TEST(ReadFlowTest, OneSpecAloneNeedsAName) {
  EXPECT_THAT(Names(Read("{min_gb: 1, name: alone}")), ElementsAre("alone"));
  EXPECT_THAT(ErrorOf("{min_gb: 1}"), HasSubstr("name"));
}

TEST(ReadFlowTest, ListOfDefinitionsNeedsNamesButNoMinGb) {
  EXPECT_THAT(Names(Read("[{name: a}, {name: b, min_gb: 1}]")), ElementsAre("a", "b"));
  EXPECT_THAT(ErrorOf("[{name: a}, {min_gb: 1}]"), HasSubstr("item 2: "));
  EXPECT_THAT(ErrorOf("[3]"), HasSubstr("item 1: must be a map"));
}

TEST(ReadFlowTest, EverySpecGetsTheCommonConfig) {
  const Value config = Yaml("{kvlayer: {host: x}}");
  const std::vector<FlowSpec> specs =
      Read("{a: {min_gb: 1}, b: {min_gb: 1, config: null}}", config);
  ASSERT_EQ(specs.size(), 2U);
  for (const FlowSpec& spec : specs) {
    ASSERT_NE(spec.definition.Find("config"), nullptr);
    EXPECT_EQ(*spec.definition.Find("config"), config);
  }
}

TEST(ReadFlowTest, ConfigOfASpecIsLaidOverTheCommonOne) {
  const std::vector<FlowSpec> specs =
      Read("a: {min_gb: 1, config: {kvlayer: {host: y}, more: [1]}}",
           Yaml("{kvlayer: {host: x, port: 1}, more: [2, 3]}"));
  ASSERT_EQ(specs.size(), 1U);
  EXPECT_EQ(*specs[0].definition.Find("config"), Yaml("{kvlayer: {host: y, port: 1}, more: [1]}"));
}

TEST(ReadFlowTest, WithoutAnyConfigThereIsNone) {
  EXPECT_EQ(Read("a: {min_gb: 1}")[0].definition.Find("config"), nullptr);
}

TEST(ReadFlowTest, ConfigThatIsNoMapIsRefused) {
  EXPECT_EQ(ErrorOf("g: {a: {min_gb: 1, config: 3}}"), "g.a: config must be a map");
}

TEST(ReadFlowTest, ChainTargetsComeBeforeWhatChainsToThem) {
  EXPECT_THAT(Names(Read("{a: {min_gb: 1, then: b}, b: {min_gb: 1, then: c}, c: {min_gb: 1}}")),
              ElementsAre("c", "b", "a"));
  EXPECT_THAT(Names(Read("{a: {min_gb: 1, then: b}, b: {min_gb: 1, then: a}}")),
              ElementsAre("b", "a"));
  EXPECT_THAT(Names(Read("{a: {min_gb: 1, then: a}, b: {min_gb: 1, then: elsewhere}}")),
              ElementsAre("a", "b"));
}

TEST(ReadFlowTest, TheDaemonsRulesHold) {
  EXPECT_EQ(ErrorOf("g: {a: {min_gb: 1, weight: heavy}}"), "g.a: weight must be a number");
  EXPECT_THAT(ErrorOf("a: {min_gb: 1, max_running: -1}"), HasSubstr("a: max_running"));
  EXPECT_THAT(ErrorOf("a: {min_gb: lots}"), HasSubstr("a: min_gb"));
  EXPECT_THAT(ErrorOf("a: {min_gb: 1, name: 3}"), HasSubstr("a: "));
}

TEST(ReadFlowTest, GroupOfOtherThingsIsRefused) {
  EXPECT_EQ(ErrorOf("a: {module: m}"),
            "a: has no min_gb, so it is a group of work specs, but its module is no map");
  EXPECT_EQ(ErrorOf("a: 3"), "a: must be a map: a work spec or a group of them");
  EXPECT_EQ(ErrorOf("a: {}"), "a: has neither min_gb nor work specs in it");
  EXPECT_THAT(ErrorOf("{}"), HasSubstr("neither min_gb nor work specs"));
  EXPECT_THAT(ErrorOf("text"), HasSubstr("must be a map"));
  EXPECT_THAT(ErrorOf("1: {min_gb: 1}"), HasSubstr("must be text"));
}

TEST(ReadFlowTest, NameTwiceIsRefused) {
  EXPECT_EQ(ErrorOf("{a: {min_gb: 1}, b: {min_gb: 1, name: a}}"), "b: the name a occurs twice");
}

TEST(ReadFlowTest, DefinitionNestedTooDeepIsRefused) {
  Value deep = Map{};
  for (int i = 0; i < 125; ++i) deep = List{deep};
  const Result<std::vector<FlowSpec>> specs =
      ReadFlow(Map{{"a", Map{{"min_gb", 1}, {"deep", deep}}}}, Map{});
  ASSERT_TRUE(specs.has_error());
  EXPECT_EQ(specs.error().detail, "a: is nested too deep");
}

TEST(MergedOverTest, MapsAreMergedAndAllElseReplaced) {
  EXPECT_EQ(MergedOver(Yaml("{a: {b: 1, c: 2}, d: [1]}"), Yaml("{a: {c: 3, e: 4}, d: {f: 1}}")),
            Yaml("{a: {b: 1, c: 3, e: 4}, d: {f: 1}}"));
  EXPECT_EQ(MergedOver(Yaml("{a: {b: 1}}"), Yaml("{a: null}")), Yaml("{a: null}"));
}

TEST(NoSuchThenTest, SuggestsTheSpecOfTheSameGroup) {
  const std::vector<FlowSpec> specs =
      Read("g: {a: {min_gb: 1, then: b}, b: {min_gb: 1}, c: {min_gb: 1, then: d}}");
  ASSERT_EQ(specs.size(), 3U);
  EXPECT_EQ(NoSuchThen(specs[0], specs).detail,
            "g.a: then names b, which is neither in the file nor a work spec of the daemon; did "
            "you mean g.b?");
  EXPECT_THAT(NoSuchThen(specs[2], specs).detail, testing::EndsWith("of the daemon"));
}

}  // namespace
}  // namespace coord

// SPDX-License-Identifier: MIT
#include "cmd/coordinate/work_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coord {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

WorkUnit SomeUnit() {
  return {"words.count", "/etc/a b",
          Map{{"lang", "en"},
              {"n", 3},
              {"half", 0.5},
              {"list", List{1, "x"}},
              {"null", Value()},
              {"raw", Bytes{"\xff"}},
              {"deep", Map{{"er", "down"}}}}};
}

std::string ExpandOne(const std::string& word) {
  const Result<std::vector<std::string>> expanded = ExpandCommand({word}, SomeUnit());
  return expanded.has_value() ? expanded->front() : "error: " + expanded.error().detail;
}

TEST(ExpandCommandTest, PlaceholdersAreReplacedWhereverTheyAre) {
  EXPECT_THAT(*ExpandCommand({"cat", "{key}", "--of={spec}", "{key}{key}"}, SomeUnit()),
              ElementsAre("cat", "/etc/a b", "--of=words.count", "/etc/a b/etc/a b"));
}

TEST(ExpandCommandTest, DataFieldsAreTextOrJson) {
  EXPECT_EQ(ExpandOne("{data.lang}"), "en");
  EXPECT_EQ(ExpandOne("{data.n}"), "3");
  EXPECT_EQ(ExpandOne("{data.half}"), "0.5");
  EXPECT_EQ(ExpandOne("{data.list}"), "[1,\"x\"]");
  EXPECT_EQ(ExpandOne("{data.raw}"), "\xff");
  EXPECT_EQ(ExpandOne("{data.deep.er}"), "down");
  EXPECT_EQ(ExpandOne("{data.deep}"), "{\"er\":\"down\"}");
}

TEST(ExpandCommandTest, MissingFieldsAreErrors) {
  EXPECT_EQ(ExpandOne("{data.nothing}"), "error: the work unit's data has no nothing");
  EXPECT_EQ(ExpandOne("{data.null}"), "error: the work unit's data has no null");
  EXPECT_EQ(ExpandOne("{data.lang.x}"), "error: the work unit's data has no lang.x");
}

TEST(ExpandCommandTest, OtherBracesStay) {
  for (const char* word : {"{}", "{", "}", "{print $1}", "{Key}", "{ key }", "{data.}", "{data}",
                           "${key", "{worker}", "a{b,c}d"}) {
    EXPECT_EQ(ExpandOne(word), word);
    EXPECT_FALSE(HasPlaceholder(word)) << word;
  }
  EXPECT_EQ(ExpandOne("{{key}}"), "{/etc/a b}");
}

TEST(ExpandCommandTest, ReplacementsAreNotExpandedAgain) {
  WorkUnit unit = SomeUnit();
  unit.key = "{spec}";
  EXPECT_THAT(*ExpandCommand({"{key}"}, unit), ElementsAre("{spec}"));
}

TEST(ExpandCommandTest, NulByteFitsNoArgument) {
  WorkUnit unit = SomeUnit();
  unit.key = std::string("a\0b", 3);
  EXPECT_TRUE(ExpandCommand({"{key}"}, unit).has_error());
  EXPECT_TRUE(ExpandCommand({"{spec}"}, unit).has_value());
}

TEST(UnitEnvironmentTest, NamesWhatTheProgramNeeds) {
  WorkOptions options;
  options.worker_id = "w";
  options.result_descriptor = 3;
  EXPECT_THAT(UnitEnvironment(options, SomeUnit()),
              testing::UnorderedElementsAre(
                  "COORDINATE_SPEC=words.count", "COORDINATE_KEY=/etc/a b", "COORDINATE_WORKER=w",
                  "COORDINATE_ADDRESS=127.0.0.1:5932", "COORDINATE_RESULT_FD=3"));
}

TEST(UnitEnvironmentTest, KeyWithANulByteIsLeftOut) {
  WorkUnit unit = SomeUnit();
  unit.key = std::string("\0", 1);
  EXPECT_THAT(UnitEnvironment({}, unit), Not(Contains(StartsWith("COORDINATE_KEY"))));
}

TEST(CheckProgramTest, FindsProgramsInPathAndByPath) {
  EXPECT_TRUE(CheckProgram("sh").has_value());
  EXPECT_TRUE(CheckProgram("/bin/sh").has_value());
  EXPECT_TRUE(CheckProgram("{data.program}").has_value());
  EXPECT_THAT(CheckProgram("no-such-program").error().detail, HasSubstr("no-such-program"));
  EXPECT_TRUE(CheckProgram("/etc/passwd").has_error());
  EXPECT_TRUE(CheckProgram("/etc").has_error());
  EXPECT_TRUE(CheckProgram("").has_error());
}

TEST(WithTracebackTest, KeepsAllElseAsItWas) {
  const Value data(Map{{"raw", Bytes{"\xff"}}, {"tuple", Tuple{{1}}}, {"traceback", "old"}});
  EXPECT_EQ(WithTraceback(data, "new"),
            Value(Map{{"raw", Bytes{"\xff"}}, {"tuple", Tuple{{1}}}, {"traceback", "new"}}));
  EXPECT_EQ(WithTraceback(Value(), "t"), Value(Map{{"traceback", "t"}}));
}

TEST(ReadResultTest, ObjectIsNewData) {
  EXPECT_EQ(*ReadResult("{\"output\": {\"a\": null}}\n"),
            Value(Map{{"output", Map{{"a", Value()}}}}));
}

TEST(ReadResultTest, NothingIsNoNewData) {
  EXPECT_TRUE(ReadResult("")->is_null());
  EXPECT_TRUE(ReadResult(" \n")->is_null());
}

TEST(ReadResultTest, AllElseIsAnError) {
  EXPECT_THAT(ReadResult("{\"a\": }").error().detail, StartsWith("the result is no JSON: line 1"));
  EXPECT_EQ(ReadResult("[1]").error().detail, "the result is no JSON object");
  EXPECT_EQ(ReadResult("null").error().detail, "the result is no JSON object");
  const std::string deep = "{\"d\": " + std::string(125, '[') + std::string(125, ']') + "}";
  EXPECT_EQ(ReadResult(deep).error().detail, "the result is nested too deep");
  EXPECT_THAT(ReadResult(std::string(kResultBytesMax + 1, ' ')).error().detail,
              HasSubstr("longer than"));
}

}  // namespace
}  // namespace coord

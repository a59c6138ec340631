// SPDX-License-Identifier: MIT
#include "cmd/coordinate/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <sstream>

namespace coord {
namespace {

using testing::HasSubstr;

class LoadTest : public testing::Test {
 protected:
  Context MakeContext(bool terminal) {
    Terminals terminals;
    terminals.error = terminal;
    return Context({}, terminals, in_, out_, err_, clock_);
  }

  static std::string Write(const std::string& name, std::string_view text) {
    std::string path = testing::TempDir() + "load_test-" + name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream err_;
  ManualClock clock_;
};

TEST_F(LoadTest, FilesAreCountedBeforeAnythingIsSent) {
  const std::string path = Write("three.txt", "a\nb\nc\n");
  Result<std::vector<OpenLoad>> loads =
      OpenLoads({{"spec", {path, {}, {}}, {"x"}}, {"other", {}, {"y", "z"}}}, in_);
  ASSERT_TRUE(loads.has_value());
  ASSERT_EQ(loads->size(), 2U);
  EXPECT_EQ((*loads)[0].count, 4U);
  EXPECT_EQ((*loads)[1].count, 2U);
  // Counting has not used up what is to be sent.
  EXPECT_TRUE((*loads)[0].reader->Next()->has_value());
  std::remove(path.c_str());
}

TEST_F(LoadTest, MistakeAtTheEndOfAFileIsFoundFirst) {
  const std::string path = Write("bad.jsonl", "\"a\"\n\"b\"\nnonsense\n");
  const Result<std::vector<OpenLoad>> loads = OpenLoads({{"spec", {path, {}, {}}, {}}}, in_);
  ASSERT_TRUE(loads.has_error());
  EXPECT_THAT(loads.error().detail, HasSubstr(path + ":3: "));
  EXPECT_EQ(loads.error().code, ErrorCode::kInvalid);
  std::remove(path.c_str());
}

TEST_F(LoadTest, PipeOfLinesIsNotCounted) {
  in_.str("a\nb\n");
  const Result<std::vector<OpenLoad>> loads =
      OpenLoads({{"spec", {"-", UnitFormat::kText, {}}, {}}}, in_);
  ASSERT_TRUE(loads.has_value());
  EXPECT_FALSE((*loads)[0].count.has_value());
}

TEST_F(LoadTest, ProgressOfAPipeIsOneFinalLine) {
  Context context = MakeContext(false);
  LoadProgress progress(context, 4000);
  clock_.Advance(std::chrono::seconds(2));
  progress.Add(3000);
  progress.Add(1000);
  progress.Finish(false);
  EXPECT_EQ(out_.str(), "added 4000 units (2000/s)\n");
  EXPECT_EQ(err_.str(), "");
}

TEST_F(LoadTest, ProgressOnATerminalIsABarThatGoesAway) {
  Context context = MakeContext(true);
  LoadProgress progress(context, 4000);
  clock_.Advance(std::chrono::seconds(1));
  progress.Add(1000);
  EXPECT_THAT(err_.str(), HasSubstr("1000 units  1000/s  [#######.......................]  25%"));
  progress.Finish(true);
  EXPECT_THAT(err_.str(), testing::EndsWith("\r\x1b[K"));
  EXPECT_EQ(out_.str(), "sent 1000 units (1000/s); those that existed are as they were\n");
}

TEST_F(LoadTest, OneUnitIsNoUnits) {
  Context context = MakeContext(false);
  LoadProgress progress(context, 0);
  clock_.Advance(std::chrono::seconds(1));
  progress.Add(1);
  progress.Finish(false);
  EXPECT_EQ(out_.str(), "added 1 unit (1.0/s)\n");
}

}  // namespace
}  // namespace coord

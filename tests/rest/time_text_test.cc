// SPDX-License-Identifier: MIT
#include "rest/time_text.h"

#include <gtest/gtest.h>

namespace coord {
namespace {

std::string Text(WallTime time) {
  std::string out;
  AppendTime(out, time);
  return out;
}

// The text of what a text says.
std::string Again(std::string_view text) {
  const auto time = ReadTime(text);
  return time ? Text(*time) : "none";
}

TEST(TimeTextTest, IsWritten) {
  EXPECT_EQ(Text(kNoTime), "0001-01-01T00:00:00Z");
  EXPECT_EQ(Text(WallTime()), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(Text(WallTime(Duration(1'709'210'096'000'007))), "2024-02-29T12:34:56.000007Z");
  EXPECT_EQ(Text(kMaxTime), "9999-12-31T23:59:59.000000Z");
}

TEST(TimeTextTest, ComesBack) {
  for (const WallTime time : {kNoTime, WallTime(), WallTime(Duration(1)), kMaxTime,
                              WallTime(Duration(1'709'210'096'000'007))}) {
    EXPECT_EQ(ReadTime(Text(time)), time);
  }
}

TEST(TimeTextTest, AnyOffsetAndFractionAreRead) {
  EXPECT_EQ(Again("2024-02-29T12:34:56Z"), "2024-02-29T12:34:56.000000Z");
  EXPECT_EQ(Again("2024-02-29t12:34:56.5z"), "2024-02-29T12:34:56.500000Z");
  EXPECT_EQ(Again("2024-02-29 12:34:56.123456789+05:30"), "2024-02-29T07:04:56.123456Z");
  EXPECT_EQ(Again("2024-02-29T23:34:56-01:00"), "2024-03-01T00:34:56.000000Z");
  EXPECT_EQ(Again("2016-12-31T23:59:60Z"), "2017-01-01T00:00:00.000000Z");
}

TEST(TimeTextTest, TheYearOneIsNoTime) {
  EXPECT_EQ(ReadTime("0001-01-01T00:00:00Z"), kNoTime);
  EXPECT_EQ(ReadTime("0001-01-01T00:00:00.000+01:00"), kNoTime);
  EXPECT_EQ(Again("1969-12-31T23:59:59Z"), "1970-01-01T00:00:00.000000Z");
}

TEST(TimeTextTest, OtherTextsAreNone) {
  for (const std::string_view text :
       {"", "2024", "2024-02-30T00:00:00Z", "2024-13-01T00:00:00Z", "2024-01-01T24:00:00Z",
        "2024-01-01T00:60:00Z", "2024-01-01T00:00:61Z", "2024-01-01T00:00:00", "2024-1-1T0:0:0Z",
        "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00+1:00", "2024-01-01T00:00:00Zx",
        "2024-01-01X00:00:00Z", "2024-01-01T00:00:00+24:00"}) {
    EXPECT_EQ(Again(text), "none") << text;
  }
}

}  // namespace
}  // namespace coord

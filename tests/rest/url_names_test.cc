// SPDX-License-Identifier: MIT
#include "rest/url_names.h"

#include <gtest/gtest.h>

#include "rest/urls.h"

namespace coord {
namespace {

std::string PathName(std::string_view name) {
  std::string out;
  AppendPathName(out, name);
  return out;
}

std::string Read(std::string_view segment) {
  Arena arena;
  const auto name = ReadPathName(segment, arena);
  return name.has_value() ? std::string(*name) : "error: " + name.error().detail;
}

TEST(PathNameTest, PlainNamesStandAsTheyAre) {
  for (const std::string_view name : {"a", "A-Z_0.9:x", "...", ".a", "a-"}) {
    EXPECT_EQ(PathName(name), name);
    EXPECT_EQ(Read(name), name);
  }
}

TEST(PathNameTest, OthersAreBase64) {
  EXPECT_EQ(PathName(""), "-");
  EXPECT_EQ(PathName("."), "-Lg");
  EXPECT_EQ(PathName(".."), "-Li4");
  EXPECT_EQ(PathName("-"), "-LQ");
  EXPECT_EQ(PathName("a/b"), "-YS9i");
  EXPECT_EQ(PathName("\xff\xfe\xfd"), "-__79");
  EXPECT_EQ(PathName("~"), "-fg");
}

TEST(PathNameTest, EveryByteComesBack) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) {
    const std::string name(1, static_cast<char>(byte));
    EXPECT_EQ(Read(PathName(name)), name) << byte;
    all.append(name);
    EXPECT_EQ(Read(PathName(all)), all) << byte;
  }
}

TEST(PathNameTest, EscapesAreDecodedFirst) {
  EXPECT_EQ(Read("a%2Fb%20c"), "a/b c");
  EXPECT_EQ(Read("%2d"), "");
  EXPECT_EQ(Read("%2DYS9i"), "a/b");
  EXPECT_EQ(Read("a+b"), "a+b");
}

TEST(PathNameTest, WhatCannotBeReadIsRefused) {
  for (const std::string_view segment : {"%", "a%2", "%zz", "-a", "-YQ==", "-YS9i*", "-YR"}) {
    EXPECT_TRUE(Read(segment).starts_with("error: ")) << segment;
  }
}

TEST(QueryTextTest, OnlyUnreservedBytesStayAsTheyAre) {
  std::string out;
  AppendQueryText(out, "aZ0-._~ /+&=%\xff");
  EXPECT_EQ(out, "aZ0-._~%20%2F%2B%26%3D%25%FF");
  Arena arena;
  EXPECT_EQ(*PercentDecode(out, true, arena), "aZ0-._~ /+&=%\xff");
  EXPECT_EQ(*PercentDecode("a+b", true, arena), "a b");
}

TEST(LossyUtf8Test, OnlyBadBytesAreReplaced) {
  std::string scratch;
  EXPECT_EQ(LossyUtf8("gr\xc3\xbc\xc3\x9f", scratch), "gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(LossyUtf8("a\xff\xc3\xbc\xc3", scratch), "a\xef\xbf\xbd\xc3\xbc\xef\xbf\xbd");
}

TEST(AttemptUrlTest, ComesBack) {
  const WallTime start(std::chrono::microseconds(1'700'000'000'000'001));
  std::string url;
  AppendWorkUnitUrl(url, "", "s p", "\xff");
  url.append("/attempt/");
  AppendPathName(url, "w");
  url.push_back('/');
  AppendAttemptSegment(url, start, AttemptId{77});
  EXPECT_EQ(url, "/namespace/-/work_spec/-cyBw/work_unit/-_w/attempt/w/1700000000000001-77");
  Arena arena;
  const auto read = ReadAttemptUrl(url, arena);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->name_space, "");
  EXPECT_EQ(read->key.spec, "s p");
  EXPECT_EQ(read->key.unit, "\xff");
  EXPECT_EQ(read->key.worker, "w");
  EXPECT_EQ(read->key.start, start);
  EXPECT_EQ(read->key.id, AttemptId{77});
}

TEST(AttemptUrlTest, OthersAreRefused) {
  const std::string good = "/namespace/-/work_spec/s/work_unit/u/attempt/w/1-1";
  Arena arena;
  EXPECT_TRUE(ReadAttemptUrl(good, arena).has_value());
  for (const std::string& url :
       {std::string(), good + "/finish", good + "/", good.substr(1), good.substr(0, 40),
        std::string("/namespace/-/work_spec/s/work_unit/u/attempts/w/1-1")}) {
    ASSERT_TRUE(ReadAttemptUrl(url, arena).has_error()) << url;
    EXPECT_EQ(ReadAttemptUrl(url, arena).error().code, ErrorCode::kInvalid) << url;
  }
  for (const std::string_view segment :
       {"", "1", "1-", "-1", "1-1x", "x-1", "1--1", "+1-1", "99999999999999999999-1",
        "1-99999999999999999999", "9223372036854775807-1"}) {
    const auto read = ReadAttemptUrl(good.substr(0, good.rfind('/') + 1).append(segment), arena);
    ASSERT_TRUE(read.has_error()) << segment;
    EXPECT_EQ(read.error().code, ErrorCode::kGone) << segment;
  }
}

}  // namespace
}  // namespace coord

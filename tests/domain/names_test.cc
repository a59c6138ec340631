// SPDX-License-Identifier: MIT
#include "domain/names.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "value/utf8.h"

namespace coord {
namespace {

std::string Encode(std::uint32_t point) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
  const auto tail = [&](unsigned shift) { return byte(0x80U | ((point >> shift) & 0x3fU)); };
  if (point < 0x80) return {byte(point)};
  if (point < 0x800) return {byte(0xc0U | (point >> 6U)), tail(0)};
  if (point < 0x10000) return {byte(0xe0U | (point >> 12U)), tail(6), tail(0)};
  return {byte(0xf0U | (point >> 18U)), tail(12), tail(6), tail(0)};
}

TEST(IsUtf8, AcceptsEveryScalarValueAndNothingElse) {
  for (std::uint32_t point = 0; point < 0x120000; ++point) {
    const bool is_scalar = point < 0x110000 && (point < 0xd800 || point > 0xdfff);
    ASSERT_EQ(IsUtf8(Encode(point)), is_scalar) << std::hex << point;
  }
}

TEST(IsUtf8, RefusesMalformedBytes) {
  const std::vector<std::string> bad = {
      "\x80",
      "\xbf",
      "\xc3",
      "\xc0\x80",
      "\xc1\xbf",
      "\xe0\x9f\xbf",
      "\xe2\x82",
      "\xf0\x8f\xbf\xbf",
      "\xf0\x9f\x98",
      "\xf5\x80\x80\x80",
      "\xf8\x88\x80\x80",
      "\xff",
      "\xc3\x28",
      "\xe2\x28\xa1",
      "\xe2\x82\x28",
      "\xf0\x9f\x98\x28",
  };
  for (const std::string& bytes : bad) {
    EXPECT_FALSE(IsUtf8(bytes)) << ::testing::PrintToString(bytes);
    // Also where eight bytes at a time are looked at.
    EXPECT_FALSE(IsUtf8("01234567" + bytes));
    EXPECT_FALSE(IsUtf8("0123" + bytes + "0123456789abcdef"));
  }
}

TEST(IsUtf8, AcceptsTextOfAnyLength) {
  std::string text;
  for (int i = 0; i < 40; ++i) {
    EXPECT_TRUE(IsUtf8(text));
    EXPECT_TRUE(IsUtf8(text + "\xc3\xbc" + text));
    text.push_back('a');
  }
  EXPECT_TRUE(IsUtf8(std::string_view("a\0b", 3)));
}

TEST(CheckName, TakesUtf8UpToTheLimit) {
  EXPECT_TRUE(CheckName("", "worker").has_value());
  EXPECT_TRUE(CheckName(std::string(kNameBytesMax, 'a'), "worker").has_value());
  const auto too_long = CheckName(std::string(kNameBytesMax + 1, 'a'), "worker");
  ASSERT_TRUE(too_long.has_error());
  EXPECT_EQ(too_long.error().code, ErrorCode::kInvalid);
  EXPECT_NE(too_long.error().detail.find("worker"), std::string::npos);
  const auto not_utf8 = CheckName("\xff", "worker");
  ASSERT_TRUE(not_utf8.has_error());
  EXPECT_EQ(not_utf8.error().code, ErrorCode::kInvalid);
}

TEST(CheckWorkSpecName, TellsMissingFromBad) {
  EXPECT_TRUE(CheckWorkSpecName("a").has_value());
  EXPECT_TRUE(CheckWorkSpecName(std::string(kNameBytesMax, 'a')).has_value());
  ASSERT_TRUE(CheckWorkSpecName("").has_error());
  EXPECT_EQ(CheckWorkSpecName("").error().code, ErrorCode::kNoWorkSpecName);
  for (const std::string& bad : {std::string("\xff"), std::string(kNameBytesMax + 1, 'a')}) {
    ASSERT_TRUE(CheckWorkSpecName(bad).has_error());
    EXPECT_EQ(CheckWorkSpecName(bad).error().code, ErrorCode::kBadWorkSpecName);
  }
}

TEST(CheckWorkUnitName, TakesAnyBytesUpToTheLimit) {
  EXPECT_TRUE(CheckWorkUnitName("").has_value());
  EXPECT_TRUE(CheckWorkUnitName(std::string(kNameBytesMax, '\xff')).has_value());
  const auto too_long = CheckWorkUnitName(std::string(kNameBytesMax + 1, 'a'));
  ASSERT_TRUE(too_long.has_error());
  EXPECT_EQ(too_long.error().code, ErrorCode::kInvalid);
}

}  // namespace
}  // namespace coord

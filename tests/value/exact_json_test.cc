// SPDX-License-Identifier: MIT
#include "value/exact_json.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

#include "value/uuid_text.h"

namespace coord {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// The line for a value, which must read back equal.
std::string Line(const Value& value) {
  const std::string line = ToExactJson(value);
  const Result<Value> again = ParseExactJson(line);
  EXPECT_TRUE(again.has_value() && *again == value) << line;
  return line;
}

TEST(ExactJson, WhatJsonCanSayIsPlain) {
  EXPECT_EQ(Line(Map{{"a", List{1, -2.5, "x", Value(), true}}, {"b", Map{}}}),
            R"({"a":[1,-2.5,"x",null,true],"b":{}})");
  EXPECT_EQ(Line(std::uint64_t{UINT64_MAX}), "18446744073709551615");
  EXPECT_EQ(Line(std::int64_t{INT64_MIN}), "-9223372036854775808");
  EXPECT_EQ(Line(1.0), "1.0");
  EXPECT_EQ(Line(-0.0), "-0.0");
}

TEST(ExactJson, OtherKindsAreNamed) {
  EXPECT_EQ(Line(Bytes{"hi"}), R"({"$bytes":"aGk="})");
  EXPECT_EQ(Line(Tuple{{1, Tuple{}}}), R"({"$tuple":[1,{"$tuple":[]}]})");
  EXPECT_EQ(Line(Uuid{}), R"({"$uuid":"00000000-0000-0000-0000-000000000000"})");
  EXPECT_EQ(Line(List{kNaN, kInfinity, -kInfinity}),
            R"([{"$float":"NaN"},{"$float":"Infinity"},{"$float":"-Infinity"}])");
  EXPECT_EQ(Line(-kNaN), R"({"$cbor":"+//4AAAAAAAA"})");
  EXPECT_EQ(Line(Opaque{"\xf7"}), R"({"$cbor":"9w=="})");
  EXPECT_EQ(Line(std::string("\xff")), R"({"$cbor":"Yf8="})");
}

TEST(ExactJson, MapsThatAreNoObjectsAreLists) {
  EXPECT_EQ(Line(Map{{1, 2}}), R"({"$map":[[1,2]]})");
  EXPECT_EQ(Line(Map{{Bytes{"k"}, 2}}), R"({"$map":[[{"$bytes":"aw=="},2]]})");
  EXPECT_EQ(Line(Map{{"$bytes", "aGk="}}), R"({"$map":[["$bytes","aGk="]]})");
  EXPECT_EQ(Line(Map{{"$bytes", 1}, {"b", 2}}), R"({"$bytes":1,"b":2})");
}

TEST(ExactJson, WhatNestsTooDeepIsEncoded) {
  Value list = List{};
  Value tuple = Tuple{};
  Value map = Map{};
  for (int i = 0; i < 100; ++i) {
    list = List{list};
    tuple = Tuple{{tuple}};
    map = Map{{1, map}};
  }
  EXPECT_NE(Line(list).find("$cbor"), std::string::npos);
  EXPECT_NE(Line(tuple).find("$cbor"), std::string::npos);
  EXPECT_NE(Line(map).find("$cbor"), std::string::npos);
}

TEST(ExactJson, RefusesWhatItWouldNotWrite) {
  for (const char* const line :
       {R"({"$what":1})", R"({"$bytes":"a"})", R"({"$bytes":1})", R"({"$tuple":{}})",
        R"({"$map":[[1]]})", R"({"$map":[1]})", R"({"$float":"1"})", R"({"$uuid":"0"})",
        R"({"$cbor":"/w=="})", "[", R"([{"$what":1}])"}) {
    EXPECT_TRUE(ParseExactJson(line).has_error()) << line;
  }
}

TEST(UuidText, ReadsOnlyItsOwnSpelling) {
  const Uuid uuid{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255}};
  const std::string text = UuidText(uuid);
  EXPECT_EQ(text, "00010203-0405-0607-0809-0a0b0c0d0eff");
  EXPECT_EQ(ParseUuid(text), uuid);
  EXPECT_EQ(ParseUuid("00010203-0405-0607-0809-0A0b0c0d0eff"), std::nullopt);
  EXPECT_EQ(ParseUuid("000102030405060708090a0b0c0d0eff"), std::nullopt);
  EXPECT_EQ(ParseUuid(text + "0"), std::nullopt);
  EXPECT_EQ(ParseUuid(""), std::nullopt);
}

}  // namespace
}  // namespace coord

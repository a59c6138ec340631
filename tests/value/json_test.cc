// SPDX-License-Identifier: MIT
#include "value/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "hex.h"
#include "value/number_text.h"

namespace coord {
namespace {

std::string Compact(const Value& value) { return ToJson(value, JsonStyle::kCompact); }

// The JSON text of what a JSON text says, or its error.
std::string Again(std::string_view text) {
  const Result<Value> value = ParseJson(text);
  return value.has_value() ? Compact(*value) : value.error().detail;
}

TEST(ParseJsonTest, KindsAreKept) {
  EXPECT_EQ(*ParseJson("1"), Value(1));
  EXPECT_EQ(*ParseJson("-0"), Value(0));
  EXPECT_EQ(*ParseJson("1.0"), Value(1.0));
  EXPECT_EQ(*ParseJson("1e3"), Value(1000.0));
  EXPECT_EQ(*ParseJson("1E-2"), Value(0.01));
  EXPECT_EQ(*ParseJson("-0.0"), Value(-0.0));
  EXPECT_EQ(*ParseJson("\"1\""), Value("1"));
  EXPECT_EQ(*ParseJson("null"), Value());
  EXPECT_EQ(*ParseJson("[true,false]"), Value(List{true, false}));
  EXPECT_EQ(*ParseJson(" {\"a\" : [ ] ,\n\"b\":{}} "), Value(Map{{"a", List{}}, {"b", Map{}}}));
}

TEST(ParseJsonTest, IntegersOfEverySize) {
  EXPECT_EQ(*ParseJson("18446744073709551615"), Value(UINT64_MAX));
  EXPECT_EQ(*ParseJson("-9223372036854775808"), Value(INT64_MIN));
  EXPECT_EQ(*ParseJson("18446744073709551616"),
            Value(Bignum{false, FromHex("010000000000000000")}));
  EXPECT_EQ(*ParseJson("-9223372036854775809"), Value(Bignum{true, FromHex("8000000000000000")}));
  const std::string long_one(kIntegerDigitsMax, '7');
  EXPECT_EQ(Again(long_one), long_one);
  EXPECT_EQ(Again("[" + long_one + "7]"), "line 1, column 4303: the integer has too many digits");
}

TEST(ParseJsonTest, DoublesAreExact) {
  for (const double number : {0.1, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308,
                              9007199254740993.0, 1e23, 123456789.125}) {
    EXPECT_EQ(*ParseJson(Compact(number)), Value(number)) << number;
  }
  EXPECT_EQ(*ParseJson("1e-400"), Value(0.0));
  EXPECT_EQ(Again("[1, 1e400]"), "line 1, column 10: the number is out of range");
}

TEST(ParseJsonTest, StringsAreUnescaped) {
  EXPECT_EQ(*ParseJson(R"("\ud83d\ude00\n\"\\\/\b\f\r\t\u00e9")"),
            Value("\U0001f600\n\"\\/\b\f\r\t\u00e9"));
  EXPECT_EQ(*ParseJson(R"("a\u0000b")"), Value(std::string("a\0b", 3)));
}

TEST(ParseJsonTest, KeysKeepTheirOrderAndTheLaterOfEqualOnesWins) {
  EXPECT_EQ(Again(R"({"z": 1, "a": 2, "m": 3})"), R"({"z":1,"a":2,"m":3})");
  EXPECT_EQ(Again(R"({"z": 1, "a": 2, "z": 3, "b": 4, "a": 5, "c": {"x": 1, "x": 2}})"),
            R"({"z":3,"a":5,"b":4,"c":{"x":2}})");
  EXPECT_EQ(Again(R"({"a": 1, "a": 2, "a": 3})"), R"({"a":3})");
}

TEST(ParseJsonTest, ErrorsSayWhere) {
  EXPECT_EQ(Again("[1,]"), "line 1, column 4: syntax error");
  EXPECT_EQ(Again("[1\n,\n  tru]"), "line 3, column 3: syntax error");
  EXPECT_EQ(Again("{\"\u00e9\" 1}"), "line 1, column 6: syntax error");
  EXPECT_EQ(Again("1 2"), "line 1, column 3: something follows the document");
  EXPECT_EQ(Again(""), "line 1, column 1: incomplete JSON");
  EXPECT_EQ(Again("[1,\n"), "line 2, column 1: incomplete JSON");
  for (const char* text : {"01", "-", "1.", "+1", ".5", "NaN", "'a'", "{a:1}", "\"\xff\"", "[",
                           "\"a", "\"\n\"", "// c\n1", "\"\\ud800\"", "tru", "[1 2]"}) {
    const Result<Value> value = ParseJson(text);
    ASSERT_TRUE(value.has_error()) << text;
    EXPECT_EQ(value.error().code, ErrorCode::kInvalid);
    EXPECT_TRUE(value.error().detail.starts_with("line ")) << value.error().detail;
  }
}

TEST(ParseJsonTest, DepthIsLimited) {
  const auto nested = [](std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  EXPECT_TRUE(ParseJson(nested(kJsonDepthMax)).has_value());
  EXPECT_EQ(Again(nested(kJsonDepthMax + 1)), "line 1, column 129: too deep");
  EXPECT_TRUE(ParseJson(std::string(1'000'000, '[')).has_error());
}

TEST(ToJsonTest, SaysWhatJsonCannotAsNearAsItGets) {
  Uuid uuid;
  for (unsigned char i = 0; i < 16; ++i) uuid.bytes[i] = static_cast<unsigned char>(0xf0 + i);
  EXPECT_EQ(Compact(Bytes{"text"}), R"("text")");
  EXPECT_EQ(Compact(Bytes{FromHex("fbff")}), R"("+/8=")");
  EXPECT_EQ(Compact(FromHex("fbff")), R"("+/8=")");
  EXPECT_EQ(Compact(Tuple{{1, "a"}}), R"([1,"a"])");
  EXPECT_EQ(Compact(uuid), R"("f0f1f2f3-f4f5-f6f7-f8f9-fafbfcfdfeff")");
  EXPECT_EQ(Compact(std::nan("")), R"("NaN")");
  EXPECT_EQ(Compact(std::numeric_limits<double>::infinity()), R"("Infinity")");
  EXPECT_EQ(Compact(-std::numeric_limits<double>::infinity()), R"("-Infinity")");
  EXPECT_EQ(Compact(Opaque{FromHex("f7")}), R"("9w==")");
  EXPECT_EQ(Compact(UINT64_MAX), "18446744073709551615");
  EXPECT_EQ(Compact(Bignum{false, FromHex("010000000000000000")}), "18446744073709551616");
  const Bignum huge{false, std::string(5000, '\x01')};
  EXPECT_EQ(Compact(huge).front(), '"') << "too long for digits";
}

TEST(ToJsonTest, KeysOfEveryKindBecomeStrings) {
  EXPECT_EQ(Compact(Map{{1, 2}, {Bytes{"b"}, 3}, {Tuple{{1, "x"}}, 4}, {Value(), 5}, {1.5, 6}}),
            R"({"1":2,"b":3,"[1,\"x\"]":4,"null":5,"1.5":6})");
}

TEST(ToJsonTest, KeysOfKeysAreShort) {
  EXPECT_EQ(Compact(Map{{Map{{List{}, 1}, {2, 3}}, 4}}), R"({"{\"gA==\":1,\"Ag==\":3}":4})");
  Value nested(List{});
  for (int level = 0; level < 100; ++level) nested = Map{{std::move(nested), "\"\\\n"}};
  EXPECT_LT(Compact(nested).size(), 2000U);
}

TEST(ToJsonTest, EscapesWhatATerminalOrParserWouldTakeForMore) {
  EXPECT_EQ(Compact(std::string("\"\\\n\t\r\x01\x1b\x7f/\0", 10)),
            R"("\"\\\n\t\r\u0001\u001b\u007f/\u0000")");
  EXPECT_EQ(Compact("\u00e9"), "\"\u00e9\"");
}

TEST(ToJsonTest, IndentsByTwo) {
  EXPECT_EQ(ToJson(Map{{"a", List{1, List{}}}, {"b", Map{}}, {"c", Map{{"d", "e"}}}},
                   JsonStyle::kIndented),
            R"({
  "a": [
    1,
    []
  ],
  "b": {},
  "c": {
    "d": "e"
  }
})");
  EXPECT_EQ(ToJson(1, JsonStyle::kIndented), "1");
}

TEST(JsonKeepsExactlyTest, FollowsTheRestProtocol) {
  const Value exact[] = {Value(),
                         true,
                         INT64_MIN,
                         UINT64_MAX,
                         0.1,
                         -0.0,
                         "text",
                         Bytes{"text"},
                         List{1, Map{{"a", List{}}}},
                         Map{{Bytes{"b"}, 1}},
                         Bignum{false, FromHex("010000000000000000")}};
  for (const Value& value : exact) EXPECT_TRUE(JsonKeepsExactly(value)) << Compact(value);
  const Value inexact[] = {Tuple{{1}},
                           Uuid{},
                           Opaque{FromHex("f7")},
                           Bytes{FromHex("ff")},
                           FromHex("ff"),
                           std::nan(""),
                           std::numeric_limits<double>::infinity(),
                           Map{{1, 2}},
                           Map{{Bytes{FromHex("ff")}, 2}},
                           Map{{"a", 1}, {Bytes{"a"}, 2}},
                           Bignum{false, std::string(5000, '\x01')}};
  for (const Value& value : inexact) {
    EXPECT_FALSE(JsonKeepsExactly(value)) << Compact(value);
    EXPECT_FALSE(JsonKeepsExactly(List{value}));
    EXPECT_FALSE(JsonKeepsExactly(Map{{"k", value}}));
  }
}

}  // namespace
}  // namespace coord

// SPDX-License-Identifier: MIT
#include "value/yaml.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "value/json.h"

namespace coord {
namespace {

// The value as JSON, or the error.
std::string Read(std::string_view text) {
  const Result<Value> value = ParseYaml(text);
  return value.has_value() ? ToJson(*value, JsonStyle::kCompact) : value.error().detail;
}

struct Scalar {
  const char* text;
  Value value;
};

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The expected values are what PyYAML 6.0's safe_load() gives.
TEST(YamlScalarTest, BooleansAndNullsInPyYamlsSpellings) {
  for (const char* text : {"yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"}) {
    EXPECT_EQ(*ParseYaml(text), Value(true)) << text;
  }
  for (const char* text : {"no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"}) {
    EXPECT_EQ(*ParseYaml(text), Value(false)) << text;
  }
  for (const char* text : {"~", "null", "Null", "NULL", ""}) {
    EXPECT_EQ(*ParseYaml(text), Value()) << text;
  }
  for (const char* text : {"yEs", "tRUE", "oN", "nULL", "y", "Y", "n", "N", "none", "nil"}) {
    EXPECT_EQ(*ParseYaml(text), Value(text)) << text;
  }
}

TEST(YamlScalarTest, Integers) {
  const Scalar scalars[] = {
      {"0", 0},
      {"-0", 0},
      {"+17", 17},
      {"00", 0},
      {"010", 8},
      {"-010", -8},
      {"0_7", 7},
      {"0_", 0},
      {"1_000", 1000},
      {"1_", 1},
      {"0x1f", 31},
      {"0x1F_f", 511},
      {"-0x10", -16},
      {"0x_1", 1},
      {"0b11", 3},
      {"0b_1", 1},
      {"1:30", 90},
      {"-1:30", -90},
      {"190:20:30", 685230},
      {"1_0:30", 630},
      {"9223372036854775807", INT64_MAX},
      {"18446744073709551615", UINT64_MAX},
      {"18446744073709551616", Bignum{false, std::string("\x01\0\0\0\0\0\0\0\0", 9)}},
  };
  for (const auto& [text, value] : scalars) EXPECT_EQ(*ParseYaml(text), value) << text;
}

TEST(YamlScalarTest, Floats) {
  const Scalar scalars[] = {
      {"1.0", 1.0},
      {"1.", 1.0},
      {".5", 0.5},
      {"-1.5", -1.5},
      {"1.0e+5", 100000.0},
      {"1.5E-3", 0.0015},
      {".5e+2", 50.0},
      {"1.e+3", 1000.0},
      {"1_0.5_0", 10.5},
      {"00.5", 0.5},
      {"1:30.5", 90.5},
      {"-1:30.25", -90.25},
      {"0:30.5", 30.5},
      {"190:20:30.15", 685230.15},
      {".inf", kInfinity},
      {"-.inf", -kInfinity},
      {"+.Inf", kInfinity},
      {".INF", kInfinity},
      {"1.0e+400", kInfinity},
      {"-1.0e+400", -kInfinity},
      {"1.0e-400", 0.0},
      {"685_230.15", 685230.15},
  };
  for (const auto& [text, value] : scalars) EXPECT_EQ(*ParseYaml(text), value) << text;
  for (const char* text : {".nan", ".NaN", ".NAN"}) {
    const Value value = *ParseYaml(text);
    ASSERT_NE(value.As<double>(), nullptr) << text;
    EXPECT_TRUE(std::isnan(*value.As<double>())) << text;
  }
}

TEST(YamlScalarTest, WhatOnlyLooksLikeANumberIsText) {
  for (const char* text : {"1e5",
                           "1.0e5",
                           "08",
                           "-.5",
                           "+.5",
                           "0X1F",
                           "0o10",
                           "0b2",
                           "0x1G",
                           "1:60",
                           "0:30",
                           "1:99.5",
                           "_1",
                           "._5",
                           "-.nan",
                           ".iNf",
                           "inf",
                           "nan",
                           "1.5.2",
                           "1,000",
                           "12:30:",
                           "+_1",
                           "1e",
                           "0x",
                           "6.8523015e5",
                           ".",
                           "0_8",
                           "2001-12-14",
                           "2001-12-14t21:59:43.10-05:00",
                           "-",
                           "<<",
                           "="}) {
    // "12:30:" would be a map at the top, so each stands in a list.
    const std::string in_list = std::string("[x, '") + text + "']";
    EXPECT_EQ(*ParseYaml(in_list), Value(List{"x", text})) << "quoted " << text;
    if (std::string_view(text) == "-" || std::string_view(text) == "12:30:") continue;
    EXPECT_EQ(*ParseYaml(text), Value(text)) << text;
  }
}

TEST(YamlScalarTest, QuotedAndBlockScalarsAreText) {
  for (const char* text : {"'1'", "\"1\"", "|-\n  1", ">-\n  1"}) {
    EXPECT_EQ(*ParseYaml(text), Value("1")) << text;
  }
  EXPECT_EQ(*ParseYaml("'yes'"), Value("yes"));
  EXPECT_EQ(*ParseYaml("''"), Value(""));
  EXPECT_EQ(*ParseYaml("\"x\\ty\\u00e9\\x41\""), Value("x\ty\u00e9"
                                                       "A"));
  EXPECT_EQ(Read("a: |\n  text\n   more\nb: >-\n  folded\n  line\n\n  next\n"),
            R"({"a":"text\n more\n","b":"folded line\nnext"})");
}

TEST(YamlScalarTest, Tags) {
  const Scalar scalars[] = {
      {"!!str 123", "123"},
      {"!!str yes", "yes"},
      {"!!int \"3\"", 3},
      {"!!int 0x10", 16},
      {"!!int 010", 8},
      {"!!float 3", 3.0},
      {"!!float 1e5", 100000.0},
      {"!!float 1:30", 90.0},
      {"!!float -.INF", -kInfinity},
      {"!!bool \"On\"", true},
      {"!!bool yEs", true},
      {"!!bool off", false},
      {"!!null x", Value()},
      {"!!timestamp 2001-12-14", "2001-12-14"},
      {"!!binary aGVsbG8=", Bytes{"hello"}},
      {"!!binary |\n  aGVs\n  bG8=\n", Bytes{"hello"}},
      {"!<tag:yaml.org,2002:str> 12", "12"},
      {"!!seq [1]", List{1}},
      {"!!map {a: 1}", Map{{"a", 1}}},
  };
  for (const auto& [text, value] : scalars) EXPECT_EQ(*ParseYaml(text), value) << text;
  EXPECT_EQ(Read("a: !!str\nb: 1"), R"({"a":"","b":1})");
  for (const char* text : {"!!int abc", "!!int 1.5", "!!int ''", "!!float x", "!!bool maybe",
                           "!!binary a", "!foo bar", "!foo [1]", "!!set {a, b}", "!!map [1]",
                           "!!seq {a: 1}", "!!python/tuple [1]", "!!str [1]", "0b_", "0x_"}) {
    const Result<Value> value = ParseYaml(text);
    ASSERT_TRUE(value.has_error()) << text;
    EXPECT_TRUE(value.error().detail.starts_with("line 1, column ")) << value.error().detail;
  }
}

TEST(YamlTest, ListsAndMapsInOrder) {
  EXPECT_EQ(Read("z: 1\na:\n- 2\n- [3, {k: v}]\nm: {}\n"),
            R"({"z":1,"a":[2,[3,{"k":"v"}]],"m":{}})");
  EXPECT_EQ(Read(R"({"a":1,"b":[true,null,"x",1.5e+3]})"), R"({"a":1,"b":[true,null,"x",1500.0]})");
  EXPECT_EQ(*ParseYaml("1: a\ntrue: b"), Value(Map{{1, "a"}, {true, "b"}}));
  EXPECT_EQ(Read("a:\nb: ~"), R"({"a":null,"b":null})");
}

TEST(YamlTest, AtMostOneDocument) {
  for (const char* text : {"", "# only\n", "---\n", "--- \n...\n"}) EXPECT_EQ(Read(text), "null");
  EXPECT_EQ(Read("---\na\n...\n"), "\"a\"");
  EXPECT_EQ(Read("%YAML 1.1\n---\na: on"), R"({"a":true})");
  EXPECT_EQ(Read("a\n---\nb"), "line 2, column 1: something follows the document");
  EXPECT_TRUE(ParseYaml("---\na\n---\n").has_error());
}

TEST(YamlTest, AliasesAreCopied) {
  EXPECT_EQ(Read("a: &x {p: 1}\nb: *x\nc: [*x, &y 2, *y]"),
            R"({"a":{"p":1},"b":{"p":1},"c":[{"p":1},2,2]})");
  EXPECT_TRUE(ParseYaml("*x").has_error());
  EXPECT_EQ(Read("&a [1, *a]"), "line 1, column 8: the alias stands inside the node it names");
  EXPECT_EQ(Read("a: &a\n  b: *a"), "line 2, column 6: the alias stands inside the node it names");
}

TEST(YamlTest, AliasesThatExplodeAreRefused) {
  std::string text = "a: &a [x,x,x,x,x,x,x,x,x,x]\n";
  for (char name = 'b'; name < 'k'; ++name) {
    const std::string before = std::string("*") + static_cast<char>(name - 1);
    text += std::string(1, name) + ": &" + name + " [" + before;
    for (int i = 0; i < 9; ++i) text += "," + before;
    text += "]\n";
  }
  EXPECT_TRUE(Read(text).ends_with("the aliases make the document too large"));
  std::string long_text = "a: &a '" + std::string(1'000'000, 'x') + "'\nb: [*a";
  for (int i = 0; i < 100; ++i) long_text += ",*a";
  EXPECT_TRUE(Read(long_text + "]").ends_with("the aliases make the document too large"));
}

TEST(YamlTest, MergeKeys) {
  EXPECT_EQ(Read("base: &b {x: 1, y: 2}\nd:\n  <<: *b\n  y: 3\n  z: 4"),
            R"({"base":{"x":1,"y":2},"d":{"x":1,"y":3,"z":4}})");
  EXPECT_EQ(Read("c:\n  z: 9\n  <<: [{x: 1, y: 1}, {y: 2, w: 3}]"),
            R"({"c":{"y":1,"w":3,"x":1,"z":9}})");
  EXPECT_EQ(Read("a: {x: 2, <<: {x: 1}}"), R"({"a":{"x":2}})");
  EXPECT_EQ(Read("b: &b {x: 1}\nm: &m\n  <<: *b\n  y: 2\nn: {<<: *m}"),
            R"({"b":{"x":1},"m":{"x":1,"y":2},"n":{"x":1,"y":2}})");
  EXPECT_EQ(Read("a: {<<: {}}"), R"({"a":{}})");
  EXPECT_EQ(Read("a: {\"<<\": 3}"), R"({"a":{"<<":3}})") << "quoted it is a key like any other";
  EXPECT_EQ(Read("a: {<<: 3}"), "line 1, column 9: << needs a map or a list of maps");
  EXPECT_EQ(Read("a: {<<: [3]}"), "line 1, column 9: << needs a map or a list of maps");
  EXPECT_EQ(Read("<<: {}\n<<: {}"), "line 2, column 1: the key '<<' occurs twice");
}

TEST(YamlTest, KeysOccurOnceAndAreScalars) {
  EXPECT_EQ(Read("a: 1\nb: 2\na: 3"), "line 3, column 1: the key 'a' occurs twice");
  EXPECT_EQ(Read("x: {a: 1, 'a': 2}"), "line 1, column 11: the key 'a' occurs twice");
  EXPECT_TRUE(ParseYaml("1: a\n0x1: b").has_error());
  EXPECT_EQ(Read("1: a\n'1': b"), R"({"1":"a","1":"b"})");
  EXPECT_EQ(Read("{[1]: 2}"), "line 1, column 2: a list or map cannot be a key");
  EXPECT_EQ(Read("- &l [1]\n- {*l : 2}"), "line 2, column 4: a list or map cannot be a key");
}

TEST(YamlTest, DepthIsLimited) {
  const auto nested = [](std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  EXPECT_TRUE(ParseYaml(nested(kYamlDepthMax)).has_value());
  EXPECT_EQ(Read(nested(kYamlDepthMax + 1)), "line 1, column 129: nested too deep");
  EXPECT_TRUE(ParseYaml(std::string(20000, '[')).has_error());
  EXPECT_TRUE(
      ParseYaml("- &a " + nested(100) + "\n- " + std::string(50, '[') + "*a" + std::string(50, ']'))
          .has_error());
}

TEST(YamlTest, ErrorsSayWhere) {
  EXPECT_EQ(Read("a: 1\nb: [1, 2\n"), "line 3, column 1: end of sequence flow not found");
  EXPECT_EQ(Read("a: 1\nb: x\x01y"), "line 2, column 5: a control character");
  EXPECT_EQ(Read("a: \xc2\x80"), "line 1, column 4: a control character");
  EXPECT_EQ(Read(std::string_view("a\0b", 3)), "line 1, column 2: a control character");
  EXPECT_EQ(Read("a: \xff"), "the YAML text is not UTF-8");
  for (const char* text : {"a: b: c", "a: @x", "a: 'x", "a: [1]]", "@x", "a: *", "a: 1\n b: 2"}) {
    const Result<Value> value = ParseYaml(text);
    ASSERT_TRUE(value.has_error()) << text;
    EXPECT_EQ(value.error().code, ErrorCode::kInvalid);
    EXPECT_TRUE(value.error().detail.starts_with("line ")) << value.error().detail;
  }
}

}  // namespace
}  // namespace coord

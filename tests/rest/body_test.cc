// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cmath>

#include "rest/body_reader.h"
#include "rest/body_writer.h"
#include "rest/documents.h"
#include "value/json.h"
#include "value/value.h"

namespace coord {
namespace {

constexpr int kNesting = 128;

template <typename Write>
std::string Json(Write write) {
  std::string out;
  BodyWriter writer(BodyFormat::kJson, out);
  write(writer);
  return out;
}

// What CBOR says, as JSON.
template <typename Write>
std::string CborAsJson(Write write) {
  std::string out;
  BodyWriter writer(BodyFormat::kCbor, out);
  write(writer);
  const auto value = DecodeCbor(out);
  return value.has_value() ? ToJson(*value, JsonStyle::kCompact) : value.error().detail;
}

void WriteSample(BodyWriter& writer) {
  writer.BeginMap();
  writer.Key("list");
  writer.BeginList();
  writer.Null();
  writer.Bool(true);
  writer.Integer(-5);
  writer.Unsigned(UINT64_MAX);
  writer.Double(1);
  writer.Text("a\"\\\n\xc3\xbc");
  writer.BeginList();
  writer.EndList();
  writer.EndList();
  writer.Key("time");
  writer.Time(WallTime());
  writer.Key("url");
  writer.BeginPlainText().append("/x");
  writer.EndPlainText();
  writer.Key("map");
  writer.BeginMap();
  writer.EndMap();
  writer.EndMap();
}

TEST(BodyWriterTest, BothFormsSayTheSame) {
  const std::string json = Json(WriteSample);
  EXPECT_EQ(json, R"({"list":[null,true,-5,18446744073709551615,1.0,"a\"\\\u000a)"
                  "\xc3\xbc"
                  R"(",[]],"time":"1970-01-01T00:00:00.000000Z","url":"/x","map":{}})");
  EXPECT_EQ(ToJson(*ParseJson(json), JsonStyle::kCompact), CborAsJson(WriteSample));
}

TEST(BodyWriterTest, WhatJsonCannotSay) {
  const auto infinity = [](BodyWriter& writer) { writer.Double(INFINITY); };
  EXPECT_EQ(Json(infinity), "null");
  const auto bytes = [](BodyWriter& writer) { writer.Text("a\xff"); };
  EXPECT_EQ(Json(bytes), "\"a\xef\xbf\xbd\"");
}

TEST(BodyWriterTest, NamesThatAreNoTextHaveASecondKey) {
  const auto write = [](BodyWriter& writer) {
    writer.BeginMap();
    WriteNameField(writer, "name", "a\xff");
    writer.EndMap();
  };
  EXPECT_EQ(Json(write), "{\"name\":\"a\xef\xbf\xbd\",\"name_base64\":\"Yf8=\"}");
}

// A data map from CBOR to a body and back.
std::string ThroughBody(const Value& map, BodyFormat format) {
  const std::string stored = EncodeCbor(map);
  std::string body;
  BodyWriter writer(format, body);
  writer.BeginMap();
  writer.Key("data");
  writer.DataMap(Data::FromStored(stored));
  writer.EndMap();
  std::string scratch;
  Arena arena;
  const auto item = ReadBody(format, body, kNesting, scratch);
  if (item.has_error()) return item.error().detail;
  const auto data = ReadDataItem(FindField(*item, "data"), "data", kNesting, arena);
  if (data.has_error()) return data.error().detail;
  const auto value = DecodeCbor(data->cbor());
  return value.has_value() && *value == map ? "same" : "different";
}

TEST(DataMapTest, EverythingComesBackTheSame) {
  const std::vector<std::pair<const char*, Value>> values = {
      {"null", Value()},
      {"integer", Value(INT64_MIN)},
      {"unsigned", Value(UINT64_MAX)},
      {"bignum", Bignum{true, std::string("\x80\0\0\0\0\0\0\0", 8)}},
      {"double", Value(1.0)},
      {"small", Value(5e-324)},
      {"minus zero", Value(-0.0)},
      {"nan", Value(std::nan(""))},
      {"infinity", Value(INFINITY)},
      {"tuple", Tuple{{1, 2}}},
      {"uuid", Uuid{}},
      {"bytes", Bytes{"\xff\x00"}},
      {"list", List{}},
      {"map", Map{{Value(1), Value(2)}}},
      {"opaque", Opaque{"\xf8\xff"}},
      {"deep", List{Map{{"a", Tuple{{}}}}}},
      {"text", Value("\xc3\xbc")},
  };
  for (const auto& [name, value] : values) {
    EXPECT_EQ(ThroughBody(Map{{"key", value}}, BodyFormat::kJson), "same") << name;
    EXPECT_EQ(ThroughBody(Map{{"key", value}}, BodyFormat::kCbor), "same") << name;
  }
}

TEST(DataMapTest, OnlyWhatJsonWouldChangeIsBase64) {
  const auto first = [](const Value& map) {
    const std::string stored = EncodeCbor(map);
    return Json([&](BodyWriter& writer) { writer.DataMap(Data::FromStored(stored)); });
  };
  EXPECT_EQ(first(Map{{"a", 1}, {"b", 1.0}}), R"({"a":1,"b":1.0})");
  EXPECT_EQ(first(Map{}), "{}");
  EXPECT_EQ(first(Map{{"a", Tuple{}}}), "\"oWFh2ICA\"");
}

TEST(ReadDataTest, BadDataIsRefused) {
  Arena arena;
  for (const Value& value : {Value(1), Value("x"), Value("oWFh"), Value("AQ=="), Value(List{}),
                             Value(Map{{1, 2}}), Value("oKA=")}) {
    const std::string item = EncodeCbor(value);
    const auto data = ReadDataItem(item, "data", kNesting, arena);
    ASSERT_TRUE(data.has_error()) << ToJson(value, JsonStyle::kCompact);
    EXPECT_NE(data.error().detail.find("data"), std::string::npos);
  }
  EXPECT_TRUE(ReadDataItem({}, "data", kNesting, arena)->is_null());
}

TEST(ReadBodyTest, BadBodiesAreRefused) {
  std::string scratch;
  for (const std::string_view body : {"", "{", "{} x", "nul", "[1,]", "\xff"}) {
    EXPECT_TRUE(ReadBody(BodyFormat::kJson, body, kNesting, scratch).has_error()) << body;
  }
  for (const std::string_view body : {"", "\xa1", "\xa0\xa0", "\xff", "\x81\x81\x81\x01"}) {
    EXPECT_TRUE(ReadBody(BodyFormat::kCbor, body, 2, scratch).has_error()) << body;
  }
}

}  // namespace
}  // namespace coord

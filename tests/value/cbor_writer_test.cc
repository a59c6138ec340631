// SPDX-License-Identifier: MIT
#include "value/cbor_writer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "hex.h"
#include "value/cbor_reader.h"

namespace coord {
namespace {

template <typename Write>
std::string Written(Write write) {
  std::string out;
  CborWriter writer(out);
  write(writer);
  return out;
}

TEST(CborWriterTest, HeadsAreTheShortest) {
  const auto number = [](std::uint64_t value) {
    return Written([&](CborWriter& writer) { writer.Unsigned(value); });
  };
  EXPECT_EQ(number(0), FromHex("00"));
  EXPECT_EQ(number(23), FromHex("17"));
  EXPECT_EQ(number(24), FromHex("1818"));
  EXPECT_EQ(number(255), FromHex("18ff"));
  EXPECT_EQ(number(256), FromHex("190100"));
  EXPECT_EQ(number(65535), FromHex("19ffff"));
  EXPECT_EQ(number(65536), FromHex("1a00010000"));
  EXPECT_EQ(number(4294967295), FromHex("1affffffff"));
  EXPECT_EQ(number(4294967296), FromHex("1b0000000100000000"));
  EXPECT_EQ(number(UINT64_MAX), FromHex("1bffffffffffffffff"));
}

TEST(CborWriterTest, IntegersReadBack) {
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{-24}, std::int64_t{-25}, std::int64_t{1000},
        std::int64_t{-1000}, INT64_MAX, INT64_MIN}) {
    const std::string item = Written([&](CborWriter& writer) { writer.Integer(value); });
    EXPECT_EQ(CborAsInteger(item), value);
  }
  EXPECT_EQ(Written([](CborWriter& writer) { writer.Negative(UINT64_MAX); }),
            FromHex("3bffffffffffffffff"));
}

TEST(CborWriterTest, EveryKind) {
  const std::string item = Written([](CborWriter& writer) {
    writer.MapHead(2);
    writer.Text("t");
    writer.ArrayHead(5);
    writer.Bool(true);
    writer.Bool(false);
    writer.Null();
    writer.Double(1.1);
    writer.Bytes(FromHex("00ff"));
    writer.Bytes("k");
    writer.TupleHead(2);
    writer.Tag(24);
    writer.Bytes("");
    writer.Raw(FromHex("f7"));
  });
  EXPECT_EQ(item, FromHex("a2617485f5f4f6fb3ff199999999999a4200ff416bd88082d81840f7"));
  EXPECT_EQ(CborItemSize(item, 10), item.size());
}

TEST(CborWriterTest, LongStringsCarryTheirLength) {
  const std::string text(70000, 'x');
  const std::string item = Written([&](CborWriter& writer) { writer.Text(text); });
  Arena arena;
  EXPECT_EQ(item.size(), text.size() + 5);
  EXPECT_EQ(CborAsString(item, arena), text);
}

TEST(CborWriterTest, Constants) {
  EXPECT_EQ(kEmptyCborMap, Written([](CborWriter& writer) { writer.MapHead(0); }));
  EXPECT_EQ(kEmptyCborText, Written([](CborWriter& writer) { writer.Text(""); }));
}

}  // namespace
}  // namespace coord

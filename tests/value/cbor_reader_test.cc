// SPDX-License-Identifier: MIT
#include "value/cbor_reader.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "hex.h"

namespace coord {
namespace {

TEST(CborHeadTest, ReadsKindArgumentAndSize) {
  CborHead head;
  std::size_t size = 0;
  ASSERT_EQ(ReadCborHead(FromHex("1903e8"), head, size), CborScan::kDone);
  EXPECT_EQ(head.kind, CborKind::kUnsigned);
  EXPECT_EQ(head.argument, 1000U);
  EXPECT_EQ(head.width, 2);
  EXPECT_EQ(size, 3U);
  ASSERT_EQ(ReadCborHead(FromHex("9f"), head, size), CborScan::kDone);
  EXPECT_TRUE(head.indefinite);
  EXPECT_EQ(head.kind, CborKind::kArray);
  EXPECT_EQ(size, 1U);
  size = 77;
  EXPECT_EQ(ReadCborHead(FromHex("1903"), head, size), CborScan::kNeedMore);
  EXPECT_EQ(ReadCborHead("", head, size), CborScan::kNeedMore);
  EXPECT_EQ(size, 77U);
}

TEST(TakeCborItemTest, TakesOneAfterTheOther) {
  const std::string bytes = FromHex(
      "01"
      "820203"
      "4161"
      "9f04ff"
      "d8184100");
  std::string_view rest = bytes;
  for (const char* expected : {"01", "820203", "4161", "9f04ff", "d8184100"}) {
    EXPECT_EQ(TakeCborItem(rest), FromHex(expected));
  }
  EXPECT_TRUE(rest.empty());
  EXPECT_TRUE(TakeCborItem(rest).empty());
}

TEST(TakeCborItemTest, TakesNothingWhereNoWholeItemIs) {
  for (const char* digits : {"", "19", "4261", "8201", "9f01", "ff", "1c", "5bffffffffffffffff"}) {
    const std::string bytes = FromHex(digits);
    std::string_view rest = bytes;
    EXPECT_TRUE(TakeCborItem(rest).empty()) << digits;
    EXPECT_EQ(rest.size(), bytes.size()) << digits;
  }
}

TEST(CborAsTest, Null) {
  EXPECT_TRUE(IsCborNull(""));
  EXPECT_TRUE(IsCborNull(FromHex("f6")));
  EXPECT_FALSE(IsCborNull(FromHex("f7")));
  EXPECT_FALSE(IsCborNull(FromHex("00")));
}

TEST(CborAsTest, Bool) {
  EXPECT_EQ(CborAsBool(FromHex("f5")), true);
  EXPECT_EQ(CborAsBool(FromHex("f4")), false);
  EXPECT_EQ(CborAsBool(FromHex("01")), true);
  EXPECT_EQ(CborAsBool(FromHex("00")), false);
  EXPECT_EQ(CborAsBool(FromHex("f93c00")), true);
  EXPECT_EQ(CborAsBool(FromHex("fb0000000000000000")), false);
  for (const char* digits : {"02", "20", "f6", "f7", "f93e00", "6131", "80", ""}) {
    EXPECT_EQ(CborAsBool(FromHex(digits)), std::nullopt) << digits;
  }
}

TEST(CborAsTest, NumberOfIntegersAndFloats) {
  EXPECT_EQ(CborAsNumber(FromHex("1903e8")), 1000.0);
  EXPECT_EQ(CborAsNumber(FromHex("1bffffffffffffffff")), 18446744073709551616.0);
  EXPECT_EQ(CborAsNumber(FromHex("20")), -1.0);
  EXPECT_EQ(CborAsNumber(FromHex("f93e00")), 1.5);
  EXPECT_EQ(CborAsNumber(FromHex("f9c400")), -4.0);
  EXPECT_EQ(CborAsNumber(FromHex("f90001")), 0x1p-24);
  EXPECT_EQ(CborAsNumber(FromHex("f90400")), 0x1p-14);
  EXPECT_EQ(CborAsNumber(FromHex("f97bff")), 65504.0);
  EXPECT_EQ(CborAsNumber(FromHex("fa47c35000")), 100000.0);
  EXPECT_EQ(CborAsNumber(FromHex("fb3ff199999999999a")), 1.1);
  EXPECT_EQ(CborAsNumber(FromHex("f97c00")), std::numeric_limits<double>::infinity());
  EXPECT_EQ(CborAsNumber(FromHex("f9fc00")), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(*CborAsNumber(FromHex("f97e00"))));
  EXPECT_TRUE(std::signbit(*CborAsNumber(FromHex("f98000"))));
}

TEST(CborAsTest, NumberOfDecimalText) {
  EXPECT_EQ(CborAsNumber(FromHex("623630")), 60.0);        // "60"
  EXPECT_EQ(CborAsNumber(FromHex("423630")), 60.0);        // b"60"
  EXPECT_EQ(CborAsNumber(FromHex("63322e35")), 2.5);       // "2.5"
  EXPECT_EQ(CborAsNumber(FromHex("622d32")), -2.0);        // "-2"
  EXPECT_EQ(CborAsNumber(FromHex("622b32")), 2.0);         // "+2"
  EXPECT_EQ(CborAsNumber(FromHex("6233")), std::nullopt);  // cut off
  for (const char* digits :
       {"60", "6161", "623678", "622036", "623620", "632b2d32", "f6", "f5", "80", "c24101", ""}) {
    EXPECT_EQ(CborAsNumber(FromHex(digits)), std::nullopt) << digits;
  }
}

TEST(CborAsTest, Integer) {
  EXPECT_EQ(CborAsInteger(FromHex("182a")), 42);
  EXPECT_EQ(CborAsInteger(FromHex("1b7fffffffffffffff")), INT64_MAX);
  EXPECT_EQ(CborAsInteger(FromHex("1b8000000000000000")), std::nullopt);
  EXPECT_EQ(CborAsInteger(FromHex("3b7fffffffffffffff")), INT64_MIN);
  EXPECT_EQ(CborAsInteger(FromHex("3b8000000000000000")), std::nullopt);
  EXPECT_EQ(CborAsInteger(FromHex("f94500")), 5);
  EXPECT_EQ(CborAsInteger(FromHex("f93e00")), std::nullopt);              // 1.5
  EXPECT_EQ(CborAsInteger(FromHex("fb43e0000000000000")), std::nullopt);  // 2^63
  EXPECT_EQ(CborAsInteger(FromHex("fbc3e0000000000000")), INT64_MIN);
  EXPECT_EQ(CborAsInteger(FromHex("f97e00")), std::nullopt);
  EXPECT_EQ(CborAsInteger(FromHex("f97c00")), std::nullopt);
  EXPECT_EQ(CborAsInteger(FromHex("623630")), 60);
  EXPECT_EQ(CborAsInteger(FromHex("63322e30")), 2);             // "2.0"
  EXPECT_EQ(CborAsInteger(FromHex("63322e35")), std::nullopt);  // "2.5"
  // "9007199254740993", which no double holds
  EXPECT_EQ(CborAsInteger(FromHex("7039303037313939323534373430393933")), 9007199254740993);
}

TEST(CborAsTest, String) {
  Arena arena;
  EXPECT_EQ(CborAsString(FromHex("63616263"), arena), "abc");
  EXPECT_EQ(CborAsString(FromHex("43616263"), arena), "abc");
  EXPECT_EQ(CborAsString(FromHex("60"), arena), "");
  EXPECT_EQ(CborAsString(FromHex("7f61616062626360ff"), arena), "abc");
  EXPECT_EQ(CborAsString(FromHex("5fff"), arena), "");
  EXPECT_EQ(CborAsString(FromHex("01"), arena), std::nullopt);
  EXPECT_EQ(CborAsString(FromHex("80"), arena), std::nullopt);
  EXPECT_EQ(CborAsString(FromHex("6361"), arena), std::nullopt);
  EXPECT_TRUE(IsCborString(FromHex("60")));
  EXPECT_TRUE(IsCborString(FromHex("5fff")));
  EXPECT_FALSE(IsCborString(FromHex("d8184100")));
  EXPECT_TRUE(IsCborBignum(FromHex("c2490100000000000000ff")));
  EXPECT_TRUE(IsCborBignum(FromHex("c35f4101ff")));
  EXPECT_FALSE(IsCborBignum(FromHex("c26101")));
  EXPECT_FALSE(IsCborBignum(FromHex("d8184101")));
  EXPECT_FALSE(IsCborBignum(FromHex("4101")));
  EXPECT_FALSE(IsCborBignum(FromHex("c2")));
}

std::vector<std::string> ItemsOf(std::string_view item) {
  std::vector<std::string> items;
  auto list = CborList::Open(item);
  if (!list) return {"no list"};
  std::string_view next;
  EXPECT_LE(list->CountLeft(), 3U);
  while (list->Next(next)) items.emplace_back(next);
  EXPECT_FALSE(list->Next(next)) << "it stays at the end";
  return items;
}

TEST(CborListTest, GoesThroughListsAndTuples) {
  const std::vector<std::string> expected = {FromHex("01"), FromHex("8102"), FromHex("6161")};
  for (const char* digits : {"830181026161", "9f0181026161ff", "d880830181026161",
                             "d90080830181026161", "d8809f0181026161ff", "98030181026161"}) {
    const std::string item = FromHex(digits);
    EXPECT_EQ(ItemsOf(item), expected) << digits;
    EXPECT_EQ(CborList::Open(item)->CountLeft(), 3U) << digits;
  }
  EXPECT_TRUE(ItemsOf(FromHex("80")).empty());
  EXPECT_TRUE(ItemsOf(FromHex("9fff")).empty());
}

TEST(CborListTest, OpensNothingElse) {
  for (const char* digits : {"", "00", "a0", "6161", "d88000", "c180", "d880d88080", "d880"}) {
    EXPECT_FALSE(CborList::Open(FromHex(digits)).has_value()) << digits;
  }
}

TEST(CborMapTest, GoesThroughEntriesInOrder) {
  for (const char* digits : {"a2616201616102", "bf616201616102ff"}) {
    const std::string item = FromHex(digits);
    auto map = CborMap::Open(item);
    ASSERT_TRUE(map) << digits;
    std::string_view key;
    std::string_view value;
    ASSERT_TRUE(map->Next(key, value));
    EXPECT_EQ(key, FromHex("6162"));
    EXPECT_EQ(value, FromHex("01"));
    ASSERT_TRUE(map->Next(key, value));
    EXPECT_EQ(key, FromHex("6161"));
    EXPECT_EQ(value, FromHex("02"));
    EXPECT_FALSE(map->Next(key, value));
  }
  EXPECT_FALSE(CborMap::Open(FromHex("80")).has_value());
  EXPECT_FALSE(CborMap::Open("").has_value());
}

TEST(FindInCborMapTest, TheLastEntryOfTheKeyWinsWhateverItsStringKind) {
  // {"a": 1, b"a": 2, (_ "a", ""): 3, "b": 4, 1: 5}
  const std::string map = FromHex(
      "a5"
      "616101"
      "416102"
      "7f616160ff03"
      "616204"
      "0105");
  EXPECT_EQ(FindInCborMap(map, "a"), FromHex("03"));
  EXPECT_EQ(FindInCborMap(map, "b"), FromHex("04"));
  EXPECT_TRUE(FindInCborMap(map, "c").empty());
  EXPECT_TRUE(FindInCborMap(map, "").empty());
  EXPECT_TRUE(FindInCborMap(FromHex("80"), "a").empty());
}

TEST(FindInCborMapTest, ChunksMustMatchWhole) {
  const std::string map = FromHex(
      "a1"
      "7f61616162ff"
      "01");  // {(_ "a", "b"): 1}
  EXPECT_EQ(FindInCborMap(map, "ab"), FromHex("01"));
  for (const char* key : {"a", "b", "abc", "aa", ""}) {
    EXPECT_TRUE(FindInCborMap(map, key).empty()) << key;
  }
}

}  // namespace
}  // namespace coord

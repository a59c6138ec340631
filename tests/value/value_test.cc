// SPDX-License-Identifier: MIT
#include "value/value.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "hex.h"

namespace coord {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Value Decoded(std::string_view digits) {
  Result<Value> value = DecodeCbor(FromHex(digits));
  EXPECT_TRUE(value.has_value()) << digits;
  return value.has_value() ? *std::move(value) : Value("not decoded");
}

Value Big(bool negative, std::string_view digits) { return Bignum{negative, FromHex(digits)}; }
Value Raw(std::string_view digits) { return Opaque{FromHex(digits)}; }
Value ByteString(std::string_view digits) { return Bytes{FromHex(digits)}; }

struct Example {
  const char* digits;
  Value value;
};

// RFC 8949, appendix A: all of its examples.
TEST(DecodeCborTest, NumbersOfTheRfc) {
  const Example examples[] = {
      {"00", 0},
      {"01", 1},
      {"0a", 10},
      {"17", 23},
      {"1818", 24},
      {"1819", 25},
      {"1864", 100},
      {"1903e8", 1000},
      {"1a000f4240", 1000000},
      {"1b000000e8d4a51000", std::int64_t{1000000000000}},
      {"1bffffffffffffffff", UINT64_MAX},
      {"c249010000000000000000", Big(false, "010000000000000000")},
      {"3bffffffffffffffff", Big(true, "ffffffffffffffff")},
      {"c349010000000000000000", Big(true, "010000000000000000")},
      {"20", -1},
      {"29", -10},
      {"3863", -100},
      {"3903e7", -1000},
      {"f90000", 0.0},
      {"f98000", -0.0},
      {"f93c00", 1.0},
      {"fb3ff199999999999a", 1.1},
      {"f93e00", 1.5},
      {"f97bff", 65504.0},
      {"fa47c35000", 100000.0},
      {"fa7f7fffff", 3.4028234663852886e+38},
      {"fb7e37e43c8800759c", 1.0e+300},
      {"f90001", 5.960464477539063e-8},
      {"f90400", 0.00006103515625},
      {"f9c400", -4.0},
      {"fbc010666666666666", -4.1},
      {"f97c00", kInfinity},
      {"f9fc00", -kInfinity},
      {"fa7f800000", kInfinity},
      {"faff800000", -kInfinity},
      {"fb7ff0000000000000", kInfinity},
      {"fbfff0000000000000", -kInfinity},
  };
  for (const auto& [digits, value] : examples) EXPECT_TRUE(Decoded(digits) == value) << digits;
  for (const char* digits : {"f97e00", "fa7fc00000", "fb7ff8000000000000"}) {
    const Value value = Decoded(digits);
    ASSERT_NE(value.As<double>(), nullptr) << digits;
    EXPECT_TRUE(std::isnan(*value.As<double>())) << digits;
  }
}

TEST(DecodeCborTest, SimpleValuesAndTagsOfTheRfc) {
  const Example examples[] = {
      {"f4", false},
      {"f5", true},
      {"f6", Value()},
      {"f7", Raw("f7")},
      {"f0", Raw("f0")},
      {"f8ff", Raw("f8ff")},
      {"c074323031332d30332d32315432303a30343a30305a",
       Raw("c074323031332d30332d32315432303a30343a30305a")},
      {"c11a514b67b0", Raw("c11a514b67b0")},
      {"c1fb41d452d9ec200000", Raw("c1fb41d452d9ec200000")},
      {"d74401020304", Raw("d74401020304")},
      {"d818456449455446", Raw("d818456449455446")},
      {"d82076687474703a2f2f7777772e6578616d706c652e636f6d",
       Raw("d82076687474703a2f2f7777772e6578616d706c652e636f6d")},
  };
  for (const auto& [digits, value] : examples) EXPECT_TRUE(Decoded(digits) == value) << digits;
}

TEST(DecodeCborTest, StringsOfTheRfc) {
  const Example examples[] = {
      {"40", ByteString("")},
      {"4401020304", ByteString("01020304")},
      {"60", ""},
      {"6161", "a"},
      {"6449455446", "IETF"},
      {"62225c", "\"\\"},
      {"62c3bc", "\u00fc"},
      {"63e6b0b4", "\u6c34"},
      {"64f0908591", "\U00010151"},
      {"5f42010243030405ff", ByteString("0102030405")},
      {"7f657374726561646d696e67ff", "streaming"},
  };
  for (const auto& [digits, value] : examples) EXPECT_TRUE(Decoded(digits) == value) << digits;
}

TEST(DecodeCborTest, ContainersOfTheRfc) {
  const List one_to_three = {1, 2, 3};
  List one_to_25;
  for (int i = 1; i <= 25; ++i) one_to_25.emplace_back(i);
  const List nested = {1, List{2, 3}, List{4, 5}};
  const Map a_b = {{"a", 1}, {"b", List{2, 3}}};
  const Map letters = {{"a", "A"}, {"b", "B"}, {"c", "C"}, {"d", "D"}, {"e", "E"}};
  const Example examples[] = {
      {"80", List{}},
      {"83010203", one_to_three},
      {"8301820203820405", nested},
      {"98190102030405060708090a0b0c0d0e0f101112131415161718181819", one_to_25},
      {"a0", Map{}},
      {"a201020304", Map{{1, 2}, {3, 4}}},
      {"a26161016162820203", a_b},
      {"826161a161626163", List{"a", Map{{"b", "c"}}}},
      {"a56161614161626142616361436164614461656145", letters},
      {"9fff", List{}},
      {"9f018202039f0405ffff", nested},
      {"9f01820203820405ff", nested},
      {"83018202039f0405ff", nested},
      {"83019f0203ff820405", nested},
      {"9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff", one_to_25},
      {"bf61610161629f0203ffff", a_b},
      {"826161bf61626163ff", List{"a", Map{{"b", "c"}}}},
      {"bf6346756ef563416d7421ff", Map{{"Fun", true}, {"Amt", -2}}},
  };
  for (const auto& [digits, value] : examples) EXPECT_TRUE(Decoded(digits) == value) << digits;
}

TEST(DecodeCborTest, TagsThatMeanSomething) {
  Uuid uuid;
  for (unsigned char i = 0; i < 16; ++i) uuid.bytes[i] = i;
  EXPECT_EQ(Decoded("d82550000102030405060708090a0b0c0d0e0f"), Value(uuid));
  EXPECT_EQ(Decoded("d8255f4800010203040506074808090a0b0c0d0e0fff"), Value(uuid));
  EXPECT_EQ(Decoded("d8808201f6"), Value(Tuple{{1, Value()}}));
  EXPECT_EQ(Decoded("d900809f01ff"), Value(Tuple{{1}}));
  EXPECT_EQ(Decoded("c24101"), Value(1));
  EXPECT_EQ(Decoded("c240"), Value(0));
  EXPECT_EQ(Decoded("c340"), Value(-1));
  EXPECT_EQ(Decoded("c34900ffffffffffffffff"), Big(true, "ffffffffffffffff"));
  EXPECT_EQ(Decoded("c2480000000000000007"), Value(7));
  EXPECT_EQ(Decoded("c3487fffffffffffffff"), Value(INT64_MIN));
  // The tag does not fit what it is around.
  for (const char* digits : {"d82543010203", "d825f6", "d88000", "d880a0", "c201", "c26101", "c380",
                             "d880d8808100", "c2c24101", "d8184100"}) {
    EXPECT_EQ(Decoded(digits), Raw(digits)) << digits;
  }
}

TEST(DecodeCborTest, RefusesWhatIsNotOneWholeItem) {
  for (const char* digits : {"", "19", "0000", "ff", "1c", "8201", "a101", "5f6161ff", "bf01ff"}) {
    const Result<Value> value = DecodeCbor(FromHex(digits));
    ASSERT_TRUE(value.has_error()) << digits;
    EXPECT_EQ(value.error().code, ErrorCode::kInvalid);
    EXPECT_FALSE(value.error().detail.empty());
  }
}

TEST(DecodeCborTest, HonoursTheDepthLimit) {
  EXPECT_TRUE(DecodeCbor(FromHex("818100"), 2).has_value());
  EXPECT_EQ(DecodeCbor(FromHex("818100"), 1).error().detail, "nested too deep");
  EXPECT_TRUE(DecodeCbor(std::string(128, '\x81') + '\0').has_value());
  EXPECT_TRUE(DecodeCbor(std::string(129, '\x81') + '\0').has_error());
}

TEST(EncodeCborTest, WritesEachKind) {
  Uuid uuid;
  const Example examples[] = {
      {"f6", Value()},
      {"f5", true},
      {"3903e7", -1000},
      {"1bffffffffffffffff", UINT64_MAX},
      {"fb3ff8000000000000", 1.5},
      {"6161", "a"},
      {"4161", ByteString("61")},
      {"820180", List{1, List{}}},
      {"d8808101", Tuple{{1}}},
      {"a2616201616102", Map{{"b", 1}, {"a", 2}}},
      {"d8255000000000000000000000000000000000", uuid},
      {"c249010000000000000000", Big(false, "010000000000000000")},
      {"3bffffffffffffffff", Big(true, "ffffffffffffffff")},
      {"c349010000000000000000", Big(true, "010000000000000000")},
      {"07", Big(false, "000007")},
      {"f7", Raw("f7")},
  };
  for (const auto& [digits, value] : examples) {
    EXPECT_EQ(EncodeCbor(value), FromHex(digits)) << digits;
  }
}

TEST(ValueTest, KindsAreNeverEqualToOneAnother) {
  const Value values[] = {Value(), false,   0,     0.0,    -0.0,     "",        Bytes{},
                          List{},  Tuple{}, Map{}, Uuid{}, Bignum{}, Raw("f7"), UINT64_MAX};
  for (std::size_t i = 0; i < std::size(values); ++i) {
    for (std::size_t j = 0; j < std::size(values); ++j) {
      EXPECT_EQ(values[i] == values[j], i == j) << i << " " << j;
    }
  }
}

TEST(ValueTest, SmallUnsignedIntegersAreSigned) {
  EXPECT_NE(Value(std::uint64_t{5}).As<std::int64_t>(), nullptr);
  EXPECT_EQ(Value(std::uint64_t{5}), Value(5));
  EXPECT_NE(Value(UINT64_MAX).As<std::uint64_t>(), nullptr);
}

TEST(ValueTest, NanEqualsItselfByItsBits) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(Value(nan), Value(nan));
  EXPECT_NE(Value(nan), Value(std::bit_cast<double>(std::bit_cast<std::uint64_t>(nan) | 1U)));
  EXPECT_EQ((Value(List{nan})), (Value(List{nan})));
}

TEST(ValueTest, MapsAreEqualInAnyOrder) {
  const Value inner_one = Map{{"x", 1}, {"y", 2}};
  const Value inner_two = Map{{"y", 2}, {"x", 1}};
  EXPECT_EQ(inner_one, inner_two);
  EXPECT_EQ(Value(Map{{"m", inner_one}, {Tuple{{inner_one}}, 1}}),
            Value(Map{{Tuple{{inner_two}}, 1}, {"m", inner_two}}));
  EXPECT_NE(inner_one, Value(Map{{"x", 1}}));
  EXPECT_NE(inner_one, Value(Map{{"x", 2}, {"y", 1}}));
  EXPECT_NE(Value(Map{{"x", 1}}), Value(Map{{Bytes{"x"}, 1}}));
  EXPECT_NE(Value(List{1, 2}), Value(List{2, 1}));
  EXPECT_EQ(Value(Map{{"x", 1}, {"x", 2}}), Value(Map{{"x", 2}})) << "later entries win";
}

TEST(ValueTest, FindTakesTheLastEntryOfEitherStringKind) {
  const Value map = Map{{"a", 1}, {Bytes{"a"}, 2}, {"b", 3}, {1, 4}};
  ASSERT_NE(map.Find("a"), nullptr);
  EXPECT_EQ(*map.Find("a"), Value(2));
  EXPECT_EQ(*map.Find("b"), Value(3));
  EXPECT_EQ(map.Find("c"), nullptr);
  EXPECT_EQ(Value(List{}).Find("a"), nullptr);
}

TEST(ValueTest, Accessors) {
  EXPECT_EQ(*Value("t").AsString(), "t");
  EXPECT_EQ(*Value(Bytes{"b"}).AsString(), "b");
  EXPECT_EQ(Value(1).AsString(), nullptr);
  EXPECT_EQ(Value(List{1}).AsItems()->size(), 1U);
  EXPECT_EQ(Value(Tuple{{1, 2}}).AsItems()->size(), 2U);
  EXPECT_EQ(Value(Map{}).AsItems(), nullptr);
  EXPECT_EQ(Value(-3).AsNumber(), -3.0);
  EXPECT_EQ(Value(UINT64_MAX).AsNumber(), 18446744073709551616.0);
  EXPECT_EQ(Value(2.5).AsNumber(), 2.5);
  EXPECT_EQ(Value("2").AsNumber(), std::nullopt);
  EXPECT_EQ(Value(true).AsNumber(), std::nullopt);
}

}  // namespace
}  // namespace coord

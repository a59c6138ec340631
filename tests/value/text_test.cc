// SPDX-License-Identifier: MIT
// Base64, UTF-8, numbers as text and positions in texts.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "hex.h"
#include "value/base64.h"
#include "value/number_text.h"
#include "value/text_position.h"
#include "value/utf8.h"

namespace coord {
namespace {

TEST(Base64Test, TheExamplesOfTheRfc) {
  constexpr std::pair<const char*, const char*> kExamples[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
  };
  for (const auto& [bytes, text] : kExamples) {
    EXPECT_EQ(EncodeBase64(bytes), text);
    EXPECT_EQ(DecodeBase64(text), bytes);
    std::string unpadded = text;
    std::erase(unpadded, '=');
    EXPECT_EQ(EncodeBase64Url(bytes), unpadded);
    EXPECT_EQ(DecodeBase64Url(unpadded), bytes);
  }
}

TEST(Base64Test, TheAlphabetsDifferInTheirLastTwo) {
  const std::string bytes = FromHex("fbff");
  EXPECT_EQ(EncodeBase64(bytes), "+/8=");
  EXPECT_EQ(EncodeBase64Url(bytes), "-_8");
  EXPECT_EQ(DecodeBase64("-_8="), std::nullopt);
  EXPECT_EQ(DecodeBase64Url("+/8"), std::nullopt);
}

TEST(Base64Test, RefusesEverySpellingButOne) {
  for (const char* text : {"Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zh==", "Zm9=", "Zm 9v",
                           "Zm9v\n", "Z", "Zm9vZ", "=Zg=", "Zg==Zg=="}) {
    EXPECT_EQ(DecodeBase64(text), std::nullopt) << text;
  }
  for (const char* text : {"Zg==", "Z", "Zh", "Zm9vZ", "Zm.v"}) {
    EXPECT_EQ(DecodeBase64Url(text), std::nullopt) << text;
  }
}

TEST(Base64Test, EveryByteReadsBack) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes.push_back(static_cast<char>(byte));
  for (std::size_t cut = 0; cut < 4; ++cut) {
    const std::string part = bytes.substr(cut);
    EXPECT_EQ(DecodeBase64(EncodeBase64(part)), part);
    EXPECT_EQ(DecodeBase64Url(EncodeBase64Url(part)), part);
  }
}

TEST(Utf8Test, TellsGoodFromBad) {
  for (const char* digits : {"", "00", "7f", "c280", "dfbf", "e0a080", "ed9fbf", "ee8080", "efbfbf",
                             "f0908080", "f48fbfbf", "6162636465666768c3a9"}) {
    EXPECT_TRUE(IsUtf8(FromHex(digits))) << digits;
  }
  for (const char* digits : {"80",
                             "bf",
                             "c0af",
                             "c1bf",
                             "c2",
                             "c220",
                             "e08080",
                             "e09fbf",
                             "eda080",
                             "edbfbf",
                             "e282",
                             "f0808080",
                             "f08fbfbf",
                             "f4908080",
                             "f5808080",
                             "ff",
                             "fe",
                             "6162636465666768ff",
                             "61626364656667c3",
                             "f09f9880f09f98"}) {
    EXPECT_FALSE(IsUtf8(FromHex(digits))) << digits;
  }
}

TEST(IntegerTextTest, ParsesEverySize) {
  EXPECT_EQ(*ParseInteger("0"), Value(0));
  EXPECT_EQ(*ParseInteger("-0"), Value(0));
  EXPECT_EQ(*ParseInteger("+007"), Value(7));
  EXPECT_EQ(*ParseInteger("9223372036854775807"), Value(INT64_MAX));
  EXPECT_EQ(*ParseInteger("-9223372036854775808"), Value(INT64_MIN));
  EXPECT_EQ(*ParseInteger("9223372036854775808"), Value(std::uint64_t{1} << 63U));
  EXPECT_EQ(*ParseInteger("18446744073709551615"), Value(UINT64_MAX));
  EXPECT_EQ(*ParseInteger("18446744073709551616"),
            Value(Bignum{false, FromHex("010000000000000000")}));
  EXPECT_EQ(*ParseInteger("-9223372036854775809"),
            Value(Bignum{true, FromHex("8000000000000000")}));
  EXPECT_EQ(*ParseInteger("-18446744073709551616"),
            Value(Bignum{true, FromHex("ffffffffffffffff")}));
  EXPECT_EQ(*ParseInteger("-18446744073709551617"),
            Value(Bignum{true, FromHex("010000000000000000")}));
  for (const char* text : {"", "-", "+", "--1", "1.0", "1e3", " 1", "1 ", "0x1", "a"}) {
    EXPECT_FALSE(ParseInteger(text).has_value()) << text;
  }
}

TEST(IntegerTextTest, HasALimit) {
  EXPECT_TRUE(ParseInteger(std::string(kIntegerDigitsMax, '9')).has_value());
  EXPECT_FALSE(ParseInteger(std::string(kIntegerDigitsMax + 1, '9')).has_value());
}

TEST(IntegerTextTest, BignumsAreWrittenInFull) {
  for (const std::string& digits :
       {std::string("18446744073709551616"), std::string("-9223372036854775809"),
        std::string("123456789012345678901234567890"), std::string(kIntegerDigitsMax, '9'),
        "-1" + std::string(400, '0')}) {
    const auto value = ParseInteger(digits);
    ASSERT_TRUE(value && value->As<Bignum>() != nullptr) << digits;
    EXPECT_EQ(BignumDigits(*value->As<Bignum>()), digits);
  }
  EXPECT_EQ(BignumDigits(Bignum{}), "0");
  EXPECT_EQ(BignumDigits(Bignum{true, ""}), "-1");
  EXPECT_EQ(BignumDigits(Bignum{false, std::string(1786, '\xff')}), std::nullopt);
  EXPECT_EQ(BignumDigits(Bignum{false, std::string(1'000'000, '\xff')}), std::nullopt);
}

TEST(DoubleTextTest, ParsesDecimalNumbersOnly) {
  EXPECT_EQ(ParseDouble("60"), 60.0);
  EXPECT_EQ(ParseDouble("-2.5"), -2.5);
  EXPECT_EQ(ParseDouble("+.5e1"), 5.0);
  EXPECT_EQ(ParseDouble("1."), 1.0);
  EXPECT_EQ(ParseDouble("0.1"), 0.1);
  EXPECT_EQ(ParseDouble("5e-324"), 5e-324);
  for (const char* text : {"", ".", "-", "e1", "1e", "inf", "-inf", "nan", "0x10", "1_0", " 1",
                           "1 ", "+-1", "--1", "1.2.3", "1,5"}) {
    EXPECT_FALSE(ParseDouble(text).has_value()) << text;
  }
}

TEST(DoubleTextTest, BeyondTheRangeIsInfinityOrZero) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(ParseDouble("1e400"), kInfinity);
  EXPECT_EQ(ParseDouble("-1e400"), -kInfinity);
  EXPECT_EQ(ParseDouble("1e99999999999999999999999"), kInfinity);
  EXPECT_EQ(ParseDouble(std::string(400, '9') + ".5"), kInfinity);
  EXPECT_EQ(ParseDouble(std::string(400, '9') + "e-10"), kInfinity);
  EXPECT_EQ(ParseDouble("1e-400"), 0.0);
  EXPECT_EQ(ParseDouble("1e-99999999999999999999999"), 0.0);
  EXPECT_EQ(ParseDouble("." + std::string(400, '0') + "1"), 0.0);
  EXPECT_EQ(ParseDouble("0." + std::string(400, '0') + "1e10"), 0.0);
  EXPECT_TRUE(std::signbit(*ParseDouble("-1e-400")));
}

TEST(DoubleTextTest, IsShortestAndKeepsItsKind) {
  EXPECT_EQ(DoubleText(1.0), "1.0");
  EXPECT_EQ(DoubleText(-0.0), "-0.0");
  EXPECT_EQ(DoubleText(0.1), "0.1");
  EXPECT_EQ(DoubleText(1e21), "1e+21");
  EXPECT_EQ(DoubleText(1.7976931348623157e308), "1.7976931348623157e+308");
  EXPECT_EQ(DoubleText(123456789.0), "123456789.0");
}

TEST(TextPositionTest, CountsLinesAndCharacters) {
  const std::string text =
      "ab\n\xc3\xa9"
      "c\nd";
  const auto at = [&](std::size_t offset) {
    const TextPosition position = PositionOf(text, offset);
    return std::pair(position.line, position.column);
  };
  using Pair = std::pair<std::size_t, std::size_t>;
  EXPECT_EQ(at(0), Pair(1, 1));
  EXPECT_EQ(at(2), Pair(1, 3));
  EXPECT_EQ(at(3), Pair(2, 1));
  EXPECT_EQ(at(5), Pair(2, 2));
  EXPECT_EQ(at(7), Pair(3, 1));
  EXPECT_EQ(at(1000), Pair(3, 2));
  const Error error = ErrorAt({3, 2}, "odd");
  EXPECT_EQ(error.code, ErrorCode::kInvalid);
  EXPECT_EQ(error.detail, "line 3, column 2: odd");
}

}  // namespace
}  // namespace coord

// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>

#include "hex.h"
#include "value/cbor_reader.h"

namespace coord {
namespace {

constexpr int kDepth = 128;

CborScan ScanHex(std::string_view digits, int depth = kDepth) {
  CborScanner scanner(depth);
  return scanner.Scan(FromHex(digits));
}

// Items of every kind, nested and in every length form.
constexpr const char* kItems[] = {
    "00",
    "1bffffffffffffffff",
    "3903e7",
    "4401020304",
    "7818202020202020202020202020202020202020202020202020",
    "a26161016162820203",
    "9f018202039f0405ffff",
    "bf61610161629f0203ffff",
    "5f42010243030405ff",
    "7f657374726561646d696e67ff",
    "d81845010203a1a1",
    "d8808201d9010063616263",
    "c249010000000000000000",
    "f97e00",
    "fa47c35000",
    "fb3ff199999999999a",
    "f8ff",
    "e0",
    "80",
    "a0",
    "40",
    "5fff",
    "9fff",
    "bfff",
};

TEST(CborScannerTest, FindsTheEndWhateverFollows) {
  for (const char* digits : kItems) {
    const std::string item = FromHex(digits);
    for (const char* rest : {"", "00", "ff", "1c"}) {
      CborScanner scanner(kDepth);
      EXPECT_EQ(scanner.Scan(item + FromHex(rest)), CborScan::kDone) << digits << "|" << rest;
      EXPECT_EQ(scanner.size(), item.size()) << digits;
    }
    EXPECT_EQ(CborItemSize(item, kDepth), item.size()) << digits;
  }
}

TEST(CborScannerTest, EveryTruncationNeedsMore) {
  for (const char* digits : kItems) {
    const std::string item = FromHex(digits);
    for (std::size_t end = 0; end < item.size(); ++end) {
      CborScanner scanner(kDepth);
      EXPECT_EQ(scanner.Scan(std::string_view(item).substr(0, end)), CborScan::kNeedMore)
          << digits << " cut at " << end;
      EXPECT_LE(scanner.size(), end);
      EXPECT_LE(scanner.size_at_least(), item.size());
    }
  }
}

TEST(CborScannerTest, TakesBytesOneByOne) {
  for (const char* digits : kItems) {
    const std::string item = FromHex(digits);
    CborScanner scanner(kDepth);
    for (std::size_t end = 0; end < item.size(); ++end) {
      ASSERT_EQ(scanner.Scan(std::string_view(item).substr(0, end)), CborScan::kNeedMore) << digits;
    }
    EXPECT_EQ(scanner.Scan(item), CborScan::kDone) << digits;
    EXPECT_EQ(scanner.size(), item.size()) << digits;
    EXPECT_EQ(scanner.Scan(item + "more"), CborScan::kDone) << "stays done";
  }
}

TEST(CborScannerTest, KnowsTheLengthOfAStringFromItsHead) {
  CborScanner scanner(kDepth);
  EXPECT_EQ(scanner.Scan(FromHex("d8185a00100000")), CborScan::kNeedMore);
  EXPECT_EQ(scanner.size_at_least(), 7U + 0x100000U);
}

TEST(CborScannerTest, RefusesReservedInfos) {
  for (unsigned major = 0; major < 8; ++major) {
    for (unsigned info = 28; info < 31; ++info) {
      const std::string item(1, static_cast<char>((major << 5U) | info));
      CborScanner scanner(kDepth);
      EXPECT_EQ(scanner.Scan(item + "00000000"), CborScan::kMalformed) << major << " " << info;
    }
  }
}

TEST(CborScannerTest, RefusesWhatIsNotWellFormed) {
  for (const char* digits : {
           "1f",                    // an endless integer
           "3f",                    // an endless negative integer
           "df00",                  // an endless tag
           "ff",                    // a break without a beginning
           "f800",                  // a simple value below 32 in two bytes
           "f81f",                  //
           "82ff",                  // a break in a definite list
           "a1ff",                  // in a definite map
           "c1ff",                  // in a tag
           "bf00ff",                // an endless map whose last key has no value
           "bf000102ff",            //
           "5f6161ff",              // a text chunk in a byte string
           "7f4161ff",              // a byte chunk in a text string
           "5f00ff",                // a number as a chunk
           "5f5f4100ffff",          // an endless chunk
           "5f80ff",                // a list as a chunk
           "5fc141ffff",            // a tag as a chunk
           "9bffffffffffffffff00",  // a count that no message can hold
           "bb8000000000000000",    // a count that would overflow
           "bbffffffffffffffff",    //
           "5bffffffffffffffff",    // such a length
           "7bffffffffffffffff",    //
           "5b8000000000000000",    //
       }) {
    EXPECT_EQ(ScanHex(digits), CborScan::kMalformed) << digits;
  }
}

TEST(CborScannerTest, AcceptsSimpleValuesThatNobodyAssigned) {
  for (unsigned number = 0; number < 24; ++number) {
    const std::string item(1, static_cast<char>(0xe0U | number));
    EXPECT_EQ(CborItemSize(item, kDepth), 1U) << number;
  }
  for (unsigned number = 32; number < 256; ++number) {
    const std::string item = {'\xf8', static_cast<char>(number)};
    EXPECT_EQ(CborItemSize(item, kDepth), 2U) << number;
  }
}

TEST(CborScannerTest, CountsContainersAndTagsAsDepth) {
  const auto nested = [](int levels, const char* head) {
    std::string digits;
    for (int i = 0; i < levels; ++i) digits += head;
    return digits + "00";
  };
  for (const char* head : {"81", "a100", "c1", "d818"}) {
    EXPECT_EQ(ScanHex(nested(5, head), 5), CborScan::kDone) << head;
    EXPECT_EQ(ScanHex(nested(6, head), 5), CborScan::kTooDeep) << head;
  }
  EXPECT_EQ(ScanHex("9f9f9fffffff", 3), CborScan::kDone);
  EXPECT_EQ(ScanHex("9f9f9fffffff", 2), CborScan::kTooDeep);
  EXPECT_EQ(ScanHex("815f4100ff", 1), CborScan::kTooDeep);
}

TEST(CborScannerTest, NothingNestsDeeperThanTheHardLimit) {
  const std::string deep(1000, '\x81');
  CborScanner scanner(100'000);
  EXPECT_EQ(scanner.Scan(deep), CborScan::kTooDeep);
  EXPECT_EQ(scanner.size(), static_cast<std::size_t>(CborScanner::kDepthMax) + 1);
}

TEST(CborScannerTest, EmptyContainersAddNoDepth) {
  EXPECT_EQ(ScanHex("80", 0), CborScan::kDone);
  EXPECT_EQ(ScanHex("a0", 0), CborScan::kDone);
  EXPECT_EQ(ScanHex("8180", 1), CborScan::kDone);
}

TEST(CborScannerTest, DescribesEachResult) {
  EXPECT_EQ(CborScanner::Describe(CborScan::kTooDeep), "nested too deep");
  EXPECT_EQ(CborScanner::Describe(CborScan::kMalformed), "not well-formed CBOR");
  EXPECT_EQ(CborScanner::Describe(CborScan::kNeedMore), "not complete");
  EXPECT_EQ(CborScanner::Describe(CborScan::kDone), "well-formed");
}

}  // namespace
}  // namespace coord

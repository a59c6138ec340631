// SPDX-License-Identifier: MIT
#include "value/data.h"

#include <gtest/gtest.h>

#include <string>

#include "hex.h"

namespace coord {
namespace {

TEST(DataTest, AMapWithStringKeysIsData) {
  for (const char* digits :
       {"a0", "a1616101", "a2616101416202", "bf7f6161ff01ff", "a16161a10102"}) {
    const std::string item = FromHex(digits);
    const Result<Data> data = Data::FromItem(item, "data");
    ASSERT_TRUE(data.has_value()) << digits;
    EXPECT_FALSE(data->is_null());
    EXPECT_EQ(data->cbor().data(), item.data()) << "carried as it is, not copied";
    EXPECT_EQ(data->cbor(), item);
  }
}

TEST(DataTest, NullIsNoData) {
  for (const char* digits : {"", "f6"}) {
    const Result<Data> data = Data::FromItem(FromHex(digits), "data");
    ASSERT_TRUE(data.has_value());
    EXPECT_TRUE(data->is_null());
  }
}

TEST(DataTest, OtherThingsAreRefusedByName) {
  for (const char* digits :
       {"80", "00", "60", "f5", "f7", "c1a0", "a10102", "a1f601", "a2616101d8808002"}) {
    const Result<Data> data = Data::FromItem(FromHex(digits), "unit data");
    ASSERT_TRUE(data.has_error()) << digits;
    EXPECT_EQ(data.error().code, ErrorCode::kInvalid);
    EXPECT_TRUE(data.error().detail.starts_with("unit data ")) << data.error().detail;
  }
}

TEST(DataTest, OrTakesTheOtherOnlyWhereNull) {
  const Data full = Data::FromStored("\xa1\x61\x61\x01");
  EXPECT_EQ(full.Or(Data::Empty()).cbor(), full.cbor());
  EXPECT_EQ(Data().Or(full).cbor(), full.cbor());
  EXPECT_EQ(Data::Empty().Or(full).cbor(), "\xa0");
  EXPECT_TRUE(Data().Or(Data()).is_null());
}

}  // namespace
}  // namespace coord

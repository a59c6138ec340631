// SPDX-License-Identifier: MIT
#include "rest/body_format.h"

#include <gtest/gtest.h>

#include <vector>

namespace coord {
namespace {

std::string_view Negotiate(const std::vector<std::string_view>& accept) {
  const auto format = NegotiateFormat(accept);
  if (!format) return "none";
  return *format == BodyFormat::kJson ? "json" : "cbor";
}

TEST(ContentTypeTest, FourNamesOfJsonAndOneOfCbor) {
  for (const std::string_view type :
       {"application/vnd.diffeo.coordinate.v1+json", "application/vnd.diffeo.coordinate+json",
        "application/json", "text/json", "Application/JSON; charset=utf-8",
        " text/json ;a=\"b;\""}) {
    EXPECT_EQ(FormatOfContentType(type), BodyFormat::kJson) << type;
  }
  EXPECT_EQ(FormatOfContentType("application/cbor"), BodyFormat::kCbor);
  for (const std::string_view type : {"", "text/plain", "application/jsonx", "json", "*/*"}) {
    EXPECT_EQ(FormatOfContentType(type), std::nullopt) << type;
  }
}

TEST(NegotiateTest, WithoutAFieldItIsJson) {
  EXPECT_EQ(Negotiate({}), "json");
  EXPECT_EQ(Negotiate({""}), "json");
  EXPECT_EQ(Negotiate({" , "}), "json");
}

TEST(NegotiateTest, NamesAndWildcards) {
  EXPECT_EQ(Negotiate({"*/*"}), "json");
  EXPECT_EQ(Negotiate({"application/*"}), "json");
  EXPECT_EQ(Negotiate({"text/*"}), "json");
  EXPECT_EQ(Negotiate({"text/json"}), "json");
  EXPECT_EQ(Negotiate({"application/vnd.diffeo.coordinate+json"}), "json");
  EXPECT_EQ(Negotiate({"application/cbor"}), "cbor");
  EXPECT_EQ(Negotiate({"APPLICATION/CBOR"}), "cbor");
  EXPECT_EQ(Negotiate({"text/html"}), "none");
  EXPECT_EQ(Negotiate({"image/*"}), "none");
  EXPECT_EQ(Negotiate({"text/html", "application/cbor"}), "cbor");
}

TEST(NegotiateTest, WeightsDecide) {
  EXPECT_EQ(Negotiate({"application/json;q=0.5, application/cbor"}), "cbor");
  EXPECT_EQ(Negotiate({"application/json, application/cbor;q=0.999"}), "json");
  EXPECT_EQ(Negotiate({"application/json;q=0.3,application/cbor;q=0.3"}), "json");
  EXPECT_EQ(Negotiate({"application/cbor;q=0.1, */*;q=0.01"}), "cbor");
  EXPECT_EQ(Negotiate({"application/cbor;q=0"}), "none");
  EXPECT_EQ(Negotiate({"*/*;q=0"}), "none");
  EXPECT_EQ(Negotiate({"text/html,application/xhtml+xml,*/*;q=0.8"}), "json");
}

TEST(PrefersHtmlTest, OnlyBrowsersDo) {
  const auto prefers = [](std::string_view accept) { return PrefersHtml(std::span(&accept, 1)); };
  EXPECT_TRUE(prefers("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
  EXPECT_TRUE(prefers("text/html"));
  EXPECT_TRUE(prefers("application/json;q=0.5, text/html;q=0.6"));
  EXPECT_FALSE(prefers(""));
  EXPECT_FALSE(prefers("*/*"));
  EXPECT_FALSE(prefers("text/*"));
  EXPECT_FALSE(prefers("text/html, text/json"));
  EXPECT_FALSE(prefers("text/html, application/cbor"));
  EXPECT_FALSE(prefers("text/html;q=0, */*"));
}

TEST(NegotiateTest, TheClosestRangeCounts) {
  EXPECT_EQ(Negotiate({"application/cbor;q=0, */*"}), "json");
  EXPECT_EQ(Negotiate({"*/*, application/*;q=0, text/*;q=0, application/cbor;q=0.2"}), "cbor");
  // The other names of JSON are still acceptable.
  EXPECT_EQ(Negotiate({"application/json;q=0, */*"}), "json");
}

}  // namespace
}  // namespace coord

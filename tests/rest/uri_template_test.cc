// SPDX-License-Identifier: MIT
#include "rest/uri_template.h"

#include <gtest/gtest.h>

namespace coord {
namespace {

std::string Expand(std::string_view text, const std::vector<TemplateVariable>& variables) {
  const auto url = ExpandTemplate(text, variables);
  return url.has_value() ? *url : "error: " + url.error().detail;
}

TEST(ExpandTemplateTest, SimpleVariables) {
  EXPECT_EQ(Expand("/namespace/{namespace}/x", {{"namespace", {"a"}}}), "/namespace/a/x");
  EXPECT_EQ(Expand("/{a}{b}", {{"a", {"1 /"}}, {"b", {"\xc3\xbc"}}}), "/1%20%2F%C3%BC");
  EXPECT_EQ(Expand("/{a}", {}), "/");
  EXPECT_EQ(Expand("/{a}", {{"a", {"1", "2"}}}), "/1,2");
  EXPECT_EQ(Expand("plain", {}), "plain");
}

TEST(ExpandTemplateTest, Queries) {
  const std::string_view query = "/u{?name*,status*,previous,limit}";
  EXPECT_EQ(Expand(query, {}), "/u");
  EXPECT_EQ(Expand(query, {{"limit", {"3"}}}), "/u?limit=3");
  EXPECT_EQ(Expand(query, {{"name", {"a", "b&"}}, {"limit", {"3"}}}),
            "/u?name=a&name=b%26&limit=3");
  EXPECT_EQ(Expand(query, {{"name", {""}}}), "/u?name=");
  EXPECT_EQ(Expand("/u{?a}", {{"a", {"1", "2"}}}), "/u?a=1,2");
}

TEST(ExpandTemplateTest, WhatTheDocumentsDoNotUseIsRefused) {
  EXPECT_TRUE(Expand("/{+a}", {}).starts_with("error"));
  EXPECT_TRUE(Expand("/{a:3}", {}).starts_with("error"));
  EXPECT_TRUE(Expand("/{x,a:3}", {}).starts_with("error"));
  EXPECT_TRUE(Expand("/{a", {}).starts_with("error"));
}

}  // namespace
}  // namespace coord

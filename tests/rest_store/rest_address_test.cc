// SPDX-License-Identifier: MIT
#include "stores/rest/rest_address.h"

#include <gtest/gtest.h>

namespace coord {
namespace {

TEST(RestAddress, IsAUrlOfHttp) {
  const auto text = [](std::string_view url) {
    const auto address = ParseRestAddress(url);
    return address.has_value() ? ToText(*address) : "error: " + address.error().detail;
  };
  EXPECT_EQ(text("http://host:81/"), "http://host:81/");
  EXPECT_EQ(text("http://host"), "http://host:5980/");
  EXPECT_EQ(text("http://host/queue/"), "http://host:5980/queue/");
  EXPECT_EQ(text("http://[::1]"), "http://[::1]:5980/");
  EXPECT_EQ(text("http://[::1]:81/x"), "http://[::1]:81/x");
  for (const std::string_view bad :
       {"", "host:81", "https://host/", "http://", "http:///x", "http://a:b/", "http://u@host/",
        "http://host/?q", "http://host/a b"}) {
    EXPECT_TRUE(text(bad).starts_with("error: bad ")) << bad << " " << text(bad);
  }
}

}  // namespace
}  // namespace coord

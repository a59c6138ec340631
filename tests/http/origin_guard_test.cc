// SPDX-License-Identifier: MIT
#include "http/origin_guard.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace coord {
namespace {

int StatusOf(const RequestHead& head, Reach reach = Reach::kChanges) {
  return OriginGuard({"queue.example.org"}).Check(head, reach).status;
}

RequestHead From(std::string_view host, std::string_view origin = {},
                 std::string_view fetch_site = {}) {
  RequestHead head;
  head.host = host;
  head.origin = origin;
  head.fetch_site = fetch_site;
  return head;
}

TEST(OriginGuardTest, AHostIsAnAddressOrAKnownName) {
  for (const std::string_view host :
       {"", "x", "x:80", "localhost", "a.LOCALHOST:1", "127.0.0.1:5980", "[fe80::1]:5980", "::1",
        "queue.example.org", "Queue.Example.ORG.:1"}) {
    EXPECT_EQ(StatusOf(From(host)), 0) << host;
  }
  for (const std::string_view host : {"example.org", "evil.queue.example.org", "1.2.3.4.evil.org",
                                      "xlocalhost.org", ".org", "queue.example.org.evil"}) {
    EXPECT_EQ(StatusOf(From(host)), 421) << host;
    EXPECT_EQ(StatusOf(From(host), Reach::kNothing), 421) << host;
  }
}

TEST(OriginGuardTest, AnOriginIsTheHost) {
  EXPECT_EQ(StatusOf(From("a:80", "http://a")), 0);
  EXPECT_EQ(StatusOf(From("a", "http://a:80")), 0);
  EXPECT_EQ(StatusOf(From("a", "https://a:443")), 0);
  EXPECT_EQ(StatusOf(From("[::1]:5980", "http://[::1]:5980")), 0);
  for (const std::string_view origin : {"http://b", "http://a:81", "https://a:80", "null",
                                        "ftp://a", "http://a.b", "http://a@b", "a", "http://"}) {
    EXPECT_EQ(StatusOf(From("a", origin)), 403) << origin;
    EXPECT_EQ(StatusOf(From("a", origin), Reach::kNothing), 0) << origin;
  }
}

TEST(OriginGuardTest, ABrowserSaysWhereItComesFrom) {
  EXPECT_EQ(StatusOf(From("a", {}, "same-origin")), 0);
  EXPECT_EQ(StatusOf(From("a", {}, "none")), 0);
  EXPECT_EQ(StatusOf(From("a", "http://a", "cross-site")), 403);
  EXPECT_EQ(StatusOf(From("a", {}, "same-site")), 403);
  EXPECT_EQ(StatusOf(From("a", {}, "something new")), 403);
}

}  // namespace
}  // namespace coord

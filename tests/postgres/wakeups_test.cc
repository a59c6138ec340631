// SPDX-License-Identifier: MIT
#include "stores/postgres/wakeups.h"

#include <gtest/gtest.h>

#include <limits>

namespace coord {
namespace {

TEST(PgNewsTest, ComesBackAsItWas) {
  PgNews news;
  news.work = true;
  news.set_backs = {{12, -1.5}, {77, 0.1}, {99, -std::numeric_limits<double>::infinity()}};
  const PgNews back = ParsePgNews(ToText(news));
  EXPECT_TRUE(back.work);
  EXPECT_EQ(back.set_backs, news.set_backs);
}

TEST(PgNewsTest, PlacesAloneAreNoReasonToLook) {
  PgNews news;
  news.set_backs = {{12, -1.5}};
  const PgNews back = ParsePgNews(ToText(news));
  EXPECT_FALSE(back.work);
  EXPECT_EQ(back.set_backs, news.set_backs);
}

TEST(PgNewsTest, WhatIsNotUnderstoodIsAReasonToLook) {
  for (const char* const text : {"later", "12", "12=", "12=x", "=3", "12=1.0y"}) {
    EXPECT_TRUE(ParsePgNews(text).work) << text;
    EXPECT_TRUE(ParsePgNews(text).set_backs.empty()) << text;
  }
}

TEST(PgNewsTest, AMessageFitsWhateverIsTold) {
  PgNews news;
  for (PgId generation = 1; generation <= 10'000; ++generation) {
    news.set_backs[generation] = 0.1 * static_cast<double>(generation);
  }
  EXPECT_LT(ToText(news).size(), 8'000U);
}

}  // namespace
}  // namespace coord

// SPDX-License-Identifier: MIT
#include "domain/failures.h"

#include <gtest/gtest.h>

namespace coord {
namespace {

TEST(FailureLineTest, IsTheLastThatIsNotBlank) {
  EXPECT_EQ(FailureLine("Traceback\n  x\n  Boom: 1 \n\n"), "Boom: 1");
  EXPECT_EQ(FailureLine("Boom"), "Boom");
  EXPECT_EQ(FailureLine(" \n"), "(no traceback)");
  EXPECT_EQ(FailureLine(""), "(no traceback)");
  EXPECT_EQ(FailureLine(std::string(201, 'x')), std::string(200, 'x') + "...");
}

TEST(TracebackInTest, IsText) {
  Arena arena;
  const auto traceback = [&](std::string_view cbor) {
    return TracebackIn(Data::FromStored(cbor), arena);
  };
  EXPECT_EQ(traceback("\xa1\x69traceback\x64"
                      "Boom"),
            "Boom");
  EXPECT_EQ(traceback("\xa1\x49traceback\x44"
                      "Boom"),
            "Boom");
  EXPECT_EQ(traceback("\xa1\x69traceback\x05"), "");
  EXPECT_EQ(traceback("\xa0"), "");
}

TEST(FailureGroupsTest, TheMostFrequentFirst) {
  FailureGroups groups;
  groups.Add("a", "rare");
  groups.Add("b", "x\nBoom");
  groups.Add("c", "Boom");
  groups.Add("d", "also rare");
  const auto sorted = groups.Sorted();
  ASSERT_EQ(sorted.size(), 3U);
  EXPECT_EQ(sorted[0].line, "Boom");
  EXPECT_EQ(sorted[0].count, 2U);
  EXPECT_EQ(sorted[0].example, "b");
  EXPECT_EQ(sorted[1].line, "also rare");
}

}  // namespace
}  // namespace coord

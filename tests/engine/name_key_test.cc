// SPDX-License-Identifier: MIT
#include "engine/name_key.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/rng.h"

namespace coord {
namespace {

NameKeyRule RuleFor(const std::vector<std::string>& names) {
  const std::vector<std::string_view> views(names.begin(), names.end());
  NameKeyRule rule;
  rule.Learn(views);
  return rule;
}

std::vector<std::string> Numbered(const std::string& format, int first, int count) {
  std::vector<std::string> names;
  for (int i = first; i < first + count; ++i) {
    std::string name(256, '\0');
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): a format is what the test varies
    const int size = std::snprintf(name.data(), name.size(), format.c_str(), i);
    name.resize(static_cast<std::size_t>(size));
    names.push_back(name);
  }
  return names;
}

// Keys of ascending names must ascend; returns how many are the same as the one before.
int CountTies(const NameKeyRule& rule, const std::vector<std::string>& ascending) {
  int ties = 0;
  for (std::size_t i = 1; i < ascending.size(); ++i) {
    const NameKey before = rule.Of(ascending[i - 1]);
    const NameKey after = rule.Of(ascending[i]);
    EXPECT_LE(before, after) << ascending[i - 1] << " " << ascending[i];
    if (before == after) ++ties;
  }
  return ties;
}

TEST(NameKeyTest, TellsNumberedNamesApartLongAfterThoseItHasLearntFrom) {
  for (const char* format : {"doc-%08d", "%016x", "a/long/way/to/part-%012d-of-many.json.gz",
                             "feed%010x", "s3://bucket/2026/11/%09d.txt"}) {
    const NameKeyRule rule = RuleFor(Numbered(format, 0, 1000));
    EXPECT_EQ(CountTies(rule, Numbered(format, 900, 3000)), 0) << format;
    EXPECT_EQ(CountTies(rule, Numbered(format, 50'000'000, 3000)), 0) << format;
  }
}

TEST(NameKeyTest, TellsWordsApart) {
  const std::vector<std::string> names{"Apple", "Zebra", "apple", "pear", "quince", "zebra"};
  EXPECT_EQ(CountTies(RuleFor(names), names), 0);
}

TEST(NameKeyTest, TellsNothingApartBesideTheCommonPrefixButKeepsTheOrder) {
  const NameKeyRule rule = RuleFor(Numbered("doc-%04d", 0, 10));
  EXPECT_EQ(rule.Of("a"), rule.Of("doc"));
  EXPECT_LT(rule.Of("a"), rule.Of("doc-0001"));
  EXPECT_LT(rule.Of("doc-0001"), rule.Of("doz"));
  EXPECT_EQ(rule.Of("doz"), rule.Of("e"));
}

TEST(NameKeyTest, NeverContradictsTheOrderOfNames) {
  constexpr std::uint64_t kSeed = 20261125;
  Rng rng(kSeed);
  const auto any_name = [&](unsigned spread) {
    std::string name;
    for (std::uint64_t left = rng.Below(20); left > 0; --left) {
      // Few different bytes around the limits of the codes: long runs in common, many near misses.
      const std::string_view near = "/-.09:`anopz";
      name.push_back(rng.Below(spread) == 0 ? static_cast<char>(rng.Below(256))
                                            : near[rng.Below(near.size())]);
    }
    return name;
  };
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> learnt;
    for (int i = 0; i < 3; ++i) learnt.push_back(any_name(1 + round % 9));
    const NameKeyRule rule = RuleFor(learnt);
    for (int i = 0; i < 500; ++i) {
      const std::string left = learnt[rng.Below(3)].substr(0, rng.Below(8)) + any_name(5);
      const std::string right = any_name(5);
      if (rule.Of(left) < rule.Of(right)) {
        ASSERT_LT(left, right) << "seed " << kSeed << ", round " << round;
      }
      if (rule.Of(right) < rule.Of(left)) {
        ASSERT_LT(right, left) << "seed " << kSeed << ", round " << round;
      }
    }
  }
}

}  // namespace
}  // namespace coord

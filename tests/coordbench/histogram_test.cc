// SPDX-License-Identifier: MIT
#include "cmd/coordbench/histogram.h"

#include <gtest/gtest.h>

namespace coord::bench {
namespace {

TEST(LatencyHistogramTest, HasNothingAtFirst) {
  const LatencyHistogram histogram;
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.Quantile(0.5), 0U);
  EXPECT_EQ(histogram.max(), 0U);
}

TEST(LatencyHistogramTest, SmallValuesAreExact) {
  LatencyHistogram histogram;
  for (std::uint64_t value = 1; value <= 50; ++value) histogram.Add(value);
  EXPECT_EQ(histogram.Quantile(0.5), 25U);
  EXPECT_EQ(histogram.Quantile(0.02), 1U);
  EXPECT_EQ(histogram.Quantile(1), 50U);
}

TEST(LatencyHistogramTest, LargeValuesAreAtMostOneSixtyFourthTooHigh) {
  for (std::uint64_t value : {64ULL, 65ULL, 127ULL, 128ULL, 1000ULL, 123456789ULL, 1ULL << 62U}) {
    LatencyHistogram histogram;
    histogram.Add(value);
    histogram.Add(UINT64_MAX);  // so that the quantile is not held at the maximum
    EXPECT_GE(histogram.Quantile(0.5), value);
    EXPECT_LE(histogram.Quantile(0.5), value + value / 64) << value;
  }
}

TEST(LatencyHistogramTest, MergeAddsUp) {
  LatencyHistogram one;
  LatencyHistogram other;
  one.Add(10);
  other.Add(20);
  other.Add(30);
  one.Merge(other);
  EXPECT_EQ(one.count(), 3U);
  EXPECT_EQ(one.max(), 30U);
  EXPECT_EQ(one.Quantile(0.5), 20U);
}

}  // namespace
}  // namespace coord::bench

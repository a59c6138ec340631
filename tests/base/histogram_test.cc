// SPDX-License-Identifier: MIT
#include "base/histogram.h"

#include <gtest/gtest.h>

namespace coord {
namespace {

std::size_t BucketOf(std::uint64_t value) {
  Histogram histogram;
  histogram.Add(value);
  std::size_t bucket = 0;
  while (histogram.in_bucket(bucket) == 0) ++bucket;
  return bucket;
}

TEST(HistogramTest, AnEdgeBelongsToTheBucketThatItEnds) {
  EXPECT_EQ(BucketOf(0), 0U);
  EXPECT_EQ(BucketOf(1), 0U);
  for (std::size_t bucket = 1; bucket + 1 < Histogram::kBuckets; ++bucket) {
    EXPECT_EQ(BucketOf(Histogram::UpperEdge(bucket - 1) + 1), bucket);
    EXPECT_EQ(BucketOf(Histogram::UpperEdge(bucket)), bucket);
  }
}

TEST(HistogramTest, TheLastBucketTakesTheRest) {
  EXPECT_EQ(BucketOf(Histogram::UpperEdge(Histogram::kBuckets - 2) + 1), Histogram::kBuckets - 1);
  EXPECT_EQ(BucketOf(UINT64_MAX), Histogram::kBuckets - 1);
}

TEST(HistogramTest, CountsAndSums) {
  Histogram histogram;
  EXPECT_EQ(histogram.count(), 0U);
  for (const std::uint64_t value : {0, 5, 5, 1000}) histogram.Add(value);
  EXPECT_EQ(histogram.count(), 4U);
  EXPECT_EQ(histogram.sum(), 1010U);
}

}  // namespace
}  // namespace coord

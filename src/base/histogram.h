// SPDX-License-Identifier: MIT
// Counts values by their size, for the daemon's metrics.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace coord {

// Buckets that end at powers of four, the last of which takes the rest: of microseconds, up to five
// hours. Constant memory; a few instructions a value.
class Histogram {
 public:
  static constexpr std::size_t kBuckets = 19;

  void Add(std::uint64_t value) {
    const auto width = static_cast<std::size_t>(std::bit_width(value - (value > 0 ? 1 : 0)));
    const std::size_t bucket = (width + 1) / 2;
    ++buckets_[bucket < kBuckets ? bucket : kBuckets - 1];
    sum_ += value;
  }

  void Add(const Histogram& other) {
    for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
    sum_ += other.sum_;
  }

  // The greatest value of a bucket that is not the last.
  static constexpr std::uint64_t UpperEdge(std::size_t bucket) {
    return std::uint64_t{1} << (2 * bucket);
  }
  std::uint64_t in_bucket(std::size_t bucket) const { return buckets_[bucket]; }

  std::uint64_t sum() const { return sum_; }
  // Of values. Cost: the number of buckets.
  std::uint64_t count() const {
    std::uint64_t count = 0;
    for (const std::uint64_t bucket : buckets_) count += bucket;
    return count;
  }

 private:
  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t sum_ = 0;
};

}  // namespace coord

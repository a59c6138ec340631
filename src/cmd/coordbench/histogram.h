// SPDX-License-Identifier: MIT
// A log-linear histogram of latencies: constant memory, one increment a sample.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace coord::bench {

// Counts durations in nanoseconds. Each power of two is cut into 64 equal buckets, so a quantile is
// at most 1.6 % above the true one. Not thread-safe: one a thread, merged at the end.
class LatencyHistogram {
 public:
  void Add(std::uint64_t nanoseconds) {
    ++buckets_[BucketOf(nanoseconds)];
    ++count_;
    if (nanoseconds > max_) max_ = nanoseconds;
  }

  void Merge(const LatencyHistogram& other);

  std::uint64_t count() const { return count_; }
  // The longest sample, exactly; 0 without samples.
  std::uint64_t max() const { return max_; }
  // The upper edge of the bucket that holds the sample of that rank, `quantile` in [0, 1]; never
  // above max(); 0 without samples.
  std::uint64_t Quantile(double quantile) const;

 private:
  static constexpr unsigned kSubBits = 6;
  static constexpr std::size_t kBuckets = (64 - kSubBits + 1) << kSubBits;

  static std::size_t BucketOf(std::uint64_t value) {
    if (value < (1U << kSubBits)) return static_cast<std::size_t>(value);
    const auto shift = static_cast<unsigned>(63 - __builtin_clzll(value)) - kSubBits;
    return (static_cast<std::size_t>(shift) << kSubBits) + static_cast<std::size_t>(value >> shift);
  }
  static std::uint64_t UpperEdge(std::size_t bucket);

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace coord::bench

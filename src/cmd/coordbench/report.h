// SPDX-License-Identifier: MIT
// What a run measured, as text for people and JSON for scripts.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cmd/coordbench/histogram.h"

namespace coord::bench {

// Named figures in the order in which they were added, and latencies by operation.
class Report {
 public:
  using Figure = std::variant<std::uint64_t, double, std::string>;

  void Add(std::string name, Figure figure) {
    figures_.emplace_back(std::move(name), std::move(figure));
  }
  void AddLatency(std::string operation, const LatencyHistogram& histogram) {
    if (histogram.count() > 0) latencies_.emplace_back(std::move(operation), histogram);
  }

  // Names are aligned; latencies in microseconds, one line an operation.
  std::string Text() const;
  // One object on one line: the figures, and `latency_us`, by operation an object of `p50` `p90`
  // `p99` `p99.9` `max` in microseconds and `count`.
  std::string Json() const;

 private:
  std::vector<std::pair<std::string, Figure>> figures_;
  std::vector<std::pair<std::string, LatencyHistogram>> latencies_;
};

}  // namespace coord::bench

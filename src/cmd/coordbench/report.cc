// SPDX-License-Identifier: MIT
#include "cmd/coordbench/report.h"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>

namespace coord::bench {

namespace {

struct Percentile {
  const char* name;
  double quantile;
};

constexpr std::array<Percentile, 4> kPercentiles{
    {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}}};

double Microseconds(std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1000; }

std::string Plain(const Report::Figure& figure) {
  if (const auto* number = std::get_if<std::uint64_t>(&figure)) return fmt::format("{}", *number);
  if (const auto* number = std::get_if<double>(&figure)) return fmt::format("{:.3f}", *number);
  return std::get<std::string>(figure);
}

}  // namespace

std::string Report::Text() const {
  std::string text;
  for (const auto& [name, figure] : figures_) {
    text += fmt::format("{:<22} {}\n", name, Plain(figure));
  }
  for (const auto& [operation, histogram] : latencies_) {
    text += fmt::format("{:<22}", operation + " us");
    for (const auto& [name, quantile] : kPercentiles) {
      text += fmt::format(" {} {:.1f}", name, Microseconds(histogram.Quantile(quantile)));
    }
    text +=
        fmt::format(" max {:.1f} ({} samples)\n", Microseconds(histogram.max()), histogram.count());
  }
  return text;
}

std::string Report::Json() const {
  boost::json::object root;
  for (const auto& [name, figure] : figures_) {
    std::visit([&, &key = name](const auto& value) { root[key] = value; }, figure);
  }
  boost::json::object& latencies = root["latency_us"].emplace_object();
  for (const auto& [operation, histogram] : latencies_) {
    boost::json::object& one = latencies[operation].emplace_object();
    for (const auto& [name, quantile] : kPercentiles) {
      one[name] = Microseconds(histogram.Quantile(quantile));
    }
    one["max"] = Microseconds(histogram.max());
    one["count"] = histogram.count();
  }
  return boost::json::serialize(root) + "\n";
}

}  // namespace coord::bench

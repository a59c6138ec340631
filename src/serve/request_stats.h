// SPDX-License-Identifier: MIT
// How many requests a server has answered, and how long that took.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/histogram.h"

namespace coord {

// By the number of the method, which its protocol gives it. Engine's thread only.
class RequestStats {
 public:
  struct Method {
    std::string_view name;
    Histogram micros;  // from the hand-over to the engine until the answer was written
    std::uint64_t errors = 0;
  };

  // `names` live for ever. What is none of them goes under "other", whose number is other().
  explicit RequestStats(std::span<const std::string_view> names) {
    for (const std::string_view name : names) methods_.push_back({name, {}, 0});
    methods_.push_back({"other", {}, 0});
  }

  void Note(std::size_t method, Duration took, bool is_error) {
    Method& noted = methods_[method];
    noted.micros.Add(static_cast<std::uint64_t>(std::max(took, Duration(0)).count()));
    noted.errors += is_error ? 1 : 0;
  }

  std::size_t other() const { return methods_.size() - 1; }
  std::span<const Method> methods() const { return methods_; }

 private:
  std::vector<Method> methods_;
};

}  // namespace coord

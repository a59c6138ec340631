// SPDX-License-Identifier: MIT
// What random operations are about: names from small hot pools, data, definitions, times.
#pragma once

#include <string>

#include "base/rng.h"
#include "client.h"
#include "model.h"

namespace coord::testing {

// Draws the details of one operation.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : rng_(seed) {}

  std::uint64_t Below(std::uint64_t bound) { return rng_.Below(bound); }
  bool OneIn(std::uint64_t odds) { return rng_.Below(odds) == 0; }
  template <typename T>
  const T& OneOf(const std::vector<T>& list) {
    return list[rng_.Below(list.size())];
  }

  std::string Spec() { return "s" + std::to_string(Below(4)); }
  std::string Unit() { return "u" + std::to_string(Below(8)); }
  std::string Worker() { return "w" + std::to_string(Below(4)); }
  Strings Units();
  Duration Lifetime();
  Map UnitData();  // with an output now and then
  std::optional<Map> MaybeData();
  NewUnit Item();
  ModelDefinition Definition();
  coord::testing::Ask Ask();
  coord::testing::Query AnyQuery();
  coord::testing::Update AnyUpdate();
  Path LockPath();

 private:
  Rng rng_;
};

}  // namespace coord::testing

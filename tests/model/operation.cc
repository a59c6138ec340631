// SPDX-License-Identifier: MIT
#include "operation.h"

#include <array>

#include "base/rng.h"

namespace coord::testing {

namespace {

// How often a kind is used, against others, in a run that uses it.
std::array<std::uint64_t, kOperationKinds> DrawWeights(Rng& rng) {
  std::array<std::uint64_t, kOperationKinds> weights{};
  for (std::size_t i = 0; i < kOperationKinds; ++i) {
    const auto kind = static_cast<OperationKind>(i);
    const bool always = kind <= OperationKind::kAdvance;
    const bool used = always || rng.Below(10) < 7;
    const bool drastic = kind == OperationKind::kClearSpecs || kind == OperationKind::kDeleteSpec ||
                         kind == OperationKind::kDestroyNamespace || kind == OperationKind::kReopen;
    if (used) weights[i] = 1 + rng.Below(drastic ? 4 : 100);
  }
  return weights;
}

}  // namespace

std::vector<Operation> MakeOperations(std::uint64_t seed, std::size_t count) {
  Rng rng(seed);
  const std::array<std::uint64_t, kOperationKinds> weights = DrawWeights(rng);
  std::uint64_t total = 0;
  for (const std::uint64_t weight : weights) total += weight;
  std::vector<Operation> operations;
  operations.reserve(count);
  while (operations.size() < count) {
    std::uint64_t draw = rng.Below(total);
    std::size_t kind = 0;
    while (draw >= weights[kind]) draw -= weights[kind++];
    operations.push_back({static_cast<OperationKind>(kind), rng.Next()});
  }
  return operations;
}

}  // namespace coord::testing

// SPDX-License-Identifier: MIT
// Chance, injected: everything that draws takes an Rng&, so that a seed repeats a run.
#pragma once

#include <cstdint>
#include <random>

namespace coord {

// A seeded generator. The same seed gives the same draws on every machine.
class Rng {
 public:
  explicit Rng(std::uint64_t seed) : generator_(seed) {}

  // 64 random bits.
  std::uint64_t Next() { return generator_(); }

  // A number in [0, bound), evenly. `bound` must be positive.
  std::uint64_t Below(std::uint64_t bound);

  // A number in [0, 1).
  double Unit();

 private:
  std::mt19937_64 generator_;
};

// A seed from the machine's entropy, for when the user gives none.
std::uint64_t RandomSeed();

}  // namespace coord

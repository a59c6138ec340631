// SPDX-License-Identifier: MIT
#include "base/rng.h"

#include "base/check.h"

namespace coord {

std::uint64_t Rng::Below(std::uint64_t bound) {
  COORD_CHECK(bound > 0);
  // The draws above the largest multiple of `bound` are refused, so that no remainder is likelier.
  const std::uint64_t excess = (UINT64_MAX % bound + 1) % bound;
  std::uint64_t draw = generator_();
  while (draw > UINT64_MAX - excess) draw = generator_();
  return draw % bound;
}

double Rng::Unit() { return static_cast<double>(generator_() >> 11U) * 0x1.0p-53; }

std::uint64_t RandomSeed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

}  // namespace coord

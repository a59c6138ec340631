// SPDX-License-Identifier: MIT
// A whole run of the model test: random operations, comparison, and, where a store does not agree,
// the shortest sequence of them that shows it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "operation.h"
#include "store_case.h"

namespace coord::testing {

// How a store did not agree.
struct Disagreement {
  std::size_t step = 0;            // of the operation that showed it
  std::string mismatch;            // what differed
  std::vector<std::string> trace;  // what the operations did, up to that one
};

// Runs the operations on a new store and compares the replies, and all there is every
// `compare_every` operations and at the end.
std::optional<Disagreement> RunOperations(const StoreCase& store_case, std::uint64_t seed,
                                          const std::vector<Operation>& operations,
                                          std::size_t compare_every);

// Runs a seed. Returns nothing where the store agrees, else a report: the seed, the step, what
// differed, the command that repeats it (`program` and environment), and the operations left after
// as many as possible were taken out.
std::optional<std::string> CheckSeed(const StoreCase& store_case, std::uint64_t seed,
                                     std::size_t steps, const std::string& program);

}  // namespace coord::testing

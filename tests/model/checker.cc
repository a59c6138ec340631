// SPDX-License-Identifier: MIT
#include "checker.h"

#include <algorithm>
#include <sstream>

#include "runner.h"

namespace coord::testing {

namespace {

constexpr std::size_t kCompareEvery = 25;
constexpr std::size_t kShownOperations = 20;
// What shrinking may cost: operations run, each with a comparison of everything.
constexpr std::size_t kShrinkOperationsMax = 40'000;

// Takes out chunks, halves first and single operations last, as long as the rest still fails.
std::vector<Operation> Shrink(const StoreCase& store_case, std::uint64_t seed,
                              std::size_t compare_every, std::vector<Operation> operations) {
  std::size_t spent = 0;
  for (std::size_t chunk = (operations.size() + 1) / 2; chunk > 0; chunk /= 2) {
    for (std::size_t at = 0; at < operations.size() && spent < kShrinkOperationsMax;) {
      std::vector<Operation> fewer = operations;
      const auto from = fewer.begin() + static_cast<std::ptrdiff_t>(at);
      fewer.erase(from, from + static_cast<std::ptrdiff_t>(std::min(chunk, fewer.size() - at)));
      const auto disagreement = RunOperations(store_case, seed, fewer, compare_every);
      spent += disagreement ? disagreement->step + 1 : fewer.size();
      if (disagreement) {
        fewer.resize(disagreement->step + 1);
        operations = std::move(fewer);
      } else {
        at += chunk;
      }
    }
  }
  return operations;
}

void Print(const Disagreement& disagreement, std::ostream& out) {
  out << disagreement.mismatch << "\n";
  const std::size_t count = disagreement.trace.size();
  const std::size_t first = count > kShownOperations ? count - kShownOperations : 0;
  if (first > 0) out << "  ... " << first << " before these\n";
  for (std::size_t i = first; i < count; ++i) {
    out << "  " << i << " " << disagreement.trace[i] << "\n";
  }
}

}  // namespace

std::optional<Disagreement> RunOperations(const StoreCase& store_case, std::uint64_t seed,
                                          const std::vector<Operation>& operations,
                                          std::size_t compare_every) {
  const std::unique_ptr<StoreHarness> harness = store_case.open(
      {.test_name = "model." + std::to_string(seed), .options = {.retention = {}, .seed = seed}});
  Runner runner(*harness);
  for (std::size_t step = 0; step < operations.size(); ++step) {
    Mismatch mismatch = runner.Run(operations[step]);
    const bool due = (step + 1) % compare_every == 0 || step + 1 == operations.size();
    if (!mismatch && due) mismatch = runner.CompareAll();
    if (mismatch) return Disagreement{step, *mismatch, runner.trace()};
  }
  return std::nullopt;
}

std::optional<std::string> CheckSeed(const StoreCase& store_case, std::uint64_t seed,
                                     std::size_t steps, const std::string& program) {
  std::vector<Operation> operations = MakeOperations(seed, steps);
  const auto found = RunOperations(store_case, seed, operations, kCompareEvery);
  if (!found) return std::nullopt;
  std::ostringstream out;
  out << store_case.name << " and the model do not agree: seed " << seed << ", step " << found->step
      << " of " << steps << "\nTo repeat: COORD_SEED=" << seed << " COORD_STEPS=" << steps << " "
      << program << "\n";
  Print(*found, out);
  operations.resize(found->step + 1);
  // Comparing after each operation finds it earliest, if it does not hide it.
  const bool early = RunOperations(store_case, seed, operations, 1).has_value();
  const std::size_t compare_every = early ? 1 : kCompareEvery;
  const std::vector<Operation> fewer = Shrink(store_case, seed, compare_every, operations);
  if (const auto shrunk = RunOperations(store_case, seed, fewer, compare_every)) {
    out << "Shrunk to " << fewer.size() << " operations: ";
    Print(*shrunk, out);
  }
  return out.str();
}

}  // namespace coord::testing

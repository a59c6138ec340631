// SPDX-License-Identifier: MIT
// The books that --verify keeps: who holds which unit, and what became of it.
#pragma once

#include <cstdint>
#include <vector>

namespace coord::bench {

// Tracks units by number (see WriteUnitName). Memory: four bytes a unit. Not thread-safe.
class UnitLedger {
 public:
  enum class Verdict : std::uint8_t { kFine, kUnknownUnit, kHeldByAnother, kAlreadyFinished };

  // Units [first, first + count) are on their way to the server; `first` continues what was added
  // before.
  void Added(std::uint64_t first, std::uint64_t count) {
    if (first + count > units_.size()) units_.resize(first + count, kAvailable);
  }

  Verdict Leased(std::uint64_t unit, std::uint32_t worker) {
    if (unit >= units_.size()) return Verdict::kUnknownUnit;
    if (units_[unit] == kFinished) return Verdict::kAlreadyFinished;
    if (units_[unit] != kAvailable) return Verdict::kHeldByAnother;
    units_[unit] = worker;
    return Verdict::kFine;
  }

  Verdict Finished(std::uint64_t unit, std::uint32_t worker) {
    if (unit >= units_.size()) return Verdict::kUnknownUnit;
    if (units_[unit] == kFinished) return Verdict::kAlreadyFinished;
    if (units_[unit] != worker) return Verdict::kHeldByAnother;
    units_[unit] = kFinished;
    ++finished_;
    return Verdict::kFine;
  }

  std::uint64_t added() const { return units_.size(); }
  std::uint64_t finished() const { return finished_; }

 private:
  static constexpr std::uint32_t kAvailable = UINT32_MAX;
  static constexpr std::uint32_t kFinished = UINT32_MAX - 1;

  std::vector<std::uint32_t> units_;
  std::uint64_t finished_ = 0;
};

const char* Describe(UnitLedger::Verdict verdict);

}  // namespace coord::bench

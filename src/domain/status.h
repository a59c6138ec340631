// SPDX-License-Identifier: MIT
// The states of work units and attempts (spec/domain.md, sections 3 and 4).
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>

namespace coord {

enum class WorkUnitStatus : std::uint8_t { kAvailable, kDelayed, kPending, kFinished, kFailed };
inline constexpr std::size_t kWorkUnitStatusCount = 5;
inline constexpr std::array kWorkUnitStatuses = {
    WorkUnitStatus::kAvailable, WorkUnitStatus::kDelayed, WorkUnitStatus::kPending,
    WorkUnitStatus::kFinished, WorkUnitStatus::kFailed};

// What every reader is told of an attempt. kExpired covers those that lapsed by the clock.
enum class AttemptStatus : std::uint8_t { kPending, kExpired, kFinished, kFailed, kRetryable };
inline constexpr std::size_t kAttemptStatusCount = 5;
inline constexpr std::array kAttemptStatuses = {AttemptStatus::kPending, AttemptStatus::kExpired,
                                                AttemptStatus::kFinished, AttemptStatus::kFailed,
                                                AttemptStatus::kRetryable};

// The texts used on the wire: "available", "delayed", "pending", "finished", "failed".
std::string_view ToText(WorkUnitStatus status);
// "pending", "expired", "finished", "failed", "retryable".
std::string_view ToText(AttemptStatus status);
std::optional<WorkUnitStatus> WorkUnitStatusFromText(std::string_view text);
std::optional<AttemptStatus> AttemptStatusFromText(std::string_view text);

// A set of unit statuses.
class StatusSet {
 public:
  constexpr StatusSet() = default;
  constexpr StatusSet(WorkUnitStatus status) { Add(status); }  // NOLINT: a status is a set of one

  static constexpr StatusSet All() {
    StatusSet all;
    for (const WorkUnitStatus status : kWorkUnitStatuses) all.Add(status);
    return all;
  }

  constexpr void Add(WorkUnitStatus status) { bits_ |= Bit(status); }
  constexpr bool Has(WorkUnitStatus status) const { return (bits_ & Bit(status)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool operator==(const StatusSet&) const = default;

 private:
  static constexpr std::uint8_t Bit(WorkUnitStatus status) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(status));
  }
  std::uint8_t bits_ = 0;
};

// One number for each unit status.
using StatusCounts = std::array<std::uint64_t, kWorkUnitStatusCount>;

constexpr std::size_t IndexOf(WorkUnitStatus status) { return static_cast<std::size_t>(status); }
constexpr std::size_t IndexOf(AttemptStatus status) { return static_cast<std::size_t>(status); }

}  // namespace coord

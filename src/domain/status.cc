// SPDX-License-Identifier: MIT
#include "domain/status.h"

namespace coord {

namespace {

constexpr std::array<std::string_view, kWorkUnitStatusCount> kWorkUnitTexts = {
    "available", "delayed", "pending", "finished", "failed"};
constexpr std::array<std::string_view, kAttemptStatusCount> kAttemptTexts = {
    "pending", "expired", "finished", "failed", "retryable"};

template <typename Status, std::size_t kCount>
std::optional<Status> FromText(const std::array<std::string_view, kCount>& texts,
                               std::string_view text) {
  for (std::size_t i = 0; i < kCount; ++i) {
    if (texts[i] == text) return static_cast<Status>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view ToText(WorkUnitStatus status) {
  return kWorkUnitTexts[static_cast<std::size_t>(status)];
}

std::string_view ToText(AttemptStatus status) {
  return kAttemptTexts[static_cast<std::size_t>(status)];
}

std::optional<WorkUnitStatus> WorkUnitStatusFromText(std::string_view text) {
  return FromText<WorkUnitStatus>(kWorkUnitTexts, text);
}

std::optional<AttemptStatus> AttemptStatusFromText(std::string_view text) {
  return FromText<AttemptStatus>(kAttemptTexts, text);
}

}  // namespace coord

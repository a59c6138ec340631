// SPDX-License-Identifier: MIT
#include "stores/postgres/job_parts.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <variant>

namespace coord {

namespace {

// A part with less than this share of all is not worth a transaction.
constexpr std::size_t kLeastShare = 4;

// What those of one sink ask for.
struct Asked {
  std::size_t units = 0;
  bool only_units = true;
  std::optional<std::size_t> part;
};

// How many units a command concerns; nothing: it is not about units alone.
std::optional<std::size_t> UnitsOf(const Command& command) {
  if (const auto* request = std::get_if<RequestWork>(&command)) {
    return static_cast<std::size_t>(std::min<std::uint64_t>(request->count, UINT32_MAX)) +
           request->updates.size();
  }
  if (const auto* update = std::get_if<UpdateWorkUnits>(&command)) return update->updates.size();
  if (const auto* change = std::get_if<ChangeAttempts>(&command)) return change->changes.size();
  if (const auto* add = std::get_if<AddWorkUnits>(&command)) return add->items.size();
  return std::nullopt;
}

// The Dispatcher takes the place of such a request's sink, so that it does not tell whose it is; it
// may belong to whoever sent the command before.
bool Waits(const Submission& submission) {
  return submission.wait > Duration(0) && std::holds_alternative<RequestWork>(submission.command);
}

}  // namespace

std::optional<JobParts> DivideJob(std::span<const Submission> submissions,
                                  std::size_t divide_from) {
  absl::flat_hash_map<const OutcomeSink*, Asked> sinks;
  std::size_t total = 0;
  for (const Submission& submission : submissions) {
    const auto units = UnitsOf(submission.command);
    total += units.value_or(1);
    if (Waits(submission)) continue;
    Asked& asked = sinks[submission.sink];
    asked.units += units.value_or(1);
    asked.only_units = asked.only_units && units.has_value();
  }
  if (total < divide_from) return std::nullopt;
  std::array<std::size_t, 2> units{};
  for (const auto& [sink, asked] : sinks) {
    if (!asked.only_units) units[0] += asked.units;
  }
  JobParts parts;
  std::size_t part = 0;
  for (const Submission& submission : submissions) {
    if (Waits(submission)) {
      units[part] += *UnitsOf(submission.command);
    } else {
      Asked& asked = sinks[submission.sink];
      if (!asked.part && asked.only_units) {
        asked.part = units[0] <= units[1] ? 0 : 1;
        units[*asked.part] += asked.units;
      }
      part = asked.part.value_or(0);
    }
    (part == 0 ? parts.first : parts.second).push_back(submission);
  }
  if (std::min(units[0], units[1]) * kLeastShare < total) return std::nullopt;
  return parts;
}

}  // namespace coord

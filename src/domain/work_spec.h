// SPDX-License-Identifier: MIT
// A work spec's control values and how a definition gives them (spec/domain.md, section 2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "value/data.h"

namespace coord {

// The bound of weight and priority, either way.
inline constexpr std::int64_t kWeightBound = 1'000'000;

struct WorkSpecMeta {
  std::int64_t priority = 0;  // absolute: a spec with more always goes first
  std::int64_t weight = 20;   // relative share; 0 and less: no work
  bool paused = false;
  bool continuous = false;
  bool can_be_continuous = false;  // read-only
  double min_memory_gb = 0;
  Duration interval{0};                     // least time between two made-up units
  WallTime next_continuous = kNoTime;       // earliest next made-up unit
  std::uint64_t max_running = 0;            // 0: no limit
  std::uint64_t max_attempts_returned = 0;  // 0: no limit
  std::uint64_t max_retries = 0;            // 0: no limit
  std::string next_work_spec_name;          // read-only; empty: none
  std::string runtime;                      // read-only
};

// Retention limits (section 7); an absent one is inherited from the daemon, or off.
struct RetentionLimits {
  std::optional<std::uint64_t> completed_count;
  std::optional<Duration> completed_age;
};

// What a definition says. `meta.next_continuous` is not part of it and stays kNoTime.
struct ParsedDefinition {
  std::string name;
  WorkSpecMeta meta;
  RetentionLimits retention;
};

// Reads a definition. Null counts as absent; of equal keys the later wins; a number may be an
// integer, a float or a decimal string; a boolean may be 0 or 1. A weight below 1 becomes 1.
// Errors: kNoWorkSpecName (missing, null or empty, or null data), kBadWorkSpecName (no string, not
// UTF-8, too long), or kInvalid whose detail and subject name the key that is of a wrong type, not
// finite, out of range, a negative amount, or a string that could be no name.
Result<ParsedDefinition> ParseDefinition(Data definition);

// A change of meta: absent fields keep their values.
struct WorkSpecMetaChange {
  std::optional<std::int64_t> priority;
  std::optional<std::int64_t> weight;
  std::optional<bool> paused;
  std::optional<bool> continuous;
  std::optional<double> min_memory_gb;
  std::optional<Duration> interval;
  std::optional<WallTime> next_continuous;
  std::optional<std::uint64_t> max_running;
  std::optional<std::uint64_t> max_attempts_returned;
  std::optional<std::uint64_t> max_retries;
};

// Applies a change. `continuous` on a spec that cannot be is kept false, or, where `strict`, is
// the error kCannotBecomeContinuous. Priority or weight out of range, memory or interval negative
// or not finite: kInvalid. A weight of 0 and less is kept: no work. On an error nothing has
// changed.
Result<void> ApplyMetaChange(const WorkSpecMetaChange& change, bool strict, WorkSpecMeta& meta);

}  // namespace coord

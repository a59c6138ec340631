// SPDX-License-Identifier: MIT
// Which work spec a request gets (spec/domain.md, section 5).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/rng.h"
#include "domain/work_spec.h"

namespace coord {

// What a request for work demands of a spec. Views are borrowed.
struct WorkFilter {
  std::span<const std::string_view> work_spec_names;  // empty: all
  std::span<const std::string_view> runtimes;         // empty: all
  double available_memory_gb = 0;                     // 0: not stated
};

// A spec's state as far as scheduling sees it.
struct SpecLoad {
  std::uint64_t available = 0;
  std::uint64_t pending = 0;
};

// True if the spec passes the filter's names, runtimes and memory.
bool PassesFilter(std::string_view spec_name, const WorkSpecMeta& meta, const WorkFilter& filter);

// The same but for the names, for callers who looked the specs up by them.
bool PassesDemands(const WorkSpecMeta& meta, const WorkFilter& filter);

// True if the spec could make up a continuous unit now.
bool CanMakeContinuous(const WorkSpecMeta& meta, const SpecLoad& load, WallTime now);

// The name of a unit that is made up now: the Unix time in seconds, and a number behind it where
// `is_taken` says so. Asks O(log n) times where n were made up in the same second.
std::string MadeUpUnitName(WallTime now, const std::function<bool(std::string_view)>& is_taken);

// True if the spec may give work now: not paused, weight, below max_running, has or can make units.
bool CanGiveWork(const WorkSpecMeta& meta, const SpecLoad& load, WallTime now);

// How many units of a spec that may give work are to be had, at most: at least one, which it may
// have to make up.
std::uint64_t UnitsToOffer(const WorkSpecMeta& meta, const SpecLoad& load);

// One spec that may give work.
struct SpecCandidate {
  std::int64_t priority = 0;
  std::int64_t weight = 0;
  std::uint64_t pending = 0;
};

// Picks one of the candidates and returns its index. There must be at least one, in an order that
// does not depend on chance (by name). Draws from `rng` only where there is a choice.
std::size_t ChooseSpec(std::span<const SpecCandidate> candidates, Rng& rng);

// How many units one request may take from a spec.
std::uint64_t UnitsToTake(std::uint64_t asked, const WorkSpecMeta& meta, std::uint64_t pending);

}  // namespace coord

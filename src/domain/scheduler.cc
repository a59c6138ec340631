// SPDX-License-Identifier: MIT
#include "domain/scheduler.h"

#include <algorithm>
#include <limits>

#include "base/check.h"

namespace coord {

namespace {

// Weights times pending counts, over any number of specs, do not fit 64 bits in the worst case.
__extension__ using Wide = __int128;

bool Contains(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool UnderMaxRunning(const WorkSpecMeta& meta, std::uint64_t pending) {
  return meta.max_running == 0 || pending < meta.max_running;
}

// The scores of the candidates that compete: those of the highest priority.
class Scores {
 public:
  explicit Scores(std::span<const SpecCandidate> candidates) {
    priority_ = candidates.front().priority;
    for (const SpecCandidate& candidate : candidates) {
      priority_ = std::max(priority_, candidate.priority);
    }
    for (const SpecCandidate& candidate : candidates) {
      if (candidate.priority != priority_) continue;
      total_weight_ += candidate.weight;
      total_pending_ += static_cast<Wide>(candidate.pending);
    }
  }

  // 0 where the candidate does not compete or has more than its share.
  Wide Of(const SpecCandidate& candidate) const {
    if (candidate.priority != priority_) return 0;
    const Wide score = static_cast<Wide>(candidate.weight) * (total_pending_ + 1) -
                       total_weight_ * static_cast<Wide>(candidate.pending);
    return std::max<Wide>(score, 0);
  }

 private:
  std::int64_t priority_ = 0;
  Wide total_weight_ = 0;
  Wide total_pending_ = 0;
};

// What the generator can draw from: the score, halved `shift` times, but still positive.
std::uint64_t Share(Wide score, unsigned shift) {
  if (score == 0) return 0;
  return std::max<std::uint64_t>(static_cast<std::uint64_t>(score >> shift), 1);
}

}  // namespace

bool PassesFilter(std::string_view spec_name, const WorkSpecMeta& meta, const WorkFilter& filter) {
  if (!filter.work_spec_names.empty() && !Contains(filter.work_spec_names, spec_name)) return false;
  return PassesDemands(meta, filter);
}

bool PassesDemands(const WorkSpecMeta& meta, const WorkFilter& filter) {
  if (!filter.runtimes.empty() && !Contains(filter.runtimes, meta.runtime)) return false;
  return filter.available_memory_gb == 0 || meta.min_memory_gb <= filter.available_memory_gb;
}

bool CanMakeContinuous(const WorkSpecMeta& meta, const SpecLoad& load, WallTime now) {
  // kNoTime is earlier than every instant.
  return meta.continuous && load.available == 0 && load.pending == 0 && meta.next_continuous <= now;
}

std::string MadeUpUnitName(WallTime now, const std::function<bool(std::string_view)>& is_taken) {
  const auto since_epoch = now.time_since_epoch();
  std::string seconds =
      std::to_string(std::chrono::duration_cast<std::chrono::seconds>(since_epoch).count());
  if (!is_taken(seconds)) return seconds;
  const auto numbered = [&](std::uint64_t number) {
    return seconds + "-" + std::to_string(number);
  };
  // The numbers taken have hardly any gaps: doubling finds a free one, halving one near the last.
  std::uint64_t taken = 1;
  std::uint64_t free = 2;
  while (is_taken(numbered(free))) {
    taken = free;
    free *= 2;
  }
  while (free - taken > 1) {
    const std::uint64_t middle = taken + (free - taken) / 2;
    (is_taken(numbered(middle)) ? taken : free) = middle;
  }
  return numbered(free);
}

bool CanGiveWork(const WorkSpecMeta& meta, const SpecLoad& load, WallTime now) {
  if (meta.paused || meta.weight <= 0 || !UnderMaxRunning(meta, load.pending)) return false;
  return load.available > 0 || CanMakeContinuous(meta, load, now);
}

std::size_t ChooseSpec(std::span<const SpecCandidate> candidates, Rng& rng) {
  COORD_CHECK(!candidates.empty());
  if (candidates.size() == 1) return 0;
  const Scores scores(candidates);
  Wide total = 0;
  std::size_t positive = 0;
  std::size_t last_positive = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Wide score = scores.Of(candidates[i]);
    if (score == 0) continue;
    total += score;
    ++positive;
    last_positive = i;
  }
  COORD_CHECK(positive > 0);
  if (positive == 1) return last_positive;

  unsigned shift = 0;
  while ((total >> shift) > std::numeric_limits<std::int64_t>::max()) ++shift;
  std::uint64_t bound = 0;
  for (const SpecCandidate& candidate : candidates) bound += Share(scores.Of(candidate), shift);
  std::uint64_t draw = rng.Below(bound);
  for (std::size_t i = 0; i < last_positive; ++i) {
    const std::uint64_t share = Share(scores.Of(candidates[i]), shift);
    if (draw < share) return i;
    draw -= share;
  }
  return last_positive;
}

std::uint64_t UnitsToOffer(const WorkSpecMeta& meta, const SpecLoad& load) {
  const std::uint64_t available = std::max<std::uint64_t>(load.available, 1);
  return meta.max_running == 0 ? available : std::min(available, meta.max_running - load.pending);
}

std::uint64_t UnitsToTake(std::uint64_t asked, const WorkSpecMeta& meta, std::uint64_t pending) {
  std::uint64_t units = std::max<std::uint64_t>(asked, 1);
  if (meta.max_attempts_returned > 0) units = std::min(units, meta.max_attempts_returned);
  if (!UnderMaxRunning(meta, pending)) return 0;
  if (meta.max_running > 0) units = std::min(units, meta.max_running - pending);
  return units;
}

}  // namespace coord

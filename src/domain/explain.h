// SPDX-License-Identifier: MIT
// Why a work spec gives no work: the rules of spec/domain.md, section 5, told to people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "domain/status.h"
#include "domain/work_spec.h"
#include "value/data.h"

namespace coord {

enum class ReasonWeight : std::uint8_t {
  kBlocks,  // while this holds, no unit is given out
  kMay,     // this may be why; the daemon does not tell enough to be sure
  kNote,    // worth knowing, but not why
};

struct Reason {
  std::string code;  // stable, for scripts: "paused", "weight", "max_running", ...
  ReasonWeight weight = ReasonWeight::kNote;
  std::string text;  // one line
};

struct ExplainedSpec {
  std::string name;
  WorkSpecMeta meta;
  StatusCounts counts{};
};

// How much of a spec's units has to be looked at for the fields below.
inline constexpr std::uint64_t kDelayedSeenMax = 1000;
inline constexpr std::uint64_t kTriesSeenMax = 20;

struct ExplainInput {
  std::string name;
  std::vector<ExplainedSpec> specs;   // `name` is one
  bool more_specs = false;            // there are others, which are not told
  bool knows_next_continuous = true;  // false: the metas have none

  // When the first delayed unit may run; of `delayed_seen` that were looked at.
  std::optional<WallTime> first_not_before;
  std::uint64_t delayed_seen = 0;

  // Of the first `tries_seen` available units, those with at least max_retries attempts.
  std::uint64_t out_of_tries = 0;
  std::uint64_t tries_seen = 0;

  std::uint64_t live_workers = 0;  // with a live heartbeat
  bool runtime_named = false;      // one of those names the spec's runtime in its heartbeat data

  WallTime now{};
};

// Every reason that holds, those that block first. Empty: nothing holds it back.
std::vector<Reason> Explain(const ExplainInput& input);

// True if none of them blocks.
bool GivesWork(const std::vector<Reason>& reasons);

// Whether a worker's heartbeat data names a runtime: `runtime`, or one of the list `runtimes`.
bool NamesRuntime(Data heartbeat, std::string_view runtime);

// "blocks", "may" or "note".
std::string_view ToText(ReasonWeight weight);

}  // namespace coord

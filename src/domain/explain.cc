// SPDX-License-Identifier: MIT
#include "domain/explain.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/arena.h"
#include "base/check.h"
#include "domain/scheduler.h"
#include "value/cbor_reader.h"
#include "value/readable_text.h"

namespace coord {

namespace {

std::uint64_t Available(const ExplainedSpec& spec) {
  return spec.counts[IndexOf(WorkUnitStatus::kAvailable)];
}
std::uint64_t Delayed(const ExplainedSpec& spec) {
  return spec.counts[IndexOf(WorkUnitStatus::kDelayed)];
}
std::uint64_t Pending(const ExplainedSpec& spec) {
  return spec.counts[IndexOf(WorkUnitStatus::kPending)];
}
std::uint64_t Finished(const ExplainedSpec& spec) {
  return spec.counts[IndexOf(WorkUnitStatus::kFinished)];
}
std::uint64_t Failed(const ExplainedSpec& spec) {
  return spec.counts[IndexOf(WorkUnitStatus::kFailed)];
}

bool AtMaxRunning(const ExplainedSpec& spec) {
  return spec.meta.max_running > 0 && Pending(spec) >= spec.meta.max_running;
}

SpecLoad LoadOf(const ExplainedSpec& spec) { return {Available(spec), Pending(spec)}; }

class Explainer {
 public:
  explicit Explainer(const ExplainInput& input) : input_(input), spec_(Find()) {}

  std::vector<Reason> Run() {
    ControlValues();
    Units();
    OtherSpecs();
    Workers();
    Notes();
    std::stable_sort(reasons_.begin(), reasons_.end(), [](const Reason& left, const Reason& right) {
      return left.weight < right.weight;
    });
    return std::move(reasons_);
  }

 private:
  const ExplainedSpec& Find() const {
    const auto found =
        std::find_if(input_.specs.begin(), input_.specs.end(),
                     [&](const ExplainedSpec& spec) { return spec.name == input_.name; });
    COORD_CHECK(found != input_.specs.end());
    return *found;
  }

  void Add(std::string code, ReasonWeight weight, std::string text) {
    reasons_.push_back({std::move(code), weight, std::move(text)});
  }

  void ControlValues() {
    if (spec_.meta.paused) {
      Add("paused", ReasonWeight::kBlocks, "it is paused");
    }
    if (spec_.meta.weight <= 0) {
      Add("weight", ReasonWeight::kBlocks,
          fmt::format("its weight is {}, and a weight of 0 or less means no work",
                      spec_.meta.weight));
    }
    if (AtMaxRunning(spec_)) {
      Add("max_running", ReasonWeight::kBlocks,
          fmt::format("units pending: {}, and max_running allows {}", Pending(spec_),
                      spec_.meta.max_running));
    }
  }

  void Units() {
    if (Available(spec_) > 0) return OutOfTries();
    if (spec_.meta.continuous) return Continuous();
    if (Delayed(spec_) > 0) {
      AllDelayed();
    } else if (Pending(spec_) > 0) {
      Add("all_pending", ReasonWeight::kBlocks,
          fmt::format("no unit is available; with workers: {}", Pending(spec_)));
    } else {
      Add("no_units", ReasonWeight::kBlocks,
          Finished(spec_) + Failed(spec_) > 0
              ? fmt::format("all of its units are done: {} finished, {} failed", Finished(spec_),
                            Failed(spec_))
              : "it has no units");
    }
  }

  // "at 2026-01-31T12:00:00Z, in 1m05s"
  std::string FromNowOn(WallTime time) const {
    return fmt::format("at {}, in {}", FormatInstant(ToUnixSeconds(time)),
                       FormatSpan(ToUnixSeconds(time) - ToUnixSeconds(input_.now)));
  }

  void AllDelayed() {
    std::string text = fmt::format("all units that wait are delayed: {}", Delayed(spec_));
    if (input_.first_not_before) {
      text += "; the first may run " + FromNowOn(*input_.first_not_before);
      if (input_.delayed_seen < Delayed(spec_)) {
        text += fmt::format(" (of the {} looked at)", input_.delayed_seen);
      }
    }
    Add("delayed", ReasonWeight::kBlocks, std::move(text));
  }

  void OutOfTries() {
    if (input_.out_of_tries == 0) return;
    Add("tries", ReasonWeight::kMay,
        fmt::format(
            "{} of the first {} available units have had {} attempts or more, and "
            "max_retries is that; unless they were added or cleared since, the next request "
            "fails them",
            input_.out_of_tries, input_.tries_seen, spec_.meta.max_retries));
  }

  void Continuous() {
    if (Pending(spec_) > 0) {
      Add("continuous", ReasonWeight::kBlocks,
          "it is continuous, and makes up no unit while one is pending");
    } else if (!input_.knows_next_continuous) {
      if (spec_.meta.interval == Duration(0)) return;
      Add("continuous", ReasonWeight::kMay,
          fmt::format("it is continuous, and makes up a unit at most every {} s; when the next is "
                      "due the daemon does not tell",
                      std::chrono::duration<double>(spec_.meta.interval).count()));
    } else if (!CanMakeContinuous(spec_.meta, LoadOf(spec_), input_.now)) {
      Add("continuous", ReasonWeight::kBlocks,
          "it is continuous, and the next unit is due " + FromNowOn(spec_.meta.next_continuous));
    }
  }

  void OtherSpecs() {
    double all_pending = 0;
    double all_weight = 0;
    for (const ExplainedSpec& other : input_.specs) {
      if (!IsCandidate(other)) continue;
      if (other.meta.priority > spec_.meta.priority) {
        Add("priority", ReasonWeight::kBlocks,
            fmt::format("{} has priority {} against {}, and {}: it goes first",
                        Readable(other.name), other.meta.priority, spec_.meta.priority,
                        Available(other) > 0
                            ? fmt::format("has units available ({})", Available(other))
                            : "makes up units"));
      } else if (other.meta.priority == spec_.meta.priority) {
        all_pending += static_cast<double>(Pending(other));
        all_weight += static_cast<double>(other.meta.weight);
      }
    }
    if (!IsCandidate(spec_)) return;
    // The scheduler's score of spec/domain.md, section 5.
    const double pending = static_cast<double>(Pending(spec_));
    const double weight = static_cast<double>(spec_.meta.weight);
    if (weight * (all_pending + 1) - all_weight * pending > 0) return;
    Add("share", ReasonWeight::kBlocks,
        fmt::format(
            "{} of its units are pending, more than its share (weight {} of {}): other specs "
            "of its priority go first",
            Pending(spec_), spec_.meta.weight, all_weight));
  }

  void Workers() {
    const std::string& runtime = spec_.meta.runtime;
    if (input_.live_workers == 0) {
      Add("no_workers", ReasonWeight::kMay,
          "no worker has a live heartbeat (one may ask for work without)");
    }
    if (runtime.empty() || input_.runtime_named) return;
    Add("runtime", ReasonWeight::kMay,
        fmt::format("it needs the runtime {}: only workers that ask for that get its units, and no "
                    "live heartbeat names it (the daemon does not record what workers ask for)",
                    Readable(runtime)));
  }

  void Notes() {
    const std::string& then = spec_.meta.next_work_spec_name;
    const bool exists = std::any_of(input_.specs.begin(), input_.specs.end(),
                                    [&](const ExplainedSpec& spec) { return spec.name == then; });
    if (!then.empty() && !exists && !input_.more_specs) {
      Add("then", ReasonWeight::kNote,
          "its `then` names " + Readable(then) + ", which does not exist: outputs are dropped");
    }
    if (spec_.meta.min_memory_gb > 0) {
      Add("memory", ReasonWeight::kNote,
          fmt::format("requests that state less than {} GB of memory get none of its units",
                      spec_.meta.min_memory_gb));
    }
    if (input_.more_specs) {
      Add("more_specs", ReasonWeight::kNote,
          fmt::format("only the first {} work specs were looked at", input_.specs.size()));
    }
  }

  // Whether the scheduler may choose it at all.
  bool IsCandidate(const ExplainedSpec& spec) const {
    return CanGiveWork(spec.meta, LoadOf(spec), input_.now);
  }

  const ExplainInput& input_;
  const ExplainedSpec& spec_;
  std::vector<Reason> reasons_;
};

}  // namespace

std::vector<Reason> Explain(const ExplainInput& input) { return Explainer(input).Run(); }

bool GivesWork(const std::vector<Reason>& reasons) {
  return reasons.empty() || reasons.front().weight != ReasonWeight::kBlocks;
}

bool NamesRuntime(Data heartbeat, std::string_view runtime) {
  Arena arena;
  const auto is_runtime = [&](std::string_view item) {
    return CborAsString(item, arena) == runtime;
  };
  if (is_runtime(FindInCborMap(heartbeat.cbor(), "runtime"))) return true;
  auto several = CborList::Open(FindInCborMap(heartbeat.cbor(), "runtimes"));
  std::string_view item;
  while (several && several->Next(item)) {
    if (is_runtime(item)) return true;
  }
  return false;
}

std::string_view ToText(ReasonWeight weight) {
  switch (weight) {
    case ReasonWeight::kBlocks:
      return "blocks";
    case ReasonWeight::kMay:
      return "may";
    case ReasonWeight::kNote:
      return "note";
  }
  return "note";
}

}  // namespace coord

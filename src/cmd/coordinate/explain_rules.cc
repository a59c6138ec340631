// SPDX-License-Identifier: MIT
#include "cmd/coordinate/explain_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "cmd/coordinate/readable.h"

namespace coord {

namespace {

std::uint64_t Available(const SpecView& spec) {
  return spec.counts[IndexOf(WorkUnitStatus::kAvailable)];
}
std::uint64_t Delayed(const SpecView& spec) {
  return spec.counts[IndexOf(WorkUnitStatus::kDelayed)];
}
std::uint64_t Pending(const SpecView& spec) {
  return spec.counts[IndexOf(WorkUnitStatus::kPending)];
}

double Priority(const SpecView& spec) { return NumberOr(spec.definition, "priority", 0); }

bool AtMaxRunning(const SpecView& spec) {
  return spec.meta.max_running.has_value() && Pending(spec) >= *spec.meta.max_running;
}

bool MayMakeUp(const SpecView& spec) {
  return spec.meta.continuous && Available(spec) == 0 && Pending(spec) == 0;
}

// Whether the scheduler may choose it at all, as far as the daemon tells.
bool IsCandidate(const SpecView& spec) {
  return !spec.meta.paused && spec.meta.weight > 0 && !AtMaxRunning(spec) &&
         (Available(spec) > 0 || MayMakeUp(spec));
}

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
  const SpecView& Find() const {
    const auto found = std::find_if(input_.specs.begin(), input_.specs.end(),
                                    [&](const SpecView& spec) { return spec.name == input_.name; });
    COORD_CHECK(found != input_.specs.end());
    return *found;
  }

  void Add(std::string code, ReasonWeight weight, std::string text) {
    reasons_.push_back({std::move(code), weight, std::move(text)});
  }

  void ControlValues() {
    if (spec_.meta.paused) {
      Add("paused", ReasonWeight::kBlocks, "it is paused; `coordinate resume` lets it go on");
    }
    if (spec_.meta.weight <= 0) {
      Add("weight", ReasonWeight::kBlocks,
          fmt::format("its weight is {}, and a weight of 0 or less means no work",
                      spec_.meta.weight));
    }
    if (AtMaxRunning(spec_)) {
      Add("max_running", ReasonWeight::kBlocks,
          fmt::format("{} units are pending, and max_running allows {}", Pending(spec_),
                      *spec_.meta.max_running));
    }
  }

  void Units() {
    if (Available(spec_) > 0) return OutOfTries();
    if (spec_.meta.continuous) return Continuous();
    if (Delayed(spec_) > 0) {
      AllDelayed();
    } else if (Pending(spec_) > 0) {
      Add("all_pending", ReasonWeight::kBlocks,
          fmt::format("no unit is available: the last {} are with workers", Pending(spec_)));
    } else {
      Add("no_units", ReasonWeight::kBlocks,
          Done(spec_.counts) > 0 ? fmt::format("all of its units are done: {} finished, {} failed",
                                               spec_.counts[IndexOf(WorkUnitStatus::kFinished)],
                                               spec_.counts[IndexOf(WorkUnitStatus::kFailed)])
                                 : "it has no units");
    }
  }

  void AllDelayed() {
    std::string text = fmt::format("all {} units that wait are delayed", Delayed(spec_));
    if (input_.first_not_before) {
      const double seconds = *input_.first_not_before - ToUnixSeconds(input_.now);
      text += fmt::format("; the first may run at {}, in {}",
                          FormatInstant(*input_.first_not_before), FormatSpan(seconds));
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
            "{} of the first {} available units have had {:.0f} attempts or more, and "
            "max_retries is that; unless they were added or cleared since, the next request "
            "fails them",
            input_.out_of_tries, input_.tries_seen, NumberOr(spec_.definition, "max_retries", 0)));
  }

  void Continuous() {
    if (Pending(spec_) > 0) {
      Add("continuous", ReasonWeight::kBlocks,
          "it is continuous, and makes up no unit while one is pending");
    } else if (spec_.meta.interval_seconds > 0) {
      Add("continuous", ReasonWeight::kMay,
          fmt::format("it is continuous, and makes up a unit at most every {} s; when the next is "
                      "due the daemon does not tell",
                      spec_.meta.interval_seconds));
    }
  }

  void OtherSpecs() {
    double all_pending = 0;
    double all_weight = 0;
    for (const SpecView& other : input_.specs) {
      if (!IsCandidate(other)) continue;
      if (Priority(other) > Priority(spec_)) {
        Add("priority", ReasonWeight::kBlocks,
            fmt::format("{} has priority {} against {}, and {}: it goes first",
                        Readable(other.name), Priority(other), Priority(spec_),
                        Available(other) > 0 ? fmt::format("{} available units", Available(other))
                                             : "makes up units"));
      } else if (Priority(other) == Priority(spec_)) {
        all_pending += static_cast<double>(Pending(other));
        all_weight += other.meta.weight;
      }
    }
    if (!IsCandidate(spec_)) return;
    // The scheduler's score of spec/domain.md, section 5.
    const double pending = static_cast<double>(Pending(spec_));
    if (spec_.meta.weight * (all_pending + 1) - all_weight * pending > 0) return;
    Add("share", ReasonWeight::kBlocks,
        fmt::format(
            "{} of its units are pending, more than its share (weight {} of {}): other specs "
            "of its priority go first",
            Pending(spec_), spec_.meta.weight, all_weight));
  }

  void Workers() {
    const std::string runtime = TextOr(spec_.definition, "runtime");
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
    const std::string then = TextOr(spec_.definition, "then");
    const bool exists = std::any_of(input_.specs.begin(), input_.specs.end(),
                                    [&](const SpecView& spec) { return spec.name == then; });
    if (!then.empty() && !exists) {
      Add("then", ReasonWeight::kNote,
          "its `then` names " + Readable(then) + ", which does not exist: outputs are dropped");
    }
    const double min_gb = NumberOr(spec_.definition, "min_gb", 0);
    if (min_gb > 0) {
      Add("memory", ReasonWeight::kNote,
          fmt::format("requests that state less than {} GB of memory get none of its units",
                      min_gb));
    }
  }

  const ExplainInput& input_;
  const SpecView& spec_;
  std::vector<Reason> reasons_;
};

}  // namespace

std::vector<Reason> Explain(const ExplainInput& input) { return Explainer(input).Run(); }

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

// SPDX-License-Identifier: MIT
// The command `explain`: asks the daemon for what domain/explain.h needs.
#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "cmd/coordinate/command.h"
#include "cmd/coordinate/daemon_view.h"
#include "cmd/coordinate/options.h"
#include "cmd/coordinate/readable.h"
#include "cmd/coordinate/table.h"
#include "cmd/coordinate/unit_pages.h"
#include "domain/explain.h"
#include "value/json.h"

namespace coord {

namespace {

Result<void> AskWorkers(Context& context, const std::string& runtime, ExplainInput& input) {
  COORD_TRY(modes, context.CallPair("list_worker_modes", {}));
  const Map* workers = modes.As<Map>();
  if (workers == nullptr) return {};
  input.live_workers = workers->size();
  if (runtime.empty()) return {};
  std::vector<List> calls;
  for (const auto& [name, mode] : *workers) calls.push_back({name});
  COORD_TRY(infos, context.CallAll("get_worker_info", std::move(calls)));
  for (Result<Value>& answer : infos) {
    const Result<Value> info = ValueOfPair(std::move(answer));
    if (!info.has_value()) continue;
    const std::string cbor = EncodeCbor(*info);
    const auto heartbeat = Data::FromItem(cbor, "the heartbeat");
    if (heartbeat.has_value() && NamesRuntime(*heartbeat, runtime)) input.runtime_named = true;
  }
  return {};
}

Result<void> AskDelayed(Context& context, ExplainInput& input) {
  UnitQuery query;
  query.spec = input.name;
  query.statuses = StatusSet(WorkUnitStatus::kDelayed);
  query.limit = kDelayedSeenMax;
  COORD_TRY_VOID(WalkUnits(context, query, [&](std::vector<UnitView> units) {
    for (const UnitView& unit : units) {
      ++input.delayed_seen;
      if (!unit.time) continue;
      const WallTime time{FromSeconds(*unit.time)};
      input.first_not_before = std::min(input.first_not_before.value_or(time), time);
    }
  }));
  return {};
}

Result<void> AskTries(Context& context, std::uint64_t max_retries, ExplainInput& input) {
  UnitQuery query;
  query.spec = input.name;
  query.statuses = StatusSet(WorkUnitStatus::kAvailable);
  query.limit = kTriesSeenMax;
  std::vector<List> calls;
  const Map options{{"limit", max_retries}};
  COORD_TRY_VOID(WalkUnits(context, query, [&](std::vector<UnitView> units) {
    for (const UnitView& unit : units) calls.push_back({input.name, Bytes{unit.key}, options});
  }));
  COORD_TRY(answers, context.CallAll("get_work_unit_attempts", std::move(calls)));
  for (Result<Value>& answer : answers) {
    const Result<Value> attempts = ValueOfPair(std::move(answer));
    if (!attempts.has_value() || attempts->AsItems() == nullptr) continue;
    ++input.tries_seen;
    if (attempts->AsItems()->size() >= max_retries) ++input.out_of_tries;
  }
  return {};
}

// What the definition says, and what has been set since, as far as the daemon tells.
Result<ExplainedSpec> ToExplained(const SpecView& view) {
  const std::string cbor = EncodeCbor(view.definition);
  COORD_TRY(data, Data::FromItem(cbor, "a work spec"));
  COORD_TRY(parsed, ParseDefinition(data));
  ExplainedSpec spec{view.name, parsed.meta, view.counts};
  spec.meta.paused = view.meta.paused;
  spec.meta.continuous = view.meta.continuous;
  spec.meta.interval = FromSeconds(view.meta.interval_seconds);
  spec.meta.max_running = view.meta.max_running.value_or(0);
  spec.meta.weight = static_cast<std::int64_t>(view.meta.weight);
  return spec;
}

// The spec of that name, or nullptr.
const ExplainedSpec* FindSpec(const std::vector<ExplainedSpec>& specs, const std::string& name) {
  const auto found = std::find_if(specs.begin(), specs.end(),
                                  [&](const ExplainedSpec& spec) { return spec.name == name; });
  return found == specs.end() ? nullptr : &*found;
}

class ExplainCommand final : public Command {
 public:
  std::string_view name() const override { return "explain"; }
  std::string_view summary() const override { return "Tell why a work spec gives no work"; }
  std::string_view notes() const override {
    return "Reasons that block come first, then those that may be why, then notes.\n"
           "Exit code 0 whatever the reasons; 1: there is no such work spec.\n"
           "\n"
           "Examples:\n"
           "  coordinate explain wordcount\n"
           "  coordinate explain wordcount --json | jq -r '.reasons[].code'";
  }

  void SetUp(CLI::App& app) override {
    OptionAdder add(app);
    add.Text({"spec", "SPEC", "Name of the work spec"}, spec_).Required();
    add.Flag("--json", json_, "Print JSON: a map with `gives_work` and `reasons`");
  }

  Result<int> Run(Context& context) override {
    COORD_TRY(input, Ask(context));
    const std::vector<Reason> reasons = Explain(input);
    if (json_) {
      PrintJson(context, reasons);
    } else {
      PrintText(context, *FindSpec(input.specs, spec_), reasons);
    }
    return kExitOk;
  }

 private:
  Result<ExplainInput> Ask(Context& context) const {
    ExplainInput input;
    input.name = spec_;
    input.knows_next_continuous = false;
    COORD_TRY(views, GetSpecs(context));
    for (const SpecView& view : views) {
      COORD_TRY(spec, ToExplained(view));
      input.specs.push_back(std::move(spec));
    }
    const ExplainedSpec* spec = FindSpec(input.specs, spec_);
    if (spec == nullptr) return NoSuchWorkSpecError(Readable(spec_));
    const bool has_available = spec->counts[IndexOf(WorkUnitStatus::kAvailable)] > 0;
    const bool has_delayed = spec->counts[IndexOf(WorkUnitStatus::kDelayed)] > 0;
    const std::uint64_t max_retries = spec->meta.max_retries;
    COORD_TRY_VOID(AskWorkers(context, spec->meta.runtime, input));
    if (!has_available && has_delayed) COORD_TRY_VOID(AskDelayed(context, input));
    if (has_available && max_retries > 0) COORD_TRY_VOID(AskTries(context, max_retries, input));
    input.now = context.clock().Now();
    return input;
  }

  void PrintJson(Context& context, const std::vector<Reason>& reasons) const {
    List list;
    for (const Reason& reason : reasons) {
      list.emplace_back(
          Map{{"code", reason.code}, {"weight", ToText(reason.weight)}, {"text", reason.text}});
    }
    const Map map{
        {"work_spec", spec_}, {"gives_work", GivesWork(reasons)}, {"reasons", std::move(list)}};
    context.out() << ToJson(Value(map), JsonStyle::kIndented) << "\n";
  }

  static void PrintText(Context& context, const ExplainedSpec& spec,
                        const std::vector<Reason>& reasons) {
    const bool blocked = !GivesWork(reasons);
    std::ostream& out = context.out();
    const bool colours = context.terminals().colours;
    const std::uint64_t available = spec.counts[IndexOf(WorkUnitStatus::kAvailable)];
    out << Readable(spec.name) << (blocked ? " gives no work:" : " gives work");
    if (!blocked && available > 0) out << fmt::format("; units available: {}", available);
    out << (!blocked && reasons.empty() ? ", and nothing holds them back\n" : "\n");
    for (const Reason& reason : reasons) {
      const Style style = reason.weight == ReasonWeight::kBlocks ? Style::kRed
                          : reason.weight == ReasonWeight::kMay  ? Style::kYellow
                                                                 : Style::kDim;
      const std::string label = reason.weight == ReasonWeight::kMay    ? "perhaps: "
                                : reason.weight == ReasonWeight::kNote ? "note: "
                                                                       : "";
      const std::string remedy =
          reason.code == "paused" ? "; `coordinate resume` lets it go on" : "";
      out << "  - " << Styled(label + reason.text + remedy, style, colours) << "\n";
    }
  }

  std::string spec_;
  bool json_ = false;
};

}  // namespace

void RegisterExplainCommands(Registry& registry) {
  registry.Add(std::make_unique<ExplainCommand>());
}

}  // namespace coord

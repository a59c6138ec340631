// SPDX-License-Identifier: MIT
// The commands for whole work specs: work-specs, work-spec, pause, resume, clear.
#include <fmt/format.h>

#include <ostream>

#include "cmd/coordinate/command.h"
#include "cmd/coordinate/daemon_view.h"
#include "cmd/coordinate/options.h"
#include "cmd/coordinate/readable.h"
#include "cmd/coordinate/table.h"
#include "value/json.h"

namespace coord {

namespace {

constexpr int kRunnable = 1;
constexpr int kPaused = 2;

std::string NumberText(double number) { return fmt::format("{}", number); }

class WorkSpecsCommand final : public Command {
 public:
  std::string_view name() const override { return "work-specs"; }
  std::string_view summary() const override { return "List the work specs"; }
  std::string_view notes() const override {
    return "Examples:\n"
           "  coordinate work-specs\n"
           "  coordinate work-specs --names | while read -r spec; do coordinate wait \"$spec\"; "
           "done\n"
           "  coordinate work-specs --json | jq '.[].then'";
  }

  void SetUp(CLI::App& app) override {
    OptionAdder add(app);
    const OptionHandle json = add.Flag("--json", json_, "Print JSON: a list of the definitions");
    add.Flag("--names", names_, "Print the names alone, one a line").Excludes(json);
  }

  Result<int> Run(Context& context) override {
    if (json_ || names_) {
      COORD_TRY(definitions, ListDefinitions(context));
      PrintDefinitions(context, std::move(definitions));
      return kExitOk;
    }
    COORD_TRY(specs, GetSpecs(context));
    TextTable table({{"SPEC"},
                     {"STATE"},
                     {"PRIORITY", true},
                     {"WEIGHT", true},
                     {"MAX RUNNING", true},
                     {"UNFINISHED", true},
                     {"DONE", true},
                     {"THEN"}});
    for (const SpecView& spec : specs) table.AddRow(Row(spec));
    context.out() << table.Render(context.terminals().colours);
    return kExitOk;
  }

 private:
  void PrintDefinitions(Context& context, std::vector<Value> definitions) const {
    if (json_) {
      context.out() << ToJson(Value(List(std::move(definitions))), JsonStyle::kIndented) << "\n";
      return;
    }
    for (const Value& definition : definitions) context.out() << TextOr(definition, "name") << "\n";
  }

  static std::vector<Cell> Row(const SpecView& spec) {
    const std::string max_running =
        spec.meta.max_running ? std::to_string(*spec.meta.max_running) : "-";
    const std::string then = TextOr(spec.definition, "then");
    return {Cell(Readable(spec.name)),
            spec.meta.paused ? Cell("paused", Style::kYellow)
                             : Cell(spec.meta.continuous ? "continuous" : "runnable"),
            Cell(NumberText(NumberOr(spec.definition, "priority", 0))),
            Cell(NumberText(spec.meta.weight)),
            Cell(max_running),
            Cell(Unfinished(spec.counts)),
            Cell(Done(spec.counts)),
            Cell(then.empty() ? "-" : Readable(then))};
  }

  bool json_ = false;
  bool names_ = false;
};

class WorkSpecCommand final : public Command {
 public:
  std::string_view name() const override { return "work-spec"; }
  std::string_view summary() const override {
    return "Show a work spec: its definition and its control values";
  }
  std::string_view notes() const override {
    return "Prints JSON (which is YAML, too): a map of `definition`, `meta` and `counts`, or with\n"
           "--definition what `coordinate flow` and set_work_spec take.\n"
           "Exit code 1: there is no such work spec.\n"
           "\n"
           "Examples:\n"
           "  coordinate work-spec wordcount\n"
           "  coordinate work-spec wordcount | jq .meta.weight";
  }

  void SetUp(CLI::App& app) override {
    OptionAdder add(app);
    add.Text({"spec", "SPEC", "Name of the work spec"}, spec_).Required();
    add.Flag("--definition", definition_only_, "Print the definition alone");
    add.Flag("--json", json_, "Print JSON; it does so anyway");
  }

  Result<int> Run(Context& context) override {
    COORD_TRY(definition, GetDefinition(context, spec_));
    Value shown = std::move(definition);
    if (!definition_only_) {
      COORD_TRY(meta, context.CallPair("get_work_spec_meta", {spec_}));
      COORD_TRY(summary, GetSummary(context));
      const StatusCounts counts = CountsOf(summary, spec_);
      Map by_status;
      for (const WorkUnitStatus status : kWorkUnitStatuses) {
        by_status.emplace_back(ToText(status), counts[IndexOf(status)]);
      }
      shown = Map{{"definition", std::move(shown)},
                  {"meta", WithStateText(std::move(meta))},
                  {"counts", std::move(by_status)}};
    }
    context.out() << ToJson(shown, JsonStyle::kIndented) << "\n";
    return kExitOk;
  }

 private:
  // The state as a word beside the rest of the meta map, in place of its number.
  static Value WithStateText(Value meta) {
    Map* entries = meta.As<Map>();
    if (entries == nullptr) return meta;
    for (auto& [key, value] : *entries) {
      const std::string* text = key.AsString();
      if (text != nullptr && *text == "status") {
        value = value == Value(kPaused) ? "paused" : "runnable";
      }
    }
    return meta;
  }

  std::string spec_;
  bool definition_only_ = false;
  bool json_ = false;
};

// pause and resume.
class ControlCommand final : public Command {
 public:
  explicit ControlCommand(bool pause) : pause_(pause) {}

  std::string_view name() const override { return pause_ ? "pause" : "resume"; }
  std::string_view summary() const override {
    return pause_ ? "Stop giving out the units of work specs" : "Give out the units of work specs";
  }
  std::string_view notes() const override {
    return pause_ ? "Units that workers have already go on.\n"
                    "Exit code 1: a work spec does not exist; the others are paused.\n"
                    "\n"
                    "Examples:\n"
                    "  coordinate pause wordcount"
                  : "Exit code 1: a work spec does not exist; the others are resumed.\n"
                    "\n"
                    "Examples:\n"
                    "  coordinate resume wordcount merge";
  }

  void SetUp(CLI::App& app) override {
    OptionAdder add(app);
    add.Texts({"spec", "SPEC", "Names of the work specs"}, specs_).Required();
  }

  Result<int> Run(Context& context) override {
    int code = kExitOk;
    for (const std::string& spec : specs_) {
      const Map options{{"status", pause_ ? kPaused : kRunnable}};
      const Result<Value> done = context.CallPair("control_work_spec", {spec, options});
      if (done.has_value()) continue;
      if (done.error().code != ErrorCode::kNotFound) return done.error();
      context.Warn(done.error().detail);
      code = kExitNegative;
    }
    return code;
  }

 private:
  bool pause_;
  std::vector<std::string> specs_;
};

class ClearCommand final : public Command {
 public:
  std::string_view name() const override { return "clear"; }
  std::string_view summary() const override {
    return "Delete everything: all work specs with all their work units";
  }
  std::string_view notes() const override {
    return "Asks first on a terminal; elsewhere it needs --yes. Prints how many work specs went.\n"
           "\n"
           "Examples:\n"
           "  coordinate clear --yes";
  }

  void SetUp(CLI::App& app) override { OptionAdder(app).Flag("-y,--yes", yes_, "Do not ask"); }

  Result<int> Run(Context& context) override {
    COORD_TRY(address, context.DaemonAddress());
    COORD_TRY(agreed, Confirm(context, "Delete all work specs at " + ToText(address) + "?", yes_));
    if (!agreed) return kExitNegative;
    COORD_TRY(count, context.Call("clear", {}));
    context.out() << ReadableValue(count) << "\n";
    return kExitOk;
  }

 private:
  bool yes_ = false;
};

}  // namespace

void RegisterSpecCommands(Registry& registry) {
  registry.Add(std::make_unique<WorkSpecsCommand>());
  registry.Add(std::make_unique<WorkSpecCommand>());
  registry.Add(std::make_unique<ControlCommand>(true));
  registry.Add(std::make_unique<ControlCommand>(false));
  registry.Add(std::make_unique<ClearCommand>());
}

}  // namespace coord

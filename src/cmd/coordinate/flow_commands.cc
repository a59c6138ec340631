// SPDX-License-Identifier: MIT
// The commands `flow` and `load`: work specs, and work units with them, out of files.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <ostream>
#include <utility>

#include "cmd/coordinate/command.h"
#include "cmd/coordinate/daemon_view.h"
#include "cmd/coordinate/flow.h"
#include "cmd/coordinate/load.h"
#include "cmd/coordinate/readable.h"
#include "cmd/coordinate/server_info.h"
#include "cmd/coordinate/unit_reader.h"
#include "value/json.h"

namespace coord {

namespace {

Error Located(Error error, const std::string& place) {
  error.detail = place + ": " + error.detail;
  return error;
}

Result<bool> DaemonHasSpec(Context& context, const std::string& name) {
  COORD_TRY(definition, context.Call("get_work_spec", {name}));
  return !definition.is_null();
}

// Reads the flow of a document, its chains included. Asks the daemon only for specs that the flow
// names and does not have. Errors: kInvalid, with `place` in front; those of the connection.
Result<std::vector<FlowSpec>> CheckedFlow(Context& context, const Value& document,
                                          const std::string& place) {
  COORD_TRY(config, context.Config());
  Result<std::vector<FlowSpec>> specs = ReadFlow(document, *config);
  if (!specs.has_value()) return Located(specs.error(), place);
  for (const FlowSpec& spec : *specs) {
    if (spec.then.empty() || HasSpec(*specs, spec.then)) continue;
    COORD_TRY(there, DaemonHasSpec(context, spec.then));
    if (!there) return Located(NoSuchThen(spec, *specs), place);
  }
  return specs;
}

Result<void> SendFlow(Context& context, const std::vector<FlowSpec>& specs) {
  for (const FlowSpec& spec : specs) {
    const Result<Value> done = context.CallPair("set_work_spec", {spec.definition});
    if (!done.has_value()) return Located(done.error(), "work spec " + Readable(spec.name));
  }
  return {};
}

void PrintDefinitions(Context& context, const std::vector<FlowSpec>& specs) {
  List definitions;
  for (const FlowSpec& spec : specs) definitions.push_back(spec.definition);
  context.out() << ToJson(definitions, JsonStyle::kIndented) << "\n";
}

class FlowCommand final : public Command {
 public:
  std::string_view name() const override { return "flow"; }
  std::string_view summary() const override { return "Set the work specs of a flow file"; }
  std::string_view notes() const override {
    return "FILE is YAML or JSON, also with .gz, or - for standard input: a map of names to work\n"
           "specs. A map without min_gb is a group, whose members' names are joined to its own "
           "with\n"
           "a dot. Every spec gets the configuration given with -c, with its own `config` laid "
           "over\n"
           "it. `then` names a spec of the file or of the daemon, in full. Nothing is sent unless\n"
           "all of it is right. docs/flows.md has it all.\n"
           "\n"
           "Examples:\n"
           "  coordinate flow words.yaml\n"
           "  coordinate -c site.yaml flow --dry-run words.yaml";
  }

  void SetUp(CLI::App& app) override {
    app.add_option("file", file_, "The flow file, or - for standard input")
        ->required()
        ->type_name("FILE");
    app.add_flag("--dry-run", dry_run_, "Check, print the definitions as JSON, and send nothing");
  }

  Result<int> Run(Context& context) override {
    COORD_TRY(document, ReadDocument(file_, context.in()));
    COORD_TRY(specs, CheckedFlow(context, document, file_));
    if (dry_run_) {
      PrintDefinitions(context, specs);
      return kExitOk;
    }
    COORD_TRY_VOID(SendFlow(context, specs));
    for (const FlowSpec& spec : specs) context.out() << Readable(spec.name) << "\n";
    return kExitOk;
  }

 private:
  std::string file_;
  bool dry_run_ = false;
};

// What a file with work specs and work units holds.
struct Bundle {
  std::vector<FlowSpec> specs;
  std::vector<UnitLoad> loads;
};

class BundleReader {
 public:
  BundleReader(Context& context, const std::string& file) : context_(context), file_(file) {}

  Result<Bundle> Read() {
    COORD_TRY(document, ReadDocument(file_, context_.in()));
    COORD_TRY_VOID(CheckKeys(document));
    Bundle bundle;
    if (const Value* specs = document.Find("work_specs"); specs != nullptr && !specs->is_null()) {
      COORD_TRY(read, CheckedFlow(context_, *specs, file_ + ": work_specs"));
      bundle.specs = std::move(read);
    }
    if (const Value* units = document.Find("work_units"); units != nullptr && !units->is_null()) {
      COORD_TRY_VOID(ReadUnits(*units, bundle));
    }
    return bundle;
  }

 private:
  Result<void> CheckKeys(const Value& document) const {
    const Map* map = document.As<Map>();
    if (map == nullptr) {
      return InvalidError(file_ + ": must be a map of work_specs and work_units; a file of units " +
                          "alone needs --spec");
    }
    for (const auto& [key, value] : *map) {
      const std::string* name = key.AsString();
      if (name != nullptr && (*name == "work_specs" || *name == "work_units")) continue;
      return InvalidError(file_ + ": unknown key " + ReadableValue(key) +
                          "; there are work_specs and work_units (a file of units alone needs "
                          "--spec, one of work specs alone is for `coordinate flow`)");
    }
    return {};
  }

  Result<void> ReadUnits(const Value& units, Bundle& bundle) {
    const std::string place = file_ + ": work_units";
    const Map* map = units.As<Map>();
    if (map == nullptr) return InvalidError(place + ": must be a map of work specs' names");
    for (const auto& [key, value] : *map) {
      const std::string* name = key.AsString();
      if (name == nullptr) return InvalidError(place + ": " + ReadableValue(key) + " is no name");
      COORD_TRY_VOID(CheckSpec(*name, bundle.specs, place));
      Result<UnitLoad> load = ReadLoad(*name, value);
      if (!load.has_value()) return Located(load.error(), place + ": " + Readable(*name));
      bundle.loads.push_back(std::move(*load));
    }
    return {};
  }

  Result<void> CheckSpec(const std::string& name, const std::vector<FlowSpec>& specs,
                         const std::string& place) {
    if (HasSpec(specs, name)) return {};
    COORD_TRY(there, DaemonHasSpec(context_, name));
    if (there) return {};
    return InvalidError(place + ": " + Readable(name) +
                        " is neither in the file nor a work spec of the daemon");
  }

  // Text is the name of a file, seen from the folder of this one; all else the units themselves.
  Result<UnitLoad> ReadLoad(const std::string& name, const Value& value) const {
    UnitLoad load;
    load.work_spec = name;
    if (const std::string* path = value.AsString()) {
      const std::filesystem::path folder = std::filesystem::path(file_).parent_path();
      load.source.path = *path == "-" ? *path : (folder / *path).string();
    } else {
      COORD_TRY_VOID(AppendDocumentUnits(value, {}, load.units));
    }
    return load;
  }

  Context& context_;
  const std::string& file_;
};

class LoadCommand final : public Command {
 public:
  std::string_view name() const override { return "load"; }
  std::string_view summary() const override { return "Load a file of work specs and work units"; }
  std::string_view notes() const override {
    return "FILE is YAML or JSON with the keys work_specs (as for `coordinate flow`) and "
           "work_units\n"
           "(a map of work specs' names to units, or to the name of a file of units). With --spec "
           "it\n"
           "is a file of units alone, as for `coordinate addwork --file`. Nothing is sent unless "
           "all\n"
           "of it is right. docs/flows.md has it all.\n"
           "\n"
           "Examples:\n"
           "  coordinate load everything.yaml\n"
           "  coordinate load --spec words.count units.jsonl.gz\n"
           "  find /usr/share/doc -name copyright | coordinate load --spec words.count -";
  }

  void SetUp(CLI::App& app) override {
    app.add_option("file", file_, "The file, or - for standard input")
        ->required()
        ->type_name("FILE");
    app.add_option("--spec", spec_, "The file holds units alone: add them to this work spec")
        ->type_name("SPEC");
    app.add_option("--format", format_, "With --spec: yaml, json, jsonl, text or nul")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"yaml", "json", "jsonl", "text", "nul"}));
    app.add_flag("--only-new", only_new_, "Leave units that exist as they are");
    app.add_flag("--dry-run", dry_run_, "Check, print what there is, and send nothing");
  }

  Result<int> Run(Context& context) override {
    Bundle bundle;
    if (spec_.empty()) {
      if (!format_.empty()) return InvalidError("--format needs --spec");
      COORD_TRY(read, BundleReader(context, file_).Read());
      bundle = std::move(read);
    } else {
      COORD_TRY_VOID(GetDefinition(context, spec_));
      bundle.loads.push_back({spec_, {file_, UnitFormatFromText(format_), {}}, {}});
    }
    COORD_TRY(loads, OpenLoads(std::move(bundle.loads), context.in()));
    if (dry_run_) {
      Print(context, bundle.specs, loads);
      return kExitOk;
    }
    if (only_new_) COORD_TRY_VOID(RequireExtension(context, "only_new"));
    COORD_TRY_VOID(SendFlow(context, bundle.specs));
    COORD_TRY_VOID(SendLoads(context, std::move(loads), only_new_));
    return kExitOk;
  }

 private:
  static void Print(Context& context, const std::vector<FlowSpec>& specs,
                    const std::vector<OpenLoad>& loads) {
    for (const FlowSpec& spec : specs) context.out() << "work spec " << Readable(spec.name) << "\n";
    for (const OpenLoad& load : loads) {
      const std::string count = load.count ? std::to_string(*load.count) : "not yet known how many";
      context.out() << "work units of " << Readable(load.load.work_spec) << ": " << count << "\n";
    }
  }

  std::string file_;
  std::string spec_;
  std::string format_;
  bool only_new_ = false;
  bool dry_run_ = false;
};

}  // namespace

void RegisterFlowCommands(Registry& registry) {
  registry.Add(std::make_unique<FlowCommand>());
  registry.Add(std::make_unique<LoadCommand>());
}

}  // namespace coord

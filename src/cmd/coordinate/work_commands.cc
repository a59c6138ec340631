// SPDX-License-Identifier: MIT
// The commands `addwork` and `work`.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <utility>

#include "base/rng.h"
#include "cmd/coordinate/command.h"
#include "cmd/coordinate/daemon_view.h"
#include "cmd/coordinate/load.h"
#include "cmd/coordinate/options.h"
#include "cmd/coordinate/readable.h"
#include "cmd/coordinate/server_info.h"
#include "cmd/coordinate/work_options.h"
#include "cmd/coordinate/work_runner.h"
#include "value/json.h"

namespace coord {

namespace {

class AddWorkCommand final : public Command {
 public:
  std::string_view name() const override { return "addwork"; }
  std::string_view summary() const override { return "Add work units to a work spec"; }
  std::string_view notes() const override {
    return "Units are named on the command line, or come from a file (also .gz, or - for standard\n"
           "input): a YAML or JSON map of keys to data, a JSON list, JSON lines, or plain lines "
           "of\n"
           "keys. --data, --priority and --delay hold for every unit that says nothing else.\n"
           "A file is checked as a whole before anything is sent; of a pipe of lines what came\n"
           "before a mistake has been added then. docs/flows.md has it all.\n"
           "\n"
           "Examples:\n"
           "  coordinate addwork words.count /etc/services /etc/protocols --priority 5\n"
           "  coordinate addwork words.count one --data '{\"lang\": \"en\"}'\n"
           "  coordinate addwork words.count --file units.jsonl.gz --only-new\n"
           "  find . -name '*.txt' -print0 | coordinate addwork words.count -f - --format nul";
  }

  void SetUp(CLI::App& app) override {
    app.add_option("spec", load_.work_spec, "The work spec")->required()->type_name("SPEC");
    app.add_option("keys", keys_, "Keys of the units")->type_name("KEY");
    app.add_option("-f,--file", load_.source.path, "A file of units, or - for standard input")
        ->type_name("FILE");
    app.add_option("--format", format_, "The file's format: yaml, json, jsonl, text or nul")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"yaml", "json", "jsonl", "text", "nul"}));
    app.add_option("--data", data_, "Data of the units, a JSON object")->type_name("JSON");
    OptionAdder add(app);
    priority_given_ = add.Number({"--priority", "NUMBER", "Units with more go first"}, priority_);
    delay_given_ =
        add.Number({"--delay", "SECONDS", "Not before so many seconds from now"}, delay_);
    add.Flag("--key-hex", hex_, "The keys are in hexadecimal");
    add.Flag("--only-new", only_new_, "Leave units that exist as they are");
  }

  Result<int> Run(Context& context) override {
    if (keys_.empty() && load_.source.path.empty()) return InvalidError("no keys and no --file");
    load_.source.format = UnitFormatFromText(format_);
    if (priority_given_.given()) load_.source.defaults.priority = priority_;
    if (delay_given_.given()) load_.source.defaults.delay = delay_;
    COORD_TRY_VOID(ReadData());
    COORD_TRY(keys, ReadKeys(keys_, hex_));
    for (const std::string& key : keys) {
      COORD_TRY_VOID(AppendUnits(Value(Bytes{key}), load_.source.defaults, load_.units));
    }
    COORD_TRY_VOID(GetDefinition(context, load_.work_spec));
    COORD_TRY(loads, OpenLoads({load_}, context.in()));
    if (only_new_) COORD_TRY_VOID(RequireExtension(context, "only_new"));
    COORD_TRY_VOID(SendLoads(context, std::move(loads), only_new_));
    return kExitOk;
  }

 private:
  Result<void> ReadData() {
    if (data_.empty()) return {};
    Result<Value> data = ParseJson(data_);
    if (!data.has_value()) return InvalidError("--data: " + data.error().detail);
    if (data->As<Map>() == nullptr) return InvalidError("--data must be a JSON object");
    load_.source.defaults.data = std::move(*data);
    return {};
  }

  UnitLoad load_;
  std::vector<std::string> keys_;
  std::string format_;
  std::string data_;
  double priority_ = 0;
  OptionHandle priority_given_;
  double delay_ = 0;
  OptionHandle delay_given_;
  bool hex_ = false;
  bool only_new_ = false;
};

// HOST-PID-RANDOM: so that a worker that comes back is not taken for its predecessor.
std::string MakeWorkerId(Rng& rng) {
  std::string host(256, '\0');
  gethostname(host.data(), host.size() - 1);
  char text[32];
  std::snprintf(text, sizeof text, "-%d-%06x", static_cast<int>(getpid()),
                static_cast<unsigned>(rng.Below(1U << 24U)));
  return std::string(host.c_str()) + text;
}

class WorkCommand final : public Command {
 public:
  std::string_view name() const override { return "work"; }
  std::string_view summary() const override { return "Run a program for each work unit"; }
  std::string_view notes() const override {
    return "{key}, {spec} and {data.FIELD} in the command are replaced; the unit's data is JSON "
           "on\n"
           "the program's standard input; COORDINATE_SPEC, COORDINATE_KEY, COORDINATE_WORKER and\n"
           "COORDINATE_ADDRESS are in its environment. Exit status 0 finishes the unit, 75 has it\n"
           "tried again after --retry-delay, any other fails it with the end of standard error as\n"
           "its traceback. With --result-fd or --result-file a JSON object that the program "
           "writes\n"
           "there becomes the unit's data; `output` in it makes units of the spec's `then`.\n"
           "\n"
           "SIGTERM or SIGINT: finish what runs and take no more; once more: kill it and give the\n"
           "units back. Exit codes: 1 where --until-empty or --max-units ended it and units "
           "failed,\n"
           "3 where results could not be delivered. docs/coordinate.md has it all.\n"
           "\n"
           "Examples:\n"
           "  coordinate work --spec words.count --jobs 4 -- wc -w {key}\n"
           "  coordinate work --spec resize --until-empty --result-fd 3 -- ./resize {data.file}";
  }

  void SetUp(CLI::App& app) override {
    app.add_option("--spec", options_.specs, "Work specs to take units of")
        ->required()
        ->type_name("SPEC")
        ->take_all()
        ->expected(1, -1);
    app.add_option("command", options_.command, "The program and its arguments, after --")
        ->required()
        ->type_name("COMMAND");
    app.add_option("-j,--jobs", options_.slots, "Programs that run at once")
        ->type_name("COUNT")
        ->check(CLI::Range(1, 10'000));
    app.add_option("--lease", lease_, "Seconds that a unit is ours without a renewal")
        ->type_name("SECONDS")
        ->check(CheckFinite)
        ->check(CLI::Range(1.0, 86'400.0))
        ->capture_default_str();
    SetUpEnding(app);
    app.add_option("--retry-delay", retry_delay_, "Seconds before a unit is tried again")
        ->type_name("SECONDS")
        ->check(CheckFinite)
        ->check(CLI::Range(0.0, 1e9))
        ->capture_default_str();
    app.add_option("--result-fd", options_.result_descriptor,
                   "The program writes its result to this file descriptor")
        ->type_name("NUMBER")
        ->check(CLI::Range(3, 1'000));
    app.add_flag("--result-file", options_.result_file,
                 "The program writes its result to the file named by COORDINATE_RESULT")
        ->excludes("--result-fd");
    app.add_option("--runtime", options_.runtimes, "Also take specs that need this runtime")
        ->type_name("NAME");
    app.add_option("--worker-id", options_.worker_id, "The worker's name, one of a kind");
    app.add_option("--parent", options_.parent, "The worker's parent worker");
    app.add_flag("--quiet", options_.quiet, "Show nothing that the programs write");
    app.add_flag("--verbose", options_.verbose, "Show a line for each unit");
  }

  Result<int> Run(Context& context) override {
    COORD_TRY_VOID(CheckProgram(options_.command.front()));
    COORD_TRY(address, context.DaemonAddress());
    options_.address = address;
    options_.lease = FromSeconds(lease_);
    options_.retry_delay = FromSeconds(retry_delay_);
    options_.grace = FromSeconds(grace_);
    options_.wait = FromSeconds(wait_);
    Rng rng(RandomSeed());
    if (options_.worker_id.empty()) options_.worker_id = MakeWorkerId(rng);
    COORD_TRY_VOID(WarnOfUnknownSpecs(context));
    MonotonicClock clock;
    WorkRunner runner(options_, context, clock, rng);
    return runner.Run();
  }

 private:
  void SetUpEnding(CLI::App& app) {
    app.add_flag("--until-empty", options_.until_empty,
                 "End when the specs have nothing available, delayed or pending");
    app.add_option("--max-units", options_.units_max, "End after so many units")
        ->type_name("COUNT")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000'000}));
    app.add_option("--grace", grace_, "Seconds between SIGTERM and SIGKILL to a program")
        ->type_name("SECONDS")
        ->check(CheckFinite)
        ->check(CLI::Range(0.0, 86'400.0))
        ->capture_default_str();
    app.add_option("--wait", wait_, "The longest that one request for work is held back, seconds")
        ->type_name("SECONDS")
        ->check(CheckFinite)
        ->check(CLI::Range(1.0, 3600.0))
        ->capture_default_str();
  }

  // A spec may come later, so a mistyped name can only be warned of.
  Result<void> WarnOfUnknownSpecs(Context& context) const {
    COORD_TRY(client, context.Connect());
    for (const std::string& spec : options_.specs) {
      COORD_TRY(definition, client->Call("get_work_spec", {spec}));
      if (definition.is_null()) context.Warn("there is no work spec " + Readable(spec) + " yet");
    }
    return {};
  }

  WorkOptions options_;
  double lease_ = 300;
  double retry_delay_ = 60;
  double grace_ = 10;
  double wait_ = 60;
};

}  // namespace

void RegisterWorkCommands(Registry& registry) {
  registry.Add(std::make_unique<AddWorkCommand>());
  registry.Add(std::make_unique<WorkCommand>());
}

}  // namespace coord

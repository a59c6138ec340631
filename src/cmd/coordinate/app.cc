// SPDX-License-Identifier: MIT
#include "cmd/coordinate/app.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "base/version.h"

namespace coord {

namespace {

constexpr const char* kAbout =
    "Loads, watches and repairs the work of a coordinated daemon.\n"
    "\n"
    "The daemon is looked for at --address, else COORDINATE_ADDRESS, else the first of\n"
    "`coordinate: addresses:` in the file given with -c, else 127.0.0.1:5932.";

constexpr const char* kFooter =
    "Exit codes: 0 done; 1 done, and the answer is no (failed units, nothing of that name);\n"
    "2 wrong command line or input file; 3 the daemon cannot be reached; 4 the daemon refused;\n"
    "5 the output cannot be written. Commands with more codes tell of them.\n"
    "\n"
    "`coordinate COMMAND --help` shows a command's options and examples.";

// Stands in front of words that the parser would otherwise not take as they are.
constexpr char kAsItIs = '\x01';

// CLI11 reads [a,b] as a list of two words, and ++ as the end of a subcommand.
bool NeedsProtection(std::string_view word) {
  const bool list = word.starts_with('[') && word.ends_with(']');
  return list || word == "++" || word.starts_with(kAsItIs);
}

void TakeWordsAsTheyAre(CLI::App& app) {
  const CLI::Validator unprotect(
      [](std::string& word) {
        if (word.starts_with(kAsItIs)) word.erase(0, 1);
        return std::string();
      },
      "");
  for (CLI::Option* option : app.get_options()) option->transform(unprotect);
}

}  // namespace

Registry AllCommands() {
  Registry registry;
  RegisterSummaryCommands(registry);
#ifndef COORD_CLI_WITHOUT_WORK
  RegisterFlowCommands(registry);
  RegisterWorkCommands(registry);
#endif
  RegisterSpecCommands(registry);
  RegisterUnitCommands(registry);
  RegisterUnitChangeCommands(registry);
  RegisterWaitCommands(registry);
  RegisterExplainCommands(registry);
  RegisterWorkerCommands(registry);
  RegisterDaemonCommands(registry);
  RegisterMovingCommands(registry);
  RegisterFileCommands(registry);
  return registry;
}

std::unique_ptr<CLI::App> BuildApp(const Registry& registry, GlobalOptions& options) {
  auto app = std::make_unique<CLI::App>(kAbout, "coordinate");
  app->footer(kFooter);
  app->require_subcommand(1);
  app->fallthrough();
  app->set_version_flag("--version", "coordinate " + std::string(Version()));
  app->add_option("--address", options.address, "Where the daemon listens, HOST:PORT")
      ->envname("COORDINATE_ADDRESS")
      ->type_name("HOST:PORT");
  app->add_option("-c,--config", options.config_file,
                  "YAML file with `coordinate: addresses:` and what specs get as their config")
      ->type_name("FILE");
  for (const std::unique_ptr<Command>& command : registry.commands()) {
    CLI::App* sub =
        app->add_subcommand(std::string(command->name()), std::string(command->summary()));
    sub->footer(std::string(command->notes()));
    command->SetUp(*sub);
    TakeWordsAsTheyAre(*sub);
  }
  return app;
}

void ParseWords(CLI::App& app, int argc, const char* const* argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  // CLI11 forgets a `--` that ends an option's list of values, and would read what follows as
  // options and subcommands.
  bool after_mark = false;
  for (std::string& word : words) {
    if (!after_mark && word == "--") {
      after_mark = true;
    } else if (after_mark || NeedsProtection(word)) {
      word.insert(0, 1, kAsItIs);
    }
  }
  std::reverse(words.begin(), words.end());  // as CLI11 wants them
  app.parse(std::move(words));
}

}  // namespace coord

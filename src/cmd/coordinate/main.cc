// SPDX-License-Identifier: MIT
// coordinate: the command line of the job queue daemon.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <optional>

#include "cmd/coordinate/app.h"

namespace coord {

namespace {

Terminals FindTerminals() {
  const char* no_color = std::getenv("NO_COLOR");
  Terminals terminals;
  terminals.input = isatty(STDIN_FILENO) != 0;
  terminals.output = isatty(STDOUT_FILENO) != 0;
  terminals.error = isatty(STDERR_FILENO) != 0;
  terminals.colours = terminals.output && (no_color == nullptr || *no_color == '\0');
  return terminals;
}

// The code to end with where parsing ends the program: --help, --version or a mistake.
std::optional<int> Parse(CLI::App& app, int argc, const char* const* argv, Context& context) {
  try {
    ParseWords(app, argc, argv);
  } catch (const CLI::ParseError& problem) {
    // Code 0 is a request for help or for the version, which exit() prints.
    if (problem.get_exit_code() == 0) return app.exit(problem, context.out(), context.err());
    context.Warn(problem.what() + std::string(" (--help shows the usage)"));
    return kExitUsage;
  }
  return std::nullopt;
}

Command& ChosenCommand(const CLI::App& app, const Registry& registry) {
  const std::string chosen = app.get_subcommands().front()->get_name();
  for (const std::unique_ptr<Command>& command : registry.commands()) {
    if (command->name() == chosen) return *command;
  }
  COORD_CHECK(false);
  return *registry.commands().front();
}

int Main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  const Registry registry = AllCommands();
  GlobalOptions options;
  const std::unique_ptr<CLI::App> app = BuildApp(registry, options);
  SystemClock clock;
  const Terminals terminals = FindTerminals();
  Context parsing({}, terminals, std::cin, std::cout, std::cerr, clock);
  if (const std::optional<int> code = Parse(*app, argc, argv, parsing)) return *code;

  Context context(options, terminals, std::cin, std::cout, std::cerr, clock);
  const Result<int> code = ChosenCommand(*app, registry).Run(context);
  if (!std::cout.flush()) {
    context.Warn("cannot write the output");
    return kExitOutput;
  }
  if (code.has_value()) return *code;
  context.Warn(code.error().detail);
  return ExitCodeOf(code.error());
}

}  // namespace

}  // namespace coord

int main(int argc, char** argv) { return coord::Main(argc, argv); }

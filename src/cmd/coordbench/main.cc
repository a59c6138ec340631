// SPDX-License-Identifier: MIT
// coordbench: load generator and benchmark for a running daemon.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <string>

#include "base/rng.h"
#include "base/version.h"
#include "cmd/coordbench/runs.h"

namespace coord::bench {

namespace {

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;
constexpr int kExitUnreachable = 3;

// Longer than anyone waits, and short enough for nanoseconds in 64 bits.
constexpr double kSecondsMax = 1e6;
constexpr std::uint64_t kPayloadMax = std::uint64_t{64} << 20U;

constexpr const char* kAbout =
    "Makes load for a running coordinate daemon and measures it.\n"
    "\n"
    "Latencies are in microseconds, from a request's sending to its answer.";

constexpr const char* kFooter =
    "Exit codes: 0 done, without a single error; 1 an error answer, a lost connection or a broken\n"
    "promise, told on standard error; 2 wrong command line; 3 the daemon cannot be reached.\n"
    "\n"
    "Examples:\n"
    "  coordbench add --units 1000000 --batch 1000\n"
    "  coordbench cycle --connections 64 --seconds 5 --refill --json\n"
    "  coordbench mixed --connections 800 --seconds 120 --verify";

struct Flags {
  RunOptions run;
  std::string address = "127.0.0.1:5932";
  bool json = false;
  bool carried = false;
  bool batched = false;
  bool pipeline = false;
};

// A subcommand, with flags of its own since their defaults differ.
struct Command {
  CLI::App* app = nullptr;
  Flags flags;
  std::function<Result<Report>(const RunOptions&)> runner;
};

void AddCommon(CLI::App& app, Flags& flags) {
  app.add_option("--address", flags.address, "Where the daemon listens")
      ->type_name("HOST:PORT")
      ->envname("COORDINATE_ADDRESS")
      ->capture_default_str();
  app.add_flag("--json", flags.json, "One JSON object on standard output");
  app.add_option("--connections", flags.run.connections, "Connections, each with one client")
      ->check(CLI::Range(1U, 99999U))
      ->capture_default_str();
}

CLI::Option* AddSeconds(CLI::App& app, Flags& flags, double least, const char* help) {
  return app.add_option("--seconds", flags.run.seconds, help)
      ->type_name("SECONDS")
      ->check([least](const std::string& text) {
        double seconds = 0;
        const bool fine =
            CLI::detail::lexical_cast(text, seconds) && seconds >= least && seconds <= kSecondsMax;
        return fine ? "" : fmt::format("wants {} to {} seconds, not {}", least, kSecondsMax, text);
      })
      ->capture_default_str();
}

void AddSpecFlags(CLI::App& app, Flags& flags) {
  app.add_option("--spec", flags.run.spec, "Work spec to use; default: a new one of this run");
  app.add_flag("--keep", flags.run.keep, "Leave the work spec and its units behind");
  app.add_option("--payload", flags.run.payload, "Bytes of data in each unit")
      ->check(CLI::Range(std::uint64_t{0}, kPayloadMax))
      ->capture_default_str();
  app.add_flag("--random-order", flags.run.random_order, "Add the units in random order of name");
  app.add_flag("--random-priority", flags.run.random_priority,
               "Give each unit a random priority in [0, 1)");
  app.add_option("--batch", flags.run.batch, "Units in one add_work_units")
      ->check(CLI::Range(1U, 1000000U))
      ->capture_default_str();
}

void AddThreads(CLI::App& app, Flags& flags) {
  app.add_option("--threads", flags.run.threads, "Threads that share the connections")
      ->check(CLI::Range(1U, 256U))
      ->capture_default_str();
}

void AddWorkerFlags(CLI::App& app, Flags& flags) {
  app.add_option("--max-jobs", flags.run.max_jobs, "Units to ask for in one get_work")
      ->check(CLI::Range(1U, 100000U))
      ->capture_default_str();
  CLI::Option* carried = app.add_flag("--carried", flags.carried,
                                      "Finish units in the `updates` of the next get_work");
  CLI::Option* batched =
      app.add_flag("--batched", flags.batched, "Finish units in one update_work_units");
  CLI::Option* pipeline =
      app.add_flag("--pipeline", flags.pipeline,
                   "Finish units by one update_work_unit each, all sent at once (the default)");
  carried->excludes(batched)->excludes(pipeline);
  batched->excludes(pipeline);
  app.add_flag("--any-spec", flags.run.any_spec,
               "Ask without a work spec name: only where no other spec has work");
  app.add_option("--limit-completed", flags.run.limit_completed_count,
                 "limit_completed_count of the work spec; 0: none")
      ->capture_default_str();
}

void DefinePing(CLI::App& root, Command& command) {
  Flags& flags = command.flags;
  CLI::App* app = command.app = root.add_subcommand("ping", "Round trips of a small request");
  AddCommon(*app, flags);
  AddThreads(*app, flags);
  flags.run.seconds = 5;
  AddSeconds(*app, flags, 0.01, "How long");
  app->add_option("--method", flags.run.method, "now, get_summary or count_work_units")
      ->check(CLI::IsMember({"now", "get_summary", "count_work_units"}))
      ->capture_default_str();
  app->add_option("--spec", flags.run.spec, "Work spec for count_work_units");
  app->add_option("--depth", flags.run.depth, "Requests on their way on each connection")
      ->check(CLI::Range(1U, 10000U))
      ->capture_default_str();
  command.runner = RunPing;
}

void DefineAdd(CLI::App& root, Command& command) {
  Flags& flags = command.flags;
  CLI::App* app = command.app = root.add_subcommand("add", "How fast units are added, in batches");
  AddCommon(*app, flags);
  AddSpecFlags(*app, flags);
  flags.run.units = 1000000;
  app->add_option("--units", flags.run.units, "Units to add in all")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}))
      ->capture_default_str();
  app->add_option("--depth", flags.run.depth, "Batches on their way on each connection")
      ->check(CLI::Range(1U, 1000U))
      ->capture_default_str();
  command.runner = RunAdd;
}

void DefineCycle(CLI::App& root, Command& command) {
  Flags& flags = command.flags;
  CLI::App* app = command.app =
      root.add_subcommand("cycle", "get_work and update_work_unit by turns, on each connection");
  AddCommon(*app, flags);
  AddThreads(*app, flags);
  AddSpecFlags(*app, flags);
  AddWorkerFlags(*app, flags);
  flags.run.units = 200000;
  app->add_option("--units", flags.run.units, "Units to add beforehand")->capture_default_str();
  CLI::Option* seconds =
      AddSeconds(*app, flags, 0, "Stop after this long; 0: when every unit is finished");
  app->add_flag("--prefilled", flags.run.prefilled,
                "The --units units are there already, left by `add --keep` or `cycle --keep`");
  CLI::Option* refill =
      app->add_flag("--refill", flags.run.refill,
                    "Add as many units as are taken, while it runs (needs --seconds)");
  refill->needs(seconds);
  command.runner = RunCycle;
}

void DefineMixed(CLI::App& root, Command& command) {
  Flags& flags = command.flags;
  CLI::App* app = command.app = root.add_subcommand(
      "mixed", "Workers, with add, get_summary and count_work_units traffic beside them");
  AddCommon(*app, flags);
  AddSpecFlags(*app, flags);
  AddWorkerFlags(*app, flags);
  flags.run.units = 50000;
  flags.run.seconds = 60;
  app->add_option("--units", flags.run.units, "Units that are kept available")
      ->capture_default_str();
  AddSeconds(*app, flags, 0.01, "How long");
  app->add_option("--interval-ms", flags.run.interval_ms, "Time between two looks at the counts")
      ->check(CLI::Range(10U, 60000U))
      ->capture_default_str();
  app->add_flag("--verify", flags.run.verify,
                "Keep books: no unit lost, given to two at once or finished by a stranger; at the "
                "end every unit is finished and the server's counts say so");
  command.runner = [](const RunOptions& options) {
    RunOptions mixed = options;
    mixed.refill = true;
    mixed.side_traffic = true;
    return RunCycle(mixed);
  };
}

void DefineDrip(CLI::App& root, Command& command) {
  Flags& flags = command.flags;
  CLI::App* app = command.app = root.add_subcommand(
      "drip", "Each connection sends a huge message, a little at a time; one more looks on");
  AddCommon(*app, flags);
  flags.run.seconds = 60;
  flags.run.message_bytes = std::uint64_t{64} << 20U;
  flags.run.drip_bytes = 4096;
  flags.run.interval_ms = 10;
  AddSeconds(*app, flags, 0.01, "How long");
  app->add_option("--message-bytes", flags.run.message_bytes, "Size of each message")
      ->capture_default_str();
  app->add_option("--drip-bytes", flags.run.drip_bytes, "Bytes sent each time")
      ->capture_default_str();
  app->add_option("--interval-ms", flags.run.interval_ms, "Time between two drips")
      ->check(CLI::Range(1U, 60000U))
      ->capture_default_str();
  command.runner = RunDrip;
}

void Complete(Flags& flags) {
  RunOptions& run = flags.run;
  if (flags.carried) run.finish = FinishMode::kCarried;
  if (flags.batched) run.finish = FinishMode::kBatched;
  run.run_id = fmt::format("bench-{}-{:06x}", getpid(), RandomSeed() & 0xffffffU);
  if (run.spec.empty()) run.spec = run.run_id;
}

int Fail(std::string_view text, int code) {
  fmt::print(stderr, "coordbench: {}\n", text);
  return code;
}

int Main(int argc, char** argv) {
  CLI::App app{kAbout, "coordbench"};
  app.footer(kFooter);
  app.set_version_flag("--version", "coordbench " + std::string(Version()));
  app.require_subcommand(1);
  app.fallthrough();
  std::array<Command, 5> commands;
  DefinePing(app, commands[0]);
  DefineAdd(app, commands[1]);
  DefineCycle(app, commands[2]);
  DefineMixed(app, commands[3]);
  DefineDrip(app, commands[4]);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    // Code 0 is a request for help or for the version, which exit() prints.
    if (problem.get_exit_code() == 0) return app.exit(problem);
    return Fail(problem.what() + std::string(" (--help shows the usage)"), kExitUsage);
  }

  Command& command = *std::find_if(commands.begin(), commands.end(),
                                   [](const Command& one) { return one.app->parsed(); });
  Flags& flags = command.flags;
  const auto address = ParseAddress(flags.address);
  if (!address) return Fail(address.error().detail, kExitUsage);
  flags.run.address = *address;
  Complete(flags);
  RaiseDescriptorLimit();
  const Result<Report> report = command.runner(flags.run);
  if (!report) {
    const bool unreachable = report.error().code == ErrorCode::kUnavailable;
    return Fail(report.error().detail, unreachable ? kExitUnreachable : kExitFailed);
  }
  fmt::print("{}", flags.json ? report->Json() : report->Text());
  return 0;
}

}  // namespace

}  // namespace coord::bench

int main(int argc, char** argv) { return coord::bench::Main(argc, argv); }

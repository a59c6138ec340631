// SPDX-License-Identifier: MIT
// A worker with two tasks: "lines" counts the lines of the text file that is a unit's name, and
// makes of the result a unit for "total", which adds them up.
//
//   text_worker http://127.0.0.1:5980/           works until it gets SIGTERM or SIGINT
//   text_worker http://127.0.0.1:5980/ FILE...   adds the work specs and a unit for each file
#include <coordinate/client.h>
#include <coordinate/task_runner.h>
#include <coordinate/work_spec.h>

#include <csignal>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

using coordinate::Map;
using coordinate::TaskContext;
using coordinate::TaskResult;
using coordinate::Value;

namespace {

int Complain(const coordinate::Error& error) {
  std::cerr << "text_worker: " << error.message << "\n";
  return 1;
}

// The unit's name is a path. `output` in what it returns makes units of the spec that `then` names.
TaskResult CountLines(TaskContext& context) {
  std::ifstream text(context.unit());
  if (!text) return coordinate::Error{coordinate::ErrorCode::kInvalid, "cannot read the file", {}};
  std::int64_t lines = 0;
  for (std::string line; std::getline(text, line); ++lines) {
    if (context.should_stop()) {
      return coordinate::Error{coordinate::ErrorCode::kInvalid, "the file is too long", {}};
    }
  }
  return Value(Map{{"output", Map{{context.unit(), Map{{"lines", lines}}}}}});
}

TaskResult PrintTotal(TaskContext& context) {
  const Value* const lines = context.data().Find("lines");
  if (lines == nullptr || lines->As<std::int64_t>() == nullptr) {
    return coordinate::Error{coordinate::ErrorCode::kInvalid, "no number of lines", {}};
  }
  std::cout << context.unit() + " " + std::to_string(*lines->As<std::int64_t>()) + "\n"
            << std::flush;
  return Value();
}

int Add(const coordinate::Namespace& all, const std::vector<std::string>& files) {
  const Value total(Map{{"name", "total"}, {"runtime", "cpp"}});
  const Value lines(Map{{"name", "lines"}, {"runtime", "cpp"}, {"then", "total"}});
  if (const auto set = all.SetWorkSpec(total); !set) return Complain(set.error());
  const auto spec = all.SetWorkSpec(lines);
  if (!spec) return Complain(spec.error());
  std::vector<coordinate::NewWorkUnit> units;
  for (const std::string& file : files) units.push_back({.name = file});
  if (const auto added = spec->AddWorkUnits(units); !added) return Complain(added.error());
  return 0;
}

// Those at which the worker stops. Blocked, so that every thread leaves them to the one that waits.
sigset_t BlockStopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

int Work(const coordinate::Namespace& all, const sigset_t& signals) {
  coordinate::TaskRunnerOptions options;
  options.log = [](const std::string& line) { std::cerr << "text_worker: " + line + "\n"; };
  coordinate::TaskRunner runner(all, options);
  runner.AddTask("lines", CountLines);
  runner.AddTask("total", PrintTotal);
  std::thread stopper([&] {
    int number = 0;
    sigwait(&signals, &number);
    runner.Stop();
  });
  runner.Run();
  stopper.join();
  std::cerr << "text_worker: " << runner.stats().finished << " units finished\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: text_worker URL [FILE...]\n";
    return 2;
  }
  // Before there is any other thread.
  const sigset_t signals = BlockStopSignals();
  const auto client = coordinate::Client::Connect(argv[1]);
  if (!client) return Complain(client.error());
  const coordinate::Namespace all = client->InNamespace("");
  if (argc > 2) return Add(all, std::vector<std::string>(argv + 2, argv + argc));
  return Work(all, signals);
}

// SPDX-License-Identifier: MIT
// What a command of `coordinate` is, and what it is given to work with.
#pragma once

#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "rpc/client.h"
#include "value/value.h"

namespace CLI {
class App;
}

namespace coord {

// The exit codes of the program; part of its interface.
enum ExitCode : int {
  kExitOk = 0,
  kExitNegative = 1,     // it worked, and the answer is no: failed units, nothing of that name
  kExitUsage = 2,        // the command line or a file it names is wrong; nothing was sent
  kExitUnreachable = 3,  // the daemon cannot be reached, or was lost on the way
  kExitRefused = 4,      // the daemon refused
  kExitOutput = 5,       // the answer could not be written
  kExitTimeout = 124,    // `wait --timeout` ran out
};

// The code with which an error ends the program: kUnavailable is kExitUnreachable; kNotFound,
// kNoSuchWorkSpec and kNoSuchWorkUnit are kExitNegative; kInvalid (and kNoWorkSpecName,
// kBadWorkSpecName) is kExitUsage; everything else, a server's `error` answer included (kInternal,
// see rpc/client.h), is kExitRefused.
int ExitCodeOf(const Error& error);

// What the standard streams are connected to.
struct Terminals {
  bool input = false;
  bool output = false;
  bool error = false;
  bool colours = false;  // output is a terminal and NO_COLOR is not set
};

// In characters.
struct TerminalSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

// The options that every command takes.
struct GlobalOptions {
  std::string address;      // --address or COORDINATE_ADDRESS; empty: not given
  std::string config_file;  // -c; empty: not given
};

// The daemon's address: `given` where it is not empty, else the first of `coordinate: addresses:`
// in `config`, else the default. Errors: kInvalid.
Result<Address> ChooseAddress(const std::string& given, const Value& config);

// What a command works with. Tests make one with streams of their own.
class Context {
 public:
  Context(GlobalOptions options, Terminals terminals, std::istream& in, std::ostream& out,
          std::ostream& err, Clock& clock);
  ~Context();

  // The connection to the daemon, made at the first call. Errors: kUnavailable; kInvalid (the
  // address, the -c file).
  Result<RpcClient*> Client();
  // A connection of its own to the same daemon, for a second thread or for leases to renew while
  // the first one waits.
  Result<std::unique_ptr<RpcClient>> Connect();

  // Client()->Call(...); CallPair also takes the value out of its pair (ValueOfPair).
  Result<Value> Call(std::string_view method, List params);
  Result<Value> CallPair(std::string_view method, List params);
  // Many calls of one method, pipelined; one answer each, in order. A server's `error` stands in
  // its place; trouble with the connection is the error of the whole.
  Result<std::vector<Result<Value>>> CallAll(std::string_view method, std::vector<List> calls);

  // The map in the file given with -c, read once; an empty map where there is none. Errors:
  // kInvalid (cannot be read, no YAML, no map).
  Result<const Value*> Config();
  // Where Client() connects to: --address, else COORDINATE_ADDRESS, else the first of the
  // configuration's `coordinate: addresses:`, else 127.0.0.1:5932.
  Result<Address> DaemonAddress();

  // Results go to out(), and nothing else does; progress and questions go to err().
  std::ostream& out() { return out_; }
  std::ostream& err() { return err_; }
  std::istream& in() { return in_; }
  const Terminals& terminals() const { return terminals_; }
  Clock& clock() { return clock_; }

  // Prints "coordinate: TEXT" as one line on err().
  void Warn(std::string_view text);

  // The size of the terminal that out() is; the usual one where that cannot be told.
  TerminalSize OutputSize() const;
  // Lets time pass between two looks at the daemon.
  void Pause(Duration span);

 private:
  GlobalOptions options_;
  Terminals terminals_;
  std::istream& in_;
  std::ostream& out_;
  std::ostream& err_;
  Clock& clock_;
  std::optional<Value> config_;
  std::unique_ptr<RpcClient> client_;
};

// One command: a name on the command line, its options, and what it does.
class Command {
 public:
  Command() = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;
  virtual ~Command() = default;

  // One word as it is typed.
  virtual std::string_view name() const = 0;
  // One line, shown in the list of commands and on top of its own help: a verb first, no full stop.
  virtual std::string_view summary() const = 0;
  // Shown below the options in --help: what there is to know (exit codes of its own), then
  // "Examples:" and lines indented by two.
  virtual std::string_view notes() const { return ""; }

  // Adds the options and positionals, bound to members. Completion in bash (scripts/manual) looks
  // at their types: "SPEC" completes names of work specs, "FILE" files, "COMMAND" programs, and
  // "X:{a,b}" the words in braces.
  virtual void SetUp(CLI::App& app) = 0;

  // Does it. Returns the exit code; an error is printed as one line "coordinate: DETAIL" and ends
  // the program with ExitCodeOf(error).
  virtual Result<int> Run(Context& context) = 0;
};

// All commands, in the order in which --help lists them.
class Registry {
 public:
  void Add(std::unique_ptr<Command> command) { commands_.push_back(std::move(command)); }
  const std::vector<std::unique_ptr<Command>>& commands() const { return commands_; }

 private:
  std::vector<std::unique_ptr<Command>> commands_;
};

// One function for each source of commands.
void RegisterSummaryCommands(Registry& registry);     // summary
void RegisterFlowCommands(Registry& registry);        // flow, load
void RegisterWorkCommands(Registry& registry);        // addwork, work
void RegisterSpecCommands(Registry& registry);        // work-specs, work-spec, pause, resume, clear
void RegisterUnitCommands(Registry& registry);        // work-units, work-unit
void RegisterUnitChangeCommands(Registry& registry);  // retry, prioritize, delete
void RegisterWaitCommands(Registry& registry);        // wait
void RegisterExplainCommands(Registry& registry);     // explain
void RegisterWorkerCommands(Registry& registry);      // workers, worker-stats, mode-counts
void RegisterDaemonCommands(Registry& registry);      // ping, config, rpc
void RegisterMovingCommands(Registry& registry);      // export, import
void RegisterFileCommands(Registry& registry);        // backup, check

}  // namespace coord

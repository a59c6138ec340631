// SPDX-License-Identifier: MIT
// The commands about the daemon itself: ping, config, rpc.
#include <fmt/format.h>

#include <ostream>

#include "cmd/coordinate/command.h"
#include "cmd/coordinate/options.h"
#include "cmd/coordinate/readable.h"
#include "value/json.h"
#include "value/yaml.h"

namespace coord {

namespace {

class PingCommand final : public Command {
 public:
  std::string_view name() const override { return "ping"; }
  std::string_view summary() const override {
    return "Ask the daemon who it is and how fast it answers";
  }
  std::string_view notes() const override {
    return "Exit code 3: it cannot be reached.\n"
           "\n"
           "Examples:\n"
           "  until coordinate ping >/dev/null 2>&1; do sleep 1; done";
  }

  void SetUp(CLI::App& app) override {
    OptionAdder add(app);
    add.Flag("--json", json_, "Print JSON: what server_info answers, and `milliseconds`");
  }

  Result<int> Run(Context& context) override {
    COORD_TRY(address, context.DaemonAddress());
    // The first answer carries the connection's set-up with it, the second is the round trip.
    COORD_TRY(info, context.Call("server_info", {}));
    const WallTime before = context.clock().Now();
    COORD_TRY(now, context.Call("now", {}));
    const WallTime after = context.clock().Now();
    const double milliseconds = std::chrono::duration<double, std::milli>(after - before).count();
    if (json_) {
      Map shown = info.As<Map>() != nullptr ? *info.As<Map>() : Map{};
      shown.emplace_back("address", ToText(address));
      shown.emplace_back("now", now);
      shown.emplace_back("milliseconds", milliseconds);
      context.out() << ToJson(Value(std::move(shown)), JsonStyle::kIndented) << "\n";
    } else {
      context.out() << fmt::format("coordinated {} at {}: backend {}, answered in {:.2f} ms\n",
                                   TextOr(info, "version"), ToText(address),
                                   TextOr(info, "backend"), milliseconds);
    }
    return kExitOk;
  }

 private:
  bool json_ = false;
};

class ConfigCommand final : public Command {
 public:
  std::string_view name() const override { return "config"; }
  std::string_view summary() const override {
    return "Print the configuration that the daemon hands to workers";
  }
  std::string_view notes() const override {
    return "Prints JSON, which is YAML, too.\n"
           "\n"
           "Examples:\n"
           "  coordinate config > config.yaml";
  }

  void SetUp(CLI::App&) override {}

  Result<int> Run(Context& context) override {
    COORD_TRY(config, context.CallPair("get_config", {}));
    context.out() << ToJson(config, JsonStyle::kIndented) << "\n";
    return kExitOk;
  }
};

class RpcCommand final : public Command {
 public:
  std::string_view name() const override { return "rpc"; }
  std::string_view summary() const override { return "Call any method of the daemon"; }
  std::string_view notes() const override {
    return "Each argument is YAML, so 5 is a number, '\"5\"' a text, '{limit: 5}' a map and\n"
           "'!!binary AP8=' a byte string. Prints the result as JSON (which is YAML, too), as it "
           "is:\n"
           "for most methods a list of the value and a message, null when all is well.\n"
           "Exit code 4: the daemon answered with an error.\n"
           "\n"
           "Examples:\n"
           "  coordinate rpc get_work_units wordcount '{state: 5, limit: 10}'\n"
           "  coordinate rpc control_work_spec wordcount '{weight: 5}'\n"
           "  coordinate rpc worker_heartbeat me idle 60 '{host: here}' null";
  }

  void SetUp(CLI::App& app) override {
    OptionAdder add(app);
    add.Text({"method", "METHOD", "Name of the method"}, method_).Required();
    add.Texts({"argument", "YAML", "Its parameters, each as YAML"}, arguments_);
    add.Flag("--compact", compact_, "Print the result on one line");
  }

  Result<int> Run(Context& context) override {
    List params;
    for (std::size_t i = 0; i < arguments_.size(); ++i) {
      Result<Value> parsed = ParseYaml(arguments_[i]);
      if (!parsed.has_value()) {
        return InvalidError(fmt::format("argument {}: {}", i + 1, parsed.error().detail));
      }
      params.push_back(std::move(*parsed));
    }
    COORD_TRY(result, context.Call(method_, std::move(params)));
    context.out() << ToJson(result, compact_ ? JsonStyle::kCompact : JsonStyle::kIndented) << "\n";
    return kExitOk;
  }

 private:
  std::string method_;
  std::vector<std::string> arguments_;
  bool compact_ = false;
};

}  // namespace

void RegisterDaemonCommands(Registry& registry) {
  registry.Add(std::make_unique<PingCommand>());
  registry.Add(std::make_unique<ConfigCommand>());
  registry.Add(std::make_unique<RpcCommand>());
}

}  // namespace coord

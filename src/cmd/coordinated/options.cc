// SPDX-License-Identifier: MIT
#include "cmd/coordinated/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <vector>

#include "base/version.h"
#include "cmd/coordinated/backends.h"
#include "cmd/coordinated/yaml_file.h"
#include "domain/names.h"

namespace coord {

namespace {

constexpr const char* kDescription =
    "coordinated: hands work units to workers and keeps track of every attempt.\n"
    "Existing Coordinate programs can talk to it unchanged, over CBOR-RPC; everything else can "
    "use\n"
    "HTTP and JSON.";

constexpr const char* kFooter =
    "Each flag can also be given by the environment, as COORDINATED_ and its name in capitals\n"
    "(COORDINATED_LOG_LEVEL=debug), or in the YAML file of --settings, under its long name\n"
    "(log-level: debug). A flag wins over the environment, and that over the file; an empty\n"
    "variable counts as not set.\n"
    "\n"
    "Examples:\n"
    "  coordinated                                  listen on 127.0.0.1:5932 and :5980, keep all\n"
    "                                               in memory\n"
    "  coordinated --cborrpc 127.0.0.1:0 --http none   take any free port; the ready line tells "
    "it\n"
    "  coordinated --limit-completed-count 100000   keep the newest 100,000 completed units a "
    "spec\n"
    "\n"
    "SIGTERM and SIGINT: finish what is in hand, answer those who wait, exit 0. A second one ends\n"
    "the daemon at once. Exit codes: 0 stopped as asked, 1 could not start, 2 wrong usage.";

// The values as the command line holds them.
struct RawOptions {
  DaemonOptions options;
  std::string cborrpc = "127.0.0.1:5932";
  std::string http = "127.0.0.1:5980";
  std::string http_hosts;
  std::string settings_path;
  std::string metrics = "full";
  bool no_migrate = false;
  std::optional<std::uint64_t> completed_count;
  std::optional<double> completed_age;
};

void AddServerFlags(CLI::App& app, RawOptions& raw) {
  DaemonOptions& options = raw.options;
  app.add_option("--cborrpc,--bind", raw.cborrpc,
                 "Where to listen for CBOR-RPC; port 0: any free one")
      ->type_name("ADDR:PORT")
      ->capture_default_str();
  app.add_option("--http", raw.http,
                 "Where to listen for HTTP: the REST interface, metrics and health; port 0: any\n"
                 "free one; none: nowhere")
      ->type_name("ADDR:PORT")
      ->capture_default_str();
  app.add_option(
         "--http-host", raw.http_hosts,
         "Names with a dot by which browsers and programs reach the HTTP port, beside\n"
         "addresses and localhost; others are refused, so that no web page can use a name of\n"
         "its own to get in")
      ->type_name("NAME[,NAME...]");
  app.add_option("--namespace", options.server.name_space,
                 "The namespace that CBOR-RPC works in (default: the empty name)")
      ->type_name("NAME");
  app.add_option("--io-threads", options.io_threads,
                 "Threads for sockets and encoding; 1: one thread does everything")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--max-connections", options.server.connections_max,
                 "Connections at once; more are closed as they come")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--max-message-bytes", options.server.frames.message_bytes_max,
                 "The longest message")
      ->check(CLI::Range(1024, 1 << 30))
      ->capture_default_str();
  app.add_option("--max-nesting", options.server.frames.nesting_max,
                 "How deep lists and maps in a message may nest")
      ->check(CLI::Range(8, CborScanner::kDepthMax))
      ->capture_default_str();
  app.add_option("--max-batch", options.server.batch_requests_max, "Requests in one batch message")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
}

void AddStoreFlags(CLI::App& app, RawOptions& raw) {
  app.add_option("--backend", raw.options.backend, "Where the state is kept: " + KnownBackends())
      ->type_name("BACKEND")
      ->capture_default_str();
  app.add_flag("--migrate", raw.options.migrate_only,
               "Make or bring up to date what the backend keeps, and exit");
  app.add_flag("--no-migrate", raw.no_migrate,
               "postgres: do not start on tables that an earlier version has made");
  app.add_option("--limit-completed-count", raw.completed_count,
                 "Keep the newest so many finished units of a spec, and so many failed ones\n"
                 "(default: all; limit_completed_count in a work spec overrides it)");
  app.add_option("--limit-completed-age", raw.completed_age,
                 "Keep finished and failed units for so many seconds\n"
                 "(default: for ever; limit_completed_age in a work spec overrides it)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.0, 1e11));
  app.add_option("--seed", raw.options.store.seed,
                 "Seed of the scheduler's generator (default: random)");
}

void AddGeneralFlags(CLI::App& app, RawOptions& raw) {
  app.add_option("--config", raw.options.config_path,
                 "A YAML file that clients get from get_config")
      ->type_name("FILE");
  app.add_option("--settings", raw.settings_path, "A YAML file of flags: their long names as keys")
      ->type_name("FILE");
  app.add_option("--log-level", raw.options.log_level, "trace, debug, info, warn, error or off")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}))
      ->capture_default_str();
  app.add_flag("--log-requests", raw.options.log_requests, "Log every request");
  app.add_option("--metrics", raw.metrics,
                 "What /metrics tells: full, or basic, without requests by method, batches and\n"
                 "attempts, which are not counted then")
      ->check(CLI::IsMember({"full", "basic"}))
      ->capture_default_str();
  app.add_flag(
      "--manual-clock", raw.options.manual_clock,
      "For test suites of clients: time starts at 1970-01-01T00:00:00Z, stands still, and\n"
      "moves only by PUT /clock");
  app.set_version_flag("--version", "coordinated " + std::string(Version()));
}

void Setup(CLI::App& app, RawOptions& raw) {
  app.name("coordinated");
  app.footer(kFooter);
  // Sources come in rising precedence: the last one counts.
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  AddServerFlags(app, raw);
  AddStoreFlags(app, raw);
  AddGeneralFlags(app, raw);
}

std::string EnvironmentName(std::string flag) {
  std::transform(flag.begin(), flag.end(), flag.begin(), [](unsigned char c) {
    return c == '-' ? '_' : static_cast<char>(std::toupper(c));
  });
  return "COORDINATED_" + flag;
}

bool IsSetting(const std::string& flag) { return flag != "help" && flag != "version"; }

std::vector<std::string> FlagNames(CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      if (IsSetting(name)) names.push_back(name);
    }
  }
  return names;
}

// A variable that is empty counts as not set.
std::vector<std::string> FromEnvironment(const std::vector<std::string>& flags) {
  std::vector<std::string> arguments;
  for (const std::string& flag : flags) {
    const char* value = std::getenv(EnvironmentName(flag).c_str());
    if (value != nullptr && *value != '\0') arguments.push_back("--" + flag + "=" + value);
  }
  return arguments;
}

// The text of a setting as it would be written on the command line.
std::optional<std::string> SettingText(const Value& value) {
  if (const bool* flag = value.As<bool>()) return *flag ? "true" : "false";
  if (const auto* integer = value.As<std::int64_t>()) return std::to_string(*integer);
  if (const auto* integer = value.As<std::uint64_t>()) return std::to_string(*integer);
  if (const double* number = value.As<double>()) return std::to_string(*number);
  if (const auto* text = value.As<std::string>()) return *text;
  return std::nullopt;
}

Result<std::vector<std::string>> FromSettings(const std::string& path,
                                              const std::vector<std::string>& flags) {
  std::vector<std::string> arguments;
  if (path.empty()) return arguments;
  COORD_TRY(settings, ReadYamlMapFile(path));
  for (const auto& [key, value] : *settings.As<Map>()) {
    const std::string* name = key.AsString();
    if (name == nullptr || *name == "settings" ||
        std::find(flags.begin(), flags.end(), *name) == flags.end()) {
      return InvalidError(path + ": unknown setting " + (name == nullptr ? "" : "'" + *name + "'"));
    }
    const auto text = SettingText(value);
    if (!text) return InvalidError(path + ": " + *name + " must be a single value");
    if (text->empty()) {  // "--flag=" would take the next argument for its value
      arguments.insert(arguments.end(), {"--" + *name, *text});
    } else {
      arguments.push_back("--" + *name + "=" + *text);
    }
  }
  return arguments;
}

// The names of a list with commas. Errors: kInvalid where one cannot be a host's name.
Result<std::vector<std::string>> ReadHosts(std::string_view list) {
  std::vector<std::string> hosts;
  while (!list.empty()) {
    const std::string_view host = list.substr(0, list.find(','));
    list.remove_prefix(std::min(host.size() + 1, list.size()));
    if (host.empty() || host.find_first_of(":/ ") != std::string_view::npos) {
      return InvalidError("--http-host: '" + std::string(host) + "' is no name of a host");
    }
    hosts.emplace_back(host);
  }
  return hosts;
}

Result<DaemonOptions> Finish(RawOptions raw) {
  COORD_TRY(address, ParseAddress(raw.cborrpc, /*to_listen=*/true));
  raw.options.cborrpc = address;
  raw.options.may_migrate = !raw.no_migrate;
  if (raw.options.migrate_only && raw.no_migrate) {
    return InvalidError("--migrate and --no-migrate exclude each other");
  }
  if (raw.http != "none") {
    COORD_TRY(http, ParseAddress(raw.http, /*to_listen=*/true));
    raw.options.http = http;
    COORD_TRY(hosts, ReadHosts(raw.http_hosts));
    raw.options.http_hosts = hosts;
    raw.options.http_hosts.push_back(http.host);  // may be a name
  }
  raw.options.full_metrics = raw.metrics == "full";
  raw.options.store.keeps_stats = raw.options.full_metrics;
  COORD_TRY_VOID(CheckName(raw.options.server.name_space, "--namespace"));
  raw.options.store.retention.completed_count = raw.completed_count;
  if (raw.completed_age) {
    raw.options.store.retention.completed_age = FromSeconds(*raw.completed_age);
  }
  return std::move(raw.options);
}

ParsedCommandLine UsageError(const std::string& text) {
  return {std::nullopt, "coordinated: " + text + "\nRun coordinated --help for the flags.\n", 2};
}

// Parses all sources together, the strongest last. Returns what to print and exit with, if that is
// what it comes to.
std::optional<ParsedCommandLine> ParseAll(std::vector<std::string> arguments, RawOptions& raw) {
  CLI::App app{kDescription};
  Setup(app, raw);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  try {
    app.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    return ParsedCommandLine{std::nullopt, app.help(), 0};
  } catch (const CLI::CallForVersion& version) {
    return ParsedCommandLine{std::nullopt, std::string(version.what()) + "\n", 0};
  } catch (const CLI::ParseError& error) {
    return UsageError(error.what());
  }
  return std::nullopt;
}

}  // namespace

ParsedCommandLine ParseCommandLine(int argc, const char* const* argv) {
  std::vector<std::string> flags;
  {
    CLI::App app;
    RawOptions unused;
    Setup(app, unused);
    flags = FlagNames(app);
  }
  std::vector<std::string> arguments = FromEnvironment(flags);
  arguments.insert(arguments.end(), argv + 1, argv + argc);
  RawOptions first;
  first.options.store.seed = RandomSeed();
  RawOptions raw = first;
  // The first pass is for --settings, which itself may come from the environment.
  if (auto stop = ParseAll(arguments, first)) return *std::move(stop);
  const auto settings = FromSettings(first.settings_path, flags);
  if (settings.has_error()) return UsageError(settings.error().detail);
  arguments.insert(arguments.begin(), settings->begin(), settings->end());
  if (auto stop = ParseAll(arguments, raw)) return *std::move(stop);
  auto options = Finish(std::move(raw));
  if (options.has_error()) return UsageError(options.error().detail);
  return {*std::move(options), {}, 0};
}

}  // namespace coord

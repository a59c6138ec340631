// SPDX-License-Identifier: MIT
// What the daemon can be told: flags, environment, settings file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/store.h"
#include "net/address.h"
#include "rpc/server_options.h"

namespace coord {

struct DaemonOptions {
  Address cborrpc;
  std::optional<Address> http;          // absent: none
  std::vector<std::string> http_hosts;  // further names of the daemon, for the Host of requests
  bool manual_clock = false;
  std::string backend = "memory";
  bool migrate_only = false;  // open the backend, and end
  bool may_migrate = true;
  std::string config_path;  // empty: none
  std::string log_level = "info";
  bool log_requests = false;
  bool full_metrics = true;  // false: no more than costs nothing to keep
  int io_threads = 1;
  ServerOptions server;  // the namespace and the limits are filled in
  StoreOptions store;
};

// What parsing came to: options, or the text to print and the code to exit with.
struct ParsedCommandLine {
  std::optional<DaemonOptions> options;
  std::string text;
  int exit_code = 0;
};

// Reads the command line, then for what it leaves out the environment (COORDINATED_ and the flag in
// capitals, with underscores), then the file of --settings. Usage errors exit with 2.
ParsedCommandLine ParseCommandLine(int argc, const char* const* argv);

}  // namespace coord

// SPDX-License-Identifier: MIT
// What `coordinate work` is told, and what a program is told of its work unit (docs/coordinate.md).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "rpc/client.h"
#include "value/value.h"

namespace coord {

struct WorkOptions {
  Address address;
  std::string worker_id;
  std::string parent;                 // empty: none
  std::vector<std::string> specs;     // at least one
  std::vector<std::string> runtimes;  // empty: the daemon's default, the empty runtime alone
  std::vector<std::string> command;   // the program and its arguments, with placeholders

  std::size_t slots = 1;  // programs that run at once
  Duration lease = std::chrono::seconds(300);
  Duration retry_delay = std::chrono::seconds(60);
  Duration grace = std::chrono::seconds(10);  // between SIGTERM and SIGKILL
  Duration wait = std::chrono::seconds(60);   // the longest that one request for work is held back
  std::uint64_t units_max = 0;                // 0: no limit
  bool until_empty = false;

  int result_descriptor = -1;  // where the program writes its result; -1: nowhere
  bool result_file = false;    // the result goes to a file
  bool quiet = false;
  bool verbose = false;
};

// A work unit that this worker has an attempt at.
struct WorkUnit {
  std::string spec;
  std::string key;  // any bytes
  Value data;       // a map
};

// The command for one unit: {key}, {spec} and {data.FIELD} are replaced wherever they occur; FIELD
// may go into maps with dots. Text and byte strings stand as they are, other values as JSON. All
// other braces stay, so that a shell or awk script needs no escapes.
// Errors: kInvalid (the data has no such field, or null; the result holds a NUL byte, which no
// argument can).
Result<std::vector<std::string>> ExpandCommand(const std::vector<std::string>& command,
                                               const WorkUnit& unit);

// Whether a word has one of the placeholders.
bool HasPlaceholder(std::string_view word);

// The environment entries "NAME=VALUE" that a program gets beyond the worker's own:
// COORDINATE_SPEC, COORDINATE_KEY (not for a key with a NUL byte), COORDINATE_WORKER,
// COORDINATE_ADDRESS, and with
// --result-fd COORDINATE_RESULT_FD.
std::vector<std::string> UnitEnvironment(const WorkOptions& options, const WorkUnit& unit);

// Finds the program as a shell would, so that a mistyped name fails no units. Errors: kInvalid.
Result<void> CheckProgram(const std::string& program);

// The data that a failed unit gets: its own with `traceback` set.
Value WithTraceback(const Value& data, std::string traceback);

// Reads what a program gave as its result. Empty, or white space alone: null, no new data.
// Errors: kInvalid (no JSON, no map, too large or too deep to be sent).
Result<Value> ReadResult(std::string_view text);

// The largest result that is taken, in bytes.
inline constexpr std::size_t kResultBytesMax = std::size_t{32} << 20U;

}  // namespace coord

// SPDX-License-Identifier: MIT
// What the daemon tells of its work specs, asked for and read into structs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/coordinate/command.h"
#include "domain/status.h"

namespace coord {

// Units of a spec that are neither finished nor failed: available, delayed or pending.
std::uint64_t Unfinished(const StatusCounts& counts);
// Units that are finished or failed.
std::uint64_t Done(const StatusCounts& counts);

struct SpecCounts {
  std::string name;
  StatusCounts counts{};
};

// All specs that have units, in name order, counted at one instant (get_summary).
Result<std::vector<SpecCounts>> GetSummary(Context& context);
// Reads the answer of get_summary. Errors: kCorrupt.
Result<std::vector<SpecCounts>> ReadSummary(const Value& answer);
// The counts of one spec; zeros where it is not there.
StatusCounts CountsOf(const std::vector<SpecCounts>& summary, std::string_view name);

// What get_work_spec_meta tells.
struct SpecMeta {
  bool paused = false;
  bool continuous = false;
  double interval_seconds = 0;               // 0: none
  std::optional<std::uint64_t> max_running;  // none: unlimited
  double weight = 0;
};
// Reads the value of the answer's pair.
SpecMeta ReadSpecMeta(const Value& value);

struct SpecView {
  std::string name;
  Value definition;
  SpecMeta meta;
  StatusCounts counts{};
};

// All work specs in name order, as three kinds of calls see them one after the other.
Result<std::vector<SpecView>> GetSpecs(Context& context);
// Only their definitions.
Result<std::vector<Value>> ListDefinitions(Context& context);

// One definition. Errors: kNoSuchWorkSpec.
Result<Value> GetDefinition(Context& context, const std::string& name);

// The number of a status on the wire. Delayed has none of its own: it counts as available.
int WireStatus(WorkUnitStatus status);
// The text for a number; "available" then covers delayed ones.
std::string WireStatusText(const Value& number);

// The type of --status: STATUS:{available,...}, for OptionTexts.
std::string StatusType();
// Statuses as --status takes them. Errors: kInvalid, naming the statuses there are.
Result<StatusSet> ParseStatuses(const std::vector<std::string>& texts);

// A list of unit keys as the wire has it: byte strings.
List KeyList(const std::vector<std::string>& keys);

// Keys as given on the command line: as they are, or in hexadecimal. Errors: kInvalid.
Result<std::vector<std::string>> ReadKeys(std::vector<std::string> given, bool hex);

// Asks a question before something is lost. True where `yes` is set or the answer is y or yes; an
// error (kInvalid) where nobody can be asked, because input or error output is no terminal.
Result<bool> Confirm(Context& context, const std::string& question, bool yes);

}  // namespace coord

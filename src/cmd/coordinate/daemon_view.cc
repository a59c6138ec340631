// SPDX-License-Identifier: MIT
#include "cmd/coordinate/daemon_view.h"

#include <algorithm>
#include <istream>
#include <ostream>

#include "cmd/coordinate/readable.h"

namespace coord {

namespace {

constexpr std::int64_t kSpecsPerCall = 1000;

std::uint64_t CountOf(const StatusCounts& counts, WorkUnitStatus status) {
  return counts[IndexOf(status)];
}

Error Unexpected(std::string_view method) {
  return {ErrorCode::kCorrupt, "unexpected answer to " + std::string(method), ""};
}

}  // namespace

std::uint64_t Unfinished(const StatusCounts& counts) {
  return CountOf(counts, WorkUnitStatus::kAvailable) + CountOf(counts, WorkUnitStatus::kDelayed) +
         CountOf(counts, WorkUnitStatus::kPending);
}

std::uint64_t Done(const StatusCounts& counts) {
  return CountOf(counts, WorkUnitStatus::kFinished) + CountOf(counts, WorkUnitStatus::kFailed);
}

Result<std::vector<SpecCounts>> ReadSummary(const Value& answer) {
  const std::vector<Value>* records = answer.AsItems();
  if (records == nullptr) return Unexpected("get_summary");
  std::vector<SpecCounts> specs;
  for (const Value& record : *records) {
    const std::string name = TextOr(record, "work_spec");
    const auto status = WorkUnitStatusFromText(TextOr(record, "status"));
    const double count = NumberOr(record, "count", -1);
    if (!status.has_value() || count < 0) return Unexpected("get_summary");
    auto spec = std::find_if(specs.rbegin(), specs.rend(),
                             [&](const SpecCounts& known) { return known.name == name; });
    if (spec == specs.rend()) {
      specs.push_back({name, {}});
      spec = specs.rbegin();
    }
    spec->counts[IndexOf(*status)] += static_cast<std::uint64_t>(count);
  }
  std::sort(specs.begin(), specs.end(),
            [](const SpecCounts& left, const SpecCounts& right) { return left.name < right.name; });
  return specs;
}

Result<std::vector<SpecCounts>> GetSummary(Context& context) {
  COORD_TRY(answer, context.Call("get_summary", {}));
  return ReadSummary(answer);
}

StatusCounts CountsOf(const std::vector<SpecCounts>& summary, std::string_view name) {
  for (const SpecCounts& spec : summary) {
    if (spec.name == name) return spec.counts;
  }
  return {};
}

SpecMeta ReadSpecMeta(const Value& value) {
  SpecMeta meta;
  meta.paused = NumberOr(value, "status", 1) == 2.0;
  const Value* continuous = value.Find("continuous");
  meta.continuous = continuous != nullptr && *continuous == Value(true);
  meta.interval_seconds = NumberOr(value, "interval", 0);
  const double max_running = NumberOr(value, "max_running", 0);
  if (max_running > 0) meta.max_running = static_cast<std::uint64_t>(max_running);
  meta.weight = NumberOr(value, "weight", 0);
  return meta;
}

Result<std::vector<Value>> ListDefinitions(Context& context) {
  std::vector<Value> definitions;
  Value start;
  while (true) {
    Map options{{"limit", kSpecsPerCall}};
    if (!start.is_null()) options.emplace_back("start", start);
    COORD_TRY(answer, context.Call("list_work_specs", {std::move(options)}));
    // The second of this pair is no message: it is where the next page starts.
    const std::vector<Value>* pair = answer.AsItems();
    const std::vector<Value>* page = pair && pair->size() == 2 ? (*pair)[0].AsItems() : nullptr;
    if (page == nullptr) return Unexpected("list_work_specs");
    definitions.insert(definitions.end(), page->begin(), page->end());
    const Value next = (*pair)[1];
    if (next.is_null() || next == start) return definitions;
    start = next;
  }
}

Result<std::vector<SpecView>> GetSpecs(Context& context) {
  COORD_TRY(definitions, ListDefinitions(context));
  std::vector<List> calls;
  for (const Value& definition : definitions) calls.push_back({TextOr(definition, "name")});
  COORD_TRY(metas, context.CallAll("get_work_spec_meta", std::move(calls)));
  COORD_TRY(summary, GetSummary(context));
  std::vector<SpecView> specs;
  for (std::size_t i = 0; i < definitions.size(); ++i) {
    const Result<Value> meta = ValueOfPair(std::move(metas[i]));
    // One that was deleted since the list was made is left out.
    if (!meta.has_value()) continue;
    const std::string name = TextOr(definitions[i], "name");
    specs.push_back(
        {name, std::move(definitions[i]), ReadSpecMeta(*meta), CountsOf(summary, name)});
  }
  return specs;
}

Result<Value> GetDefinition(Context& context, const std::string& name) {
  COORD_TRY(definition, context.Call("get_work_spec", {name}));
  if (definition.is_null()) return NoSuchWorkSpecError(Readable(name));
  return std::move(definition);
}

int WireStatus(WorkUnitStatus status) {
  switch (status) {
    case WorkUnitStatus::kAvailable:
    case WorkUnitStatus::kDelayed:
      return 1;
    case WorkUnitStatus::kPending:
      return 3;
    case WorkUnitStatus::kFinished:
      return 4;
    case WorkUnitStatus::kFailed:
      return 5;
  }
  return 1;
}

std::string WireStatusText(const Value& number) {
  for (const WorkUnitStatus status : kWorkUnitStatuses) {
    if (number == Value(WireStatus(status))) return std::string(ToText(status));
  }
  return "unknown";
}

std::string StatusType() {
  std::string texts;
  for (const WorkUnitStatus status : kWorkUnitStatuses) {
    texts += (texts.empty() ? "" : ",") + std::string(ToText(status));
  }
  return "STATUS:{" + texts + "}";
}

Result<StatusSet> ParseStatuses(const std::vector<std::string>& texts) {
  StatusSet statuses;
  for (const std::string& text : texts) {
    const auto status = WorkUnitStatusFromText(text);
    if (!status.has_value()) {
      return InvalidError("no status \"" + text +
                          "\": there are available, delayed, pending, finished and failed");
    }
    statuses.Add(*status);
  }
  return statuses;
}

List KeyList(const std::vector<std::string>& keys) {
  List list;
  list.reserve(keys.size());
  for (const std::string& key : keys) list.emplace_back(Bytes{key});
  return list;
}

Result<std::vector<std::string>> ReadKeys(std::vector<std::string> given, bool hex) {
  if (!hex) return given;
  for (std::string& key : given) {
    COORD_TRY(bytes, FromHex(key));
    key = std::move(bytes);
  }
  return given;
}

Result<bool> Confirm(Context& context, const std::string& question, bool yes) {
  if (yes) return true;
  if (!context.terminals().input || !context.terminals().error) {
    return InvalidError("not done: this needs --yes where no terminal can be asked");
  }
  context.err() << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(context.in(), answer);
  const bool agreed = answer == "y" || answer == "Y" || answer == "yes";
  if (!agreed) context.Warn("nothing done");
  return agreed;
}

}  // namespace coord

// SPDX-License-Identifier: MIT
// The commands that show work units: work-units, work-unit.
#include <fmt/format.h>

#include <ostream>

#include "cmd/coordinate/command.h"
#include "cmd/coordinate/daemon_view.h"
#include "cmd/coordinate/options.h"
#include "cmd/coordinate/readable.h"
#include "cmd/coordinate/table.h"
#include "cmd/coordinate/unit_pages.h"
#include "domain/failures.h"
#include "value/json.h"

namespace coord {

namespace {

constexpr std::uint64_t kUsualLimit = 1000;
constexpr std::size_t kTracebackWidth = 60;

Style StyleOfText(std::string_view status) {
  if (status == "failed") return Style::kRed;
  if (status == "finished") return Style::kGreen;
  return status == "pending" ? Style::kYellow : Style::kPlain;
}

std::string Indented(std::string_view text) {
  std::string indented = "    ";
  for (const char c : text) {
    indented += c;
    if (c == '\n') indented += "    ";
  }
  return indented;
}

Value OptionalText(const std::string& text) { return text.empty() ? Value() : Value(text); }

Value OptionalTime(const std::optional<double>& time) { return time ? Value(*time) : Value(); }

Map ToMap(const UnitView& unit, bool details) {
  Map map;
  AddKey(map, unit.key);
  map.emplace_back("status", unit.status);
  map.emplace_back("worker_id", OptionalText(unit.worker));
  map.emplace_back("time", OptionalTime(unit.time));
  map.emplace_back("traceback", OptionalText(unit.traceback));
  if (details) map.emplace_back("data", unit.data);
  return map;
}

class WorkUnitsCommand final : public Command {
 public:
  std::string_view name() const override { return "work-units"; }
  std::string_view summary() const override {
    return "List the work units of a spec, or count its failures";
  }
  std::string_view notes() const override {
    return "Lists in byte order of the key. `time` is when the lease of a pending unit ends, from\n"
           "when a delayed one may run, and when a finished or failed one ended. Where the limit\n"
           "stops the list, the last line on standard error says how to go on.\n"
           "Keys that are not printable show as bash's $'...', which can be pasted.\n"
           "Exit code 1: there is no such work spec.\n"
           "\n"
           "Examples:\n"
           "  coordinate work-units wordcount --status failed --details\n"
           "  coordinate work-units wordcount --group\n"
           "  coordinate work-units wordcount --json --limit 0 | jq -r 'select(.status == "
           "\"failed\").key'";
  }

  void SetUp(CLI::App& app) override {
    OptionAdder add(app);
    add.Text({"spec", "SPEC", "Name of the work spec"}, spec_).Required();
    const OptionHandle status = add.Texts(
        {"-s,--status", StatusType(), "Only units of this status; may be repeated"}, statuses_);
    limit_given_ = add.Count(
        {"-n,--limit", "COUNT", "At most so many; 0: all (default 1000, with --group 0)"}, limit_);
    const OptionHandle from = add.Text({"--from", "KEY", "Begin at this key"}, from_);
    add.Flag("--key-hex", hex_, "The key of --from is in hexadecimal").Needs(from);
    const OptionHandle details =
        add.Flag("-d,--details", details_, "Also show data and whole tracebacks");
    add.Flag("-g,--group", group_, "Count failed units by the last line of their traceback")
        .Excludes(status)
        .Excludes(details);
    add.Flag("--json", json_, "Print JSON: a map for each unit, one a line; with --group a list");
  }

  Result<int> Run(Context& context) override {
    COORD_TRY(from, ReadKeys({from_}, hex_));
    UnitQuery query;
    query.spec = spec_;
    query.from = from.front();
    query.limit = limit_given_.given() || group_ ? limit_ : kUsualLimit;
    if (group_) return Group(context, std::move(query));
    if (!statuses_.empty()) {
      COORD_TRY(statuses, ParseStatuses(statuses_));
      query.statuses = statuses;
    }
    bool first = true;
    COORD_TRY(walk, WalkUnits(context, query, [&](std::vector<UnitView> units) {
                PrintPage(context, units, first);
                first = false;
              }));
    SayWhereItStopped(context, walk);
    return kExitOk;
  }

 private:
  static void SayWhereItStopped(Context& context, const UnitWalk& walk) {
    if (!walk.next) return;
    context.out() << std::flush;
    // No argument can hold a NUL byte.
    const std::string from = walk.next->find('\0') != std::string::npos
                                 ? "--key-hex --from=" + ToHex(*walk.next)
                                 : "--from=" + ShellQuoted(*walk.next);
    context.Warn(fmt::format("stopped after {} units; go on with {}, or ask for all with --limit 0",
                             walk.seen, from));
  }

  void PrintPage(Context& context, const std::vector<UnitView>& units, bool first) const {
    if (json_) {
      for (const UnitView& unit : units) {
        context.out() << ToJson(Value(ToMap(unit, details_)), JsonStyle::kCompact) << "\n";
      }
      return;
    }
    const bool colours = context.terminals().colours;
    const WallTime now = context.clock().Now();
    TextTable table({{"KEY"}, {"STATUS"}, {"WORKER"}, {"TIME"}, {details_ ? "" : "TRACEBACK"}});
    for (const UnitView& unit : units) {
      const std::string last = details_ ? "" : OneLine(LastLine(unit.traceback), kTracebackWidth);
      table.AddRow({Readable(unit.key), Cell(unit.status, StyleOfText(unit.status)),
                    unit.worker.empty() ? "-" : Readable(unit.worker), FormatUnitTime(unit, now),
                    last});
      if (!details_) continue;
      context.out() << table.Render(colours, first);
      first = false;
      table = TextTable({{"KEY"}, {"STATUS"}, {"WORKER"}, {"TIME"}, {""}});
      context.out() << Indented(ToJson(unit.data, JsonStyle::kIndented)) << "\n";
      if (!unit.traceback.empty()) context.out() << Indented(Multiline(unit.traceback)) << "\n";
    }
    if (!table.empty() || first) context.out() << table.Render(colours, first);
  }

  // A traceback's lines, each made harmless for a terminal.
  static std::string Multiline(std::string_view text) {
    constexpr std::size_t kLineWidth = 1000;
    std::string lines;
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      const std::string_view line = text.substr(0, end);
      const std::size_t margin = line.find_first_not_of(' ');
      lines += std::string(margin == std::string_view::npos ? 0 : margin, ' ');
      lines += OneLine(line, kLineWidth);
      if (end == std::string_view::npos) break;
      text.remove_prefix(end + 1);
      if (!text.empty()) lines += '\n';
    }
    return lines;
  }

  Result<int> Group(Context& context, UnitQuery query) const {
    query.statuses = StatusSet(WorkUnitStatus::kFailed);
    query.with_status = false;
    FailureGroups groups;
    COORD_TRY(walk, WalkUnits(context, query, [&](std::vector<UnitView> units) {
                for (const UnitView& unit : units) groups.Add(unit.key, unit.traceback);
              }));
    if (json_) {
      List list;
      for (const FailureGroups::Group& group : groups.Sorted()) {
        Map map{{"count", group.count}, {"traceback", group.line}};
        AddKey(map, group.example);
        list.emplace_back(std::move(map));
      }
      context.out() << ToJson(Value(std::move(list)), JsonStyle::kIndented) << "\n";
    } else {
      TextTable table({{"COUNT", true}, {"LAST LINE OF THE TRACEBACK"}, {"EXAMPLE"}});
      for (const FailureGroups::Group& group : groups.Sorted()) {
        table.AddRow({group.count, group.line, Readable(group.example)});
      }
      context.out() << table.Render(context.terminals().colours);
    }
    SayWhereItStopped(context, walk);
    return kExitOk;
  }

  std::string spec_;
  std::vector<std::string> statuses_;
  std::uint64_t limit_ = 0;
  OptionHandle limit_given_;
  std::string from_;
  bool hex_ = false;
  bool details_ = false;
  bool group_ = false;
  bool json_ = false;
};

std::string InstantOrDash(const Value& map, std::string_view key) {
  const Value* value = map.Find(key);
  const std::optional<double> seconds = value != nullptr ? value->AsNumber() : std::nullopt;
  return seconds ? FormatInstant(*seconds) : "-";
}

class WorkUnitCommand final : public Command {
 public:
  std::string_view name() const override { return "work-unit"; }
  std::string_view summary() const override {
    return "Show one work unit with its data and all its attempts";
  }
  std::string_view notes() const override {
    return "Exit code 1: there is no such work spec or work unit.\n"
           "\n"
           "Examples:\n"
           "  coordinate work-unit wordcount README\n"
           "  coordinate work-unit images --key-hex 00ff10 --json";
  }

  void SetUp(CLI::App& app) override {
    OptionAdder add(app);
    add.Text({"spec", "SPEC", "Name of the work spec"}, spec_).Required();
    add.Text({"key", "KEY", "Key of the work unit"}, key_).Required();
    add.Flag("--key-hex", hex_, "The key is in hexadecimal");
    add.Flag("--json", json_, "Print JSON: one map");
  }

  Result<int> Run(Context& context) override {
    COORD_TRY(keys, ReadKeys({key_}, hex_));
    const std::string& key = keys.front();
    COORD_TRY(pages,
              context.CallPair("get_work_units", {spec_, Map{{"work_unit_keys", KeyList(keys)}}}));
    COORD_TRY(metas, GetUnitMetas(context, spec_, keys));
    if (!metas.front().has_value()) return NoSuchWorkUnitError(Readable(key));
    COORD_TRY(attempts, context.CallPair("get_work_unit_attempts", {spec_, Bytes{key}, Map{}}));
    const std::vector<Value>* units = pages.AsItems();
    const std::vector<Value>* unit = units && !units->empty() ? units->front().AsItems() : nullptr;
    const Value data = unit != nullptr && unit->size() == 2 ? (*unit)[1] : Value();
    if (json_) {
      PrintJson(context, key, *metas.front(), data, attempts);
    } else {
      PrintText(context, key, *metas.front(), data, attempts);
    }
    return kExitOk;
  }

 private:
  static void PrintJson(Context& context, const std::string& key, const UnitMeta& meta,
                        const Value& data, const Value& attempts) {
    Map map;
    AddKey(map, key);
    map.emplace_back("status", meta.status);
    map.emplace_back("priority", meta.priority);
    map.emplace_back("not_before", OptionalTime(meta.not_before));
    map.emplace_back("data", data);
    map.emplace_back("attempts", attempts);
    context.out() << ToJson(Value(std::move(map)), JsonStyle::kIndented) << "\n";
  }

  static void PrintText(Context& context, const std::string& key, const UnitMeta& meta,
                        const Value& data, const Value& attempts) {
    const bool colours = context.terminals().colours;
    std::ostream& out = context.out();
    out << "key:        " << Readable(key) << "\n";
    out << "status:     " << Styled(meta.status, StyleOfText(meta.status), colours) << "\n";
    out << fmt::format("priority:   {}\n", meta.priority);
    if (meta.not_before) out << "not before: " << FormatInstant(*meta.not_before) << "\n";
    out << "data:\n" << Indented(ToJson(data, JsonStyle::kIndented)) << "\n";
    TextTable table({{"ATTEMPT", true},
                     {"STATUS"},
                     {"WORKER"},
                     {"START"},
                     {"END"},
                     {"EXPIRATION"},
                     {"TRACEBACK"}});
    const std::vector<Value>* items = attempts.AsItems();
    std::uint64_t number = 0;
    for (const Value& attempt : items != nullptr ? *items : std::vector<Value>{}) {
      const Value* attempt_data = attempt.Find("data");
      const std::string traceback = attempt_data != nullptr ? TracebackOf(*attempt_data) : "";
      const std::string status = TextOr(attempt, "status");
      table.AddRow({++number, Cell(status, StyleOfText(status)),
                    Readable(TextOr(attempt, "worker_id")), InstantOrDash(attempt, "start"),
                    InstantOrDash(attempt, "end"), InstantOrDash(attempt, "expiration"),
                    OneLine(LastLine(traceback), kTracebackWidth)});
    }
    if (!table.empty()) out << "\n" << table.Render(colours);
  }

  std::string spec_;
  std::string key_;
  bool hex_ = false;
  bool json_ = false;
};

}  // namespace

void RegisterUnitCommands(Registry& registry) {
  registry.Add(std::make_unique<WorkUnitsCommand>());
  registry.Add(std::make_unique<WorkUnitCommand>());
}

}  // namespace coord

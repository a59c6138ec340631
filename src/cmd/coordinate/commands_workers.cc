// SPDX-License-Identifier: MIT
// The commands about workers: workers, worker-stats, mode-counts.
#include <fmt/format.h>

#include <map>
#include <ostream>

#include "cmd/coordinate/command.h"
#include "cmd/coordinate/daemon_view.h"
#include "cmd/coordinate/options.h"
#include "cmd/coordinate/readable.h"
#include "cmd/coordinate/table.h"
#include "cmd/coordinate/unit_pages.h"
#include "cmd/coordinate/worker_tree.h"
#include "value/json.h"

namespace coord {

namespace {

// Pending units that are looked at in each spec, to find who holds them.
constexpr std::uint64_t kHeldUnitsMax = 10'000;

struct HeldUnit {
  std::string spec;
  std::string key;
  std::optional<double> expires;
};

struct WorkerView {
  Value mode;
  Value info;  // heartbeat data and age_seconds; null for one without a live heartbeat
  std::vector<HeldUnit> holds;
};

struct Fleet {
  std::map<std::string, WorkerView> workers;
  std::map<std::string, std::vector<std::string>> children;
};

Result<std::vector<std::string>> GetShownWorkers(Context& context, Fleet& fleet) {
  COORD_TRY(modes, context.CallPair("list_worker_modes", {}));
  std::vector<std::string> names;
  const Map* entries = modes.As<Map>();
  for (const auto& [name, mode] : entries != nullptr ? *entries : Map{}) {
    if (name.AsString() == nullptr) continue;
    names.push_back(*name.AsString());
    fleet.workers[names.back()].mode = mode;
  }
  return names;
}

std::vector<List> CallsFor(const std::vector<std::string>& names) {
  std::vector<List> calls;
  for (const std::string& name : names) calls.push_back({name});
  return calls;
}

Result<void> AddInfos(Context& context, const std::vector<std::string>& names, Fleet& fleet) {
  COORD_TRY(infos, context.CallAll("get_worker_info", CallsFor(names)));
  COORD_TRY(families, context.CallAll("get_child_work_units", CallsFor(names)));
  for (std::size_t i = 0; i < names.size(); ++i) {
    // One that ended meanwhile stays in the list, without what it no longer tells.
    const Result<Value> info = ValueOfPair(std::move(infos[i]));
    if (info.has_value()) fleet.workers[names[i]].info = *info;
    const Result<Value> family = ValueOfPair(std::move(families[i]));
    if (!family.has_value() || family->As<Map>() == nullptr) continue;
    for (const auto& [child, held] : *family->As<Map>()) {
      if (child.AsString() != nullptr) fleet.children[names[i]].push_back(*child.AsString());
    }
  }
  return {};
}

Result<void> AddHeldUnits(Context& context, Fleet& fleet) {
  COORD_TRY(summary, GetSummary(context));
  for (const SpecCounts& spec : summary) {
    if (spec.counts[IndexOf(WorkUnitStatus::kPending)] == 0) continue;
    UnitQuery query;
    query.spec = spec.name;
    query.statuses = StatusSet(WorkUnitStatus::kPending);
    query.limit = kHeldUnitsMax;
    const Result<UnitWalk> walk = WalkUnits(context, query, [&](std::vector<UnitView> units) {
      for (UnitView& unit : units) {
        fleet.workers[unit.worker].holds.push_back({spec.name, std::move(unit.key), unit.time});
      }
    });
    if (!walk.has_value() && walk.error().code == ErrorCode::kNotFound) continue;
    if (!walk.has_value()) return walk.error();
    if (walk->next) {
      context.Warn(fmt::format("{} has more than {} pending units; only those were looked at",
                               Readable(spec.name), kHeldUnitsMax));
    }
  }
  return {};
}

Result<Fleet> GetFleet(Context& context) {
  Fleet fleet;
  COORD_TRY(names, GetShownWorkers(context, fleet));
  COORD_TRY_VOID(AddInfos(context, names, fleet));
  COORD_TRY_VOID(AddHeldUnits(context, fleet));
  return fleet;
}

std::string HeldText(const std::vector<HeldUnit>& held) {
  constexpr std::size_t kNamed = 3;
  constexpr std::size_t kNameWidth = 40;
  std::string text;
  for (std::size_t i = 0; i < held.size() && i < kNamed; ++i) {
    if (i > 0) text += ", ";
    text += Readable(held[i].spec) + "/" + OneLine(Readable(held[i].key), kNameWidth);
  }
  if (held.size() > kNamed) text += fmt::format(" and {} more", held.size() - kNamed);
  return text;
}

Value ToValue(const Fleet& fleet, const std::string& name) {
  const WorkerView& worker = fleet.workers.at(name);
  List holds;
  for (const HeldUnit& held : worker.holds) {
    Map map{{"work_spec", held.spec}};
    AddKey(map, held.key);
    map.emplace_back("expires", held.expires ? Value(*held.expires) : Value());
    holds.emplace_back(std::move(map));
  }
  List children;
  const auto found = fleet.children.find(name);
  if (found != fleet.children.end()) children.assign(found->second.begin(), found->second.end());
  return Map{{"worker_id", name},
             {"mode", worker.mode},
             {"info", worker.info},
             {"children", std::move(children)},
             {"holds", std::move(holds)}};
}

class WorkersCommand final : public Command {
 public:
  std::string_view name() const override { return "workers"; }
  std::string_view summary() const override {
    return "Show the workers: parents, children, and what they hold";
  }
  std::string_view notes() const override {
    return "Workers with a live heartbeat stand in the tree of their parents; AGE is the time "
           "since\n"
           "the last one. Workers that hold units without one follow, with no age.\n"
           "\n"
           "Examples:\n"
           "  coordinate workers\n"
           "  coordinate workers --json | jq '.[] | select(.holds == []).worker_id'";
  }

  void SetUp(CLI::App& app) override {
    OptionAdder add(app);
    add.Flag("--json", json_, "Print JSON: a list of maps with each worker's heartbeat data");
  }

  Result<int> Run(Context& context) override {
    COORD_TRY(fleet, GetFleet(context));
    std::vector<std::string> alive;
    std::vector<std::string> silent;
    for (const auto& [name, worker] : fleet.workers) {
      (worker.info.is_null() ? silent : alive).push_back(name);
    }
    std::vector<TreeLine> lines = LayOutTree(alive, fleet.children);
    for (std::string& name : silent) lines.push_back({"", std::move(name)});
    if (json_) {
      List list;
      for (const TreeLine& line : lines) list.push_back(ToValue(fleet, line.worker));
      context.out() << ToJson(Value(std::move(list)), JsonStyle::kIndented) << "\n";
      return kExitOk;
    }
    TextTable table({{"WORKER"}, {"MODE"}, {"AGE", true}, {"HOLDS"}});
    for (const TreeLine& line : lines) {
      const WorkerView& worker = fleet.workers.at(line.worker);
      const Value* age = worker.info.Find("age_seconds");
      table.AddRow({line.branch + Readable(line.worker), OneLine(ReadableValue(worker.mode), 40),
                    age != nullptr ? FormatSpan(age->AsNumber().value_or(0)) : "-",
                    HeldText(worker.holds)});
    }
    context.out() << table.Render(context.terminals().colours);
    return kExitOk;
  }

 private:
  bool json_ = false;
};

// Commands that print one map of counts: worker-stats and mode-counts.
class CountsCommand final : public Command {
 public:
  struct Texts {
    std::string_view name;
    std::string_view summary;
    std::string_view method;
    std::string_view column;
    std::string_view notes;
    bool pair;
  };
  explicit CountsCommand(const Texts& texts) : texts_(texts) {}

  std::string_view name() const override { return texts_.name; }
  std::string_view summary() const override { return texts_.summary; }
  std::string_view notes() const override { return texts_.notes; }

  void SetUp(CLI::App& app) override {
    OptionAdder(app).Flag("--json", json_, "Print JSON: a map");
  }

  Result<int> Run(Context& context) override {
    Result<Value> answer = context.Call(texts_.method, {});
    if (texts_.pair) answer = ValueOfPair(std::move(answer));
    COORD_TRY(counts, std::move(answer));
    if (json_) {
      context.out() << ToJson(counts, JsonStyle::kIndented) << "\n";
      return kExitOk;
    }
    TextTable table({{std::string(texts_.column)}, {"COUNT", true}});
    const Map* entries = counts.As<Map>();
    for (const auto& [what, count] : entries != nullptr ? *entries : Map{}) {
      table.AddRow({ReadableValue(what), ReadableValue(count)});
    }
    context.out() << table.Render(context.terminals().colours);
    return kExitOk;
  }

 private:
  Texts texts_;
  bool json_ = false;
};

}  // namespace

void RegisterWorkerCommands(Registry& registry) {
  registry.Add(std::make_unique<WorkersCommand>());
  registry.Add(std::make_unique<CountsCommand>(CountsCommand::Texts{
      "worker-stats", "Count the workers", "worker_stats", "WORKERS",
      "num_workers: with a live heartbeat; num_children: of those, with a parent; num_expirable:\n"
      "of those, whose heartbeat can run out.\n"
      "\n"
      "Examples:\n"
      "  coordinate worker-stats --json | jq .num_workers",
      false}));
  registry.Add(std::make_unique<CountsCommand>(
      CountsCommand::Texts{"mode-counts", "Count the workers of each mode", "mode_counts", "MODE",
                           "Examples:\n"
                           "  coordinate mode-counts",
                           true}));
}

}  // namespace coord

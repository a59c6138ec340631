// SPDX-License-Identifier: MIT
// The commands that change work units: retry, prioritize, delete.
#include <fmt/format.h>

#include <ostream>

#include "cmd/coordinate/command.h"
#include "cmd/coordinate/daemon_view.h"
#include "cmd/coordinate/options.h"
#include "cmd/coordinate/readable.h"

namespace coord {

namespace {

// Prints a count and says whether it is as many as there were keys.
int PrintCount(Context& context, const Value& count, std::size_t keys) {
  const double done = count.AsNumber().value_or(0);
  context.out() << ReadableValue(count) << "\n";
  if (done >= static_cast<double>(keys)) return kExitOk;
  context.out() << std::flush;
  context.Warn(fmt::format("{} of {} keys were not there", static_cast<double>(keys) - done, keys));
  return kExitNegative;
}

class RetryCommand final : public Command {
 public:
  std::string_view name() const override { return "retry"; }
  std::string_view summary() const override {
    return "Make failed or finished work units available again";
  }
  std::string_view notes() const override {
    return "Prints how many units were made available. Their data goes back to what they were\n"
           "added with; their attempts stay as history.\n"
           "Exit code 1: some of the keys (or the work spec) do not exist.\n"
           "\n"
           "Examples:\n"
           "  coordinate retry wordcount README NEWS\n"
           "  coordinate retry wordcount --all-failed\n"
           "  coordinate retry --all-specs";
  }

  void SetUp(CLI::App& app) override {
    OptionAdder add(app);
    add.Text({"spec", "SPEC", "Name of the work spec"}, spec_);
    add.Texts({"key", "KEY", "Keys of the work units"}, keys_);
    add.Flag("--key-hex", hex_, "The keys are in hexadecimal");
    add.Flag("--all-failed", all_failed_, "All failed units of the work spec");
    add.Flag("--all-specs", all_specs_, "All failed units of all work specs");
  }

  Result<int> Run(Context& context) override {
    const int ways = int{!keys_.empty()} + int{all_failed_} + int{all_specs_};
    if (ways != 1 || spec_.empty() != all_specs_) {
      return InvalidError("retry wants SPEC KEY..., SPEC --all-failed or --all-specs");
    }
    if (all_specs_) return RetryAllSpecs(context);
    if (all_failed_) {
      COORD_TRY(count, context.CallPair("retry_work_units", {spec_, Map{}}));
      return PrintCount(context, count, 0);
    }
    COORD_TRY(keys, ReadKeys(keys_, hex_));
    COORD_TRY(count, context.CallPair("retry_work_units",
                                      {spec_, Map{{"work_unit_keys", KeyList(keys)}}}));
    return PrintCount(context, count, keys.size());
  }

 private:
  static Result<int> RetryAllSpecs(Context& context) {
    COORD_TRY(summary, GetSummary(context));
    double total = 0;
    for (const SpecCounts& spec : summary) {
      if (spec.counts[IndexOf(WorkUnitStatus::kFailed)] == 0) continue;
      const Result<Value> count = context.CallPair("retry_work_units", {spec.name, Map{}});
      // A spec that was deleted meanwhile has nothing to retry.
      if (!count.has_value() && count.error().code == ErrorCode::kNotFound) continue;
      if (!count.has_value()) return count.error();
      total += count->AsNumber().value_or(0);
    }
    context.out() << total << "\n";
    return kExitOk;
  }

  std::string spec_;
  std::vector<std::string> keys_;
  bool hex_ = false;
  bool all_failed_ = false;
  bool all_specs_ = false;
};

class PrioritizeCommand final : public Command {
 public:
  std::string_view name() const override { return "prioritize"; }
  std::string_view summary() const override { return "Set or adjust the priority of work units"; }
  std::string_view notes() const override {
    return "Units of higher priority are given out first; 0 is usual. Keys that do not exist are\n"
           "skipped.\n"
           "Exit code 1: there is no such work spec.\n"
           "\n"
           "Examples:\n"
           "  coordinate prioritize wordcount README --set 10\n"
           "  coordinate prioritize wordcount README NEWS --adjust -1.5";
  }

  void SetUp(CLI::App& app) override {
    OptionAdder add(app);
    add.Text({"spec", "SPEC", "Name of the work spec"}, spec_).Required();
    add.Texts({"key", "KEY", "Keys of the work units"}, keys_).Required();
    add.Flag("--key-hex", hex_, "The keys are in hexadecimal");
    set_ = add.Number({"--set", "NUMBER", "The new priority"}, priority_);
    adjust_ = add.Number({"--adjust", "NUMBER", "What to add to the priority"}, adjustment_);
    set_.Excludes(adjust_);
  }

  Result<int> Run(Context& context) override {
    if (!set_.given() && !adjust_.given()) {
      return InvalidError("prioritize wants --set NUMBER or --adjust NUMBER");
    }
    COORD_TRY(keys, ReadKeys(keys_, hex_));
    Map options{{"work_unit_keys", KeyList(keys)}};
    if (set_.given()) {
      options.emplace_back("priority", priority_);
    } else {
      options.emplace_back("adjustment", adjustment_);
    }
    COORD_TRY_VOID(context.CallPair("prioritize_work_units", {spec_, std::move(options)}));
    return kExitOk;
  }

 private:
  std::string spec_;
  std::vector<std::string> keys_;
  bool hex_ = false;
  double priority_ = 0;
  double adjustment_ = 0;
  OptionHandle set_;
  OptionHandle adjust_;
};

class DeleteCommand final : public Command {
 public:
  std::string_view name() const override { return "delete"; }
  std::string_view summary() const override {
    return "Delete a work spec, or some or all of its work units";
  }
  std::string_view notes() const override {
    return "SPEC alone deletes the work spec with all its units; KEYs, --status or --all delete "
           "only\n"
           "units. Asks first on a terminal; elsewhere it needs --yes. Prints how many units went\n"
           "(nothing when the spec goes). `delayed` cannot be told from `available` here: name\n"
           "`available`, which means both, or the keys.\n"
           "Exit code 1: the work spec or some of the keys do not exist, or the answer was no.\n"
           "\n"
           "Examples:\n"
           "  coordinate delete wordcount\n"
           "  coordinate delete wordcount README NEWS --yes\n"
           "  coordinate delete wordcount --status finished --status failed";
  }

  void SetUp(CLI::App& app) override {
    OptionAdder add(app);
    add.Text({"spec", "SPEC", "Name of the work spec"}, spec_).Required();
    add.Texts({"key", "KEY", "Keys of work units"}, keys_);
    add.Flag("--key-hex", hex_, "The keys are in hexadecimal");
    add.Texts({"-s,--status", StatusType(), "All units of this status; may be repeated"},
              statuses_);
    add.Flag("--all", all_, "All units; the work spec stays");
    add.Flag("-y,--yes", yes_, "Do not ask");
  }

  Result<int> Run(Context& context) override {
    const int ways = int{!keys_.empty()} + int{!statuses_.empty()} + int{all_};
    if (ways > 1) return InvalidError("delete wants only one of KEY..., --status and --all");
    COORD_TRY(options, Options());
    COORD_TRY(agreed, Confirm(context, Question(), yes_));
    if (!agreed) return kExitNegative;
    if (ways == 0) {
      COORD_TRY_VOID(context.CallPair("del_work_spec", {spec_}));
      return kExitOk;
    }
    COORD_TRY(count, context.CallPair("del_work_units", {spec_, std::move(options)}));
    return PrintCount(context, count, keys_.size());
  }

 private:
  Result<Map> Options() const {
    if (all_) return Map{{"all", true}};
    if (!keys_.empty()) {
      COORD_TRY(keys, ReadKeys(keys_, hex_));
      return Map{{"work_unit_keys", KeyList(keys)}};
    }
    COORD_TRY(statuses, ParseStatuses(statuses_));
    if (statuses.Has(WorkUnitStatus::kDelayed)) {
      return InvalidError("delayed units are deleted with --status available, or by their keys");
    }
    List states;
    for (const WorkUnitStatus status : kWorkUnitStatuses) {
      if (statuses.Has(status)) states.emplace_back(WireStatus(status));
    }
    return Map{{"state", std::move(states)}};
  }

  std::string Question() const {
    const std::string spec = Readable(spec_);
    if (all_) return "Delete all work units of " + spec + "?";
    if (!keys_.empty()) return fmt::format("Delete {} work units of {}?", keys_.size(), spec);
    if (statuses_.empty()) return "Delete the work spec " + spec + " with all its work units?";
    return fmt::format("Delete all {} work units of {}?", fmt::join(statuses_, " and "), spec);
  }

  std::string spec_;
  std::vector<std::string> keys_;
  bool hex_ = false;
  std::vector<std::string> statuses_;
  bool all_ = false;
  bool yes_ = false;
};

}  // namespace

void RegisterUnitChangeCommands(Registry& registry) {
  registry.Add(std::make_unique<RetryCommand>());
  registry.Add(std::make_unique<PrioritizeCommand>());
  registry.Add(std::make_unique<DeleteCommand>());
}

}  // namespace coord

// SPDX-License-Identifier: MIT
// The command `wait`: until work specs have nothing left to do.
#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "cmd/coordinate/command.h"
#include "cmd/coordinate/daemon_view.h"
#include "cmd/coordinate/options.h"
#include "cmd/coordinate/progress.h"
#include "cmd/coordinate/readable.h"

namespace coord {

namespace {

constexpr Duration kFirstPause = std::chrono::milliseconds(50);
constexpr Duration kLongestPause = std::chrono::seconds(1);
constexpr std::size_t kBarWidth = 30;

class WaitCommand final : public Command {
 public:
  std::string_view name() const override { return "wait"; }
  std::string_view summary() const override {
    return "Wait until work specs have nothing left to do";
  }
  std::string_view notes() const override {
    return "Done is when none of them has an available, delayed or pending unit at one instant, so "
           "a\n"
           "chain of specs is waited for by naming all of them. On a terminal a progress line "
           "shows.\n"
           "Exit code 0: done; 1: done, and units failed, or there is no such work spec (any "
           "more);\n"
           "124: the time given with --timeout was up first.\n"
           "\n"
           "Examples:\n"
           "  coordinate wait count merge && coordinate work-unit merge total\n"
           "  coordinate wait wordcount --timeout 3600 || coordinate work-units wordcount --group";
  }

  void SetUp(CLI::App& app) override {
    OptionAdder add(app);
    add.Texts({"spec", "SPEC", "Names of the work specs"}, specs_).Required();
    timeout_given_ =
        add.Number({"--timeout", "SECONDS", "Give up after so many seconds"}, timeout_);
  }

  Result<int> Run(Context& context) override {
    if (!(timeout_ >= 0)) return InvalidError("--timeout wants seconds, not less than 0");
    COORD_TRY_VOID(CheckSpecs(context));
    const WallTime start = context.clock().Now();
    RateTracker rates;
    Duration pause = kFirstPause;
    while (true) {
      COORD_TRY(summary, GetSummary(context));
      const WallTime now = context.clock().Now();
      const StatusCounts sum = SumOfChosen(summary);
      // The chosen specs count as one, under a name that none of them can have.
      rates.Add(now, {{"", sum}});
      if (Unfinished(sum) == 0) {
        ClearProgress(context);
        // One that was deleted meanwhile has nothing left to do either.
        COORD_TRY_VOID(CheckSpecs(context));
        return Verdict(context, summary);
      }
      ShowProgress(context, sum, rates.PerSecond(""));
      const Duration left = TimeLeft(now - start);
      if (left <= Duration::zero()) return TimedOut(context, sum);
      context.Pause(std::min(pause, left));
      pause = std::min(pause * 3 / 2, kLongestPause);
    }
  }

 private:
  // Errors: kNoSuchWorkSpec.
  Result<void> CheckSpecs(Context& context) const {
    for (const std::string& spec : specs_) COORD_TRY_VOID(GetDefinition(context, spec));
    return {};
  }

  StatusCounts SumOfChosen(const std::vector<SpecCounts>& summary) const {
    StatusCounts sum{};
    for (const SpecCounts& spec : summary) {
      if (std::find(specs_.begin(), specs_.end(), spec.name) == specs_.end()) continue;
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += spec.counts[i];
    }
    return sum;
  }

  Duration TimeLeft(Duration passed) const {
    return timeout_given_.given() ? FromSeconds(timeout_) - passed : Duration::max();
  }

  static void ShowProgress(Context& context, const StatusCounts& sum, double rate) {
    if (!context.terminals().error) return;
    const std::uint64_t total = Done(sum) + Unfinished(sum);
    const std::uint64_t failed = sum[IndexOf(WorkUnitStatus::kFailed)];
    std::string line = fmt::format("{}  {} of {}, {}", ProgressBar(Done(sum), total, kBarWidth),
                                   Done(sum), total, FormatRate(rate));
    if (rate > 0) line += ", " + Eta(Unfinished(sum), rate) + " left";
    if (failed > 0) line += fmt::format(", {} failed", failed);
    context.err() << "\r" << line << "\x1b[K" << std::flush;
  }

  static void ClearProgress(Context& context) {
    if (context.terminals().error) context.err() << "\r\x1b[K" << std::flush;
  }

  int Verdict(Context& context, const std::vector<SpecCounts>& summary) const {
    int code = kExitOk;
    for (const std::string& spec : specs_) {
      const std::uint64_t failed = CountsOf(summary, spec)[IndexOf(WorkUnitStatus::kFailed)];
      if (failed == 0) continue;
      context.Warn(fmt::format("{}: {} failed", Readable(spec), failed));
      code = kExitNegative;
    }
    return code;
  }

  int TimedOut(Context& context, const StatusCounts& sum) const {
    ClearProgress(context);
    context.Warn(fmt::format("time is up; units not done: {}", Unfinished(sum)));
    return kExitTimeout;
  }

  std::vector<std::string> specs_;
  double timeout_ = 0;
  OptionHandle timeout_given_;
};

}  // namespace

void RegisterWaitCommands(Registry& registry) { registry.Add(std::make_unique<WaitCommand>()); }

}  // namespace coord

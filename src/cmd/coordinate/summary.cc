// SPDX-License-Identifier: MIT
// The command `summary`, once or again and again.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ostream>

#include "cmd/coordinate/command.h"
#include "cmd/coordinate/daemon_view.h"
#include "cmd/coordinate/options.h"
#include "cmd/coordinate/progress.h"
#include "cmd/coordinate/readable.h"
#include "cmd/coordinate/table.h"
#include "value/json.h"

namespace coord {

namespace {

Style StyleOf(WorkUnitStatus status) {
  switch (status) {
    case WorkUnitStatus::kAvailable:
    case WorkUnitStatus::kDelayed:
      return Style::kPlain;
    case WorkUnitStatus::kPending:
      return Style::kYellow;
    case WorkUnitStatus::kFinished:
      return Style::kGreen;
    case WorkUnitStatus::kFailed:
      return Style::kRed;
  }
  return Style::kPlain;
}

std::uint64_t Total(const StatusCounts& counts) { return Unfinished(counts) + Done(counts); }

// A spec's cells up to its total; zeros keep quiet.
std::vector<Cell> CountCells(const std::string& name, const StatusCounts& counts) {
  std::vector<Cell> cells{Cell(name)};
  for (const WorkUnitStatus status : kWorkUnitStatuses) {
    const std::uint64_t count = counts[IndexOf(status)];
    cells.emplace_back(std::to_string(count), count == 0 ? Style::kDim : StyleOf(status));
  }
  cells.emplace_back(Total(counts));
  return cells;
}

std::vector<Column> CountColumns() {
  std::vector<Column> columns{{"SPEC"}};
  for (const WorkUnitStatus status : kWorkUnitStatuses) {
    std::string title(ToText(status));
    for (char& c : title) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    columns.push_back({title, true});
  }
  columns.push_back({"TOTAL", true});
  return columns;
}

StatusCounts SumOf(const std::vector<SpecView>& specs) {
  StatusCounts sum{};
  for (const SpecView& spec : specs) {
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += spec.counts[i];
  }
  return sum;
}

Value ToValue(const std::vector<SpecView>& specs) {
  List list;
  for (const SpecView& spec : specs) {
    Map entry{{"work_spec", spec.name}};
    for (const WorkUnitStatus status : kWorkUnitStatuses) {
      entry.emplace_back(ToText(status), spec.counts[IndexOf(status)]);
    }
    entry.emplace_back("paused", spec.meta.paused);
    list.emplace_back(std::move(entry));
  }
  return list;
}

std::string RenderTable(const std::vector<SpecView>& specs, bool colours) {
  std::vector<Column> columns = CountColumns();
  columns.push_back({""});
  TextTable table(std::move(columns));
  for (const SpecView& spec : specs) {
    std::vector<Cell> cells = CountCells(Readable(spec.name), spec.counts);
    cells.emplace_back(spec.meta.paused ? "paused" : "", Style::kYellow);
    table.AddRow(std::move(cells));
  }
  if (specs.size() > 1) {
    std::vector<Cell> cells = CountCells("total", SumOf(specs));
    cells.emplace_back("");
    table.AddRow(std::move(cells));
  }
  return table.Render(colours);
}

// The table of --watch; in the narrow one the counts are summed up.
std::string RenderProgress(const std::vector<SpecView>& specs, const RateTracker& rates,
                           bool narrow, bool colours) {
  constexpr std::size_t kBarWidth = 20;
  constexpr std::size_t kNarrowBarWidth = 10;
  std::vector<Column> columns = CountColumns();
  if (narrow) columns = {{"SPEC"}, {"DONE", true}, {"FAILED", true}};
  columns.insert(columns.end(), {{"RATE", true}, {"ETA", true}, {"PROGRESS"}});
  TextTable table(std::move(columns));
  for (const SpecView& spec : specs) {
    const double rate = rates.PerSecond(spec.name);
    const std::uint64_t failed = spec.counts[IndexOf(WorkUnitStatus::kFailed)];
    std::vector<Cell> cells = CountCells(Readable(spec.name), spec.counts);
    if (narrow) {
      cells = {Cell(Readable(spec.name)),
               Cell(fmt::format("{}/{}", Done(spec.counts), Total(spec.counts))),
               Cell(std::to_string(failed), failed == 0 ? Style::kDim : Style::kRed)};
    }
    cells.emplace_back(FormatRate(rate));
    cells.emplace_back(spec.meta.paused ? "paused" : Eta(Unfinished(spec.counts), rate));
    cells.emplace_back(
        ProgressBar(Done(spec.counts), Total(spec.counts), narrow ? kNarrowBarWidth : kBarWidth),
        Style::kGreen);
    table.AddRow(std::move(cells));
  }
  return table.Render(colours);
}

std::size_t WidestLine(std::string_view text) {
  std::size_t widest = 0;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    widest = std::max(widest, DisplayWidth(line));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return widest;
}

// One line for each spec, for pipes and log files.
std::string RenderLines(const std::vector<SpecView>& specs, const RateTracker& rates,
                        WallTime now) {
  std::string lines;
  for (const SpecView& spec : specs) {
    const double rate = rates.PerSecond(spec.name);
    lines += FormatInstant(ToUnixSeconds(now)) + " " + Readable(spec.name);
    for (const WorkUnitStatus status : kWorkUnitStatuses) {
      lines += fmt::format(" {}={}", ToText(status), spec.counts[IndexOf(status)]);
    }
    const std::string eta = Eta(Unfinished(spec.counts), rate);
    lines += fmt::format(" rate={}{}\n", FormatRate(rate), eta.empty() ? "" : " eta=" + eta);
  }
  return lines;
}

// Draws over what stood there before, line by line, so that nothing flickers. What the terminal has
// no room for is left out: a line that wraps, or one too many, would move all others.
std::string Redrawn(std::string_view frame, std::size_t rows, bool first) {
  std::string screen = first ? "\x1b[2J\x1b[H" : "\x1b[H";
  screen += "\x1b[?7l";
  std::size_t lines = 1;
  for (const char c : frame) {
    if (c == '\n') screen += "\x1b[K";
    if (c == '\n' && ++lines > rows) break;
    screen += c;
  }
  return screen + "\x1b[?7h\x1b[J";
}

class SummaryCommand final : public Command {
 public:
  std::string_view name() const override { return "summary"; }
  std::string_view summary() const override {
    return "Count the work units of each spec by status";
  }
  std::string_view notes() const override {
    return "With --watch on a terminal the table is redrawn, with rates, an ETA and a progress "
           "bar\n"
           "for each spec; in a pipe there is one line for each spec and look, or with --json one\n"
           "JSON document a line. Ctrl-C ends it.\n"
           "\n"
           "Examples:\n"
           "  coordinate summary\n"
           "  coordinate summary --json | jq '.[] | select(.failed > 0)'\n"
           "  coordinate summary wordcount --watch=5";
  }

  void SetUp(CLI::App& app) override {
    OptionAdder add(app);
    add.Texts({"spec", "SPEC", "Only these work specs"}, specs_);
    add.Flag("--json", json_, "Print JSON: a list of maps");
    watch_given_ =
        add.OptionalText({"--watch", "SECONDS", "Look again every SECONDS (default 2)"}, watch_);
    add.Count({"--times", "COUNT", "With --watch: end after so many looks"}, times_)
        .Needs(watch_given_);
  }

  Result<int> Run(Context& context) override {
    COORD_TRY(pause, ReadPause());
    if (watch_given_.given()) return Watch(context, pause);
    COORD_TRY(specs, Look(context));
    if (json_) {
      context.out() << ToJson(ToValue(specs), JsonStyle::kIndented) << "\n";
    } else {
      context.out() << RenderTable(specs, context.terminals().colours);
    }
    return kExitOk;
  }

 private:
  Result<Duration> ReadPause() const {
    constexpr double kUsualSeconds = 2;
    constexpr double kLeastSeconds = 0.1;
    if (watch_.empty()) return FromSeconds(kUsualSeconds);
    double seconds = 0;
    const char* end = watch_.data() + watch_.size();
    const auto parsed = std::from_chars(watch_.data(), end, seconds);
    if (parsed.ec != std::errc() || parsed.ptr != end || !(seconds >= kLeastSeconds)) {
      return InvalidError("--watch wants seconds, at least 0.1, not \"" + watch_ + "\"");
    }
    return FromSeconds(seconds);
  }

  // Errors: kNoSuchWorkSpec for a spec that was asked for.
  Result<std::vector<SpecView>> Look(Context& context) const {
    COORD_TRY(specs, GetSpecs(context));
    if (specs_.empty()) return std::move(specs);
    std::vector<SpecView> chosen;
    for (const std::string& name : specs_) {
      const auto found = std::find_if(specs.begin(), specs.end(),
                                      [&](const SpecView& spec) { return spec.name == name; });
      if (found == specs.end()) return NoSuchWorkSpecError(Readable(name));
      chosen.push_back(*found);
    }
    return chosen;
  }

  Result<int> Watch(Context& context, Duration pause) {
    RateTracker rates;
    for (std::uint64_t look = 0; times_ == 0 || look < times_; ++look) {
      if (look > 0) context.Pause(pause);
      COORD_TRY(specs, Look(context));
      const WallTime now = context.clock().Now();
      std::vector<SpecCounts> counts;
      for (const SpecView& spec : specs) counts.push_back({spec.name, spec.counts});
      rates.Add(now, std::move(counts));
      context.out() << Frame(context, specs, rates, now, look == 0) << std::flush;
      if (!context.out()) break;  // which main() tells
    }
    return kExitOk;
  }

  std::string Frame(Context& context, const std::vector<SpecView>& specs, const RateTracker& rates,
                    WallTime now, bool first) const {
    if (json_) return ToJson(ToValue(specs), JsonStyle::kCompact) + "\n";
    if (!context.terminals().output) return RenderLines(specs, rates, now);
    const StatusCounts sum = SumOf(specs);
    const std::string head = fmt::format("{}  {} of {} units done\n\n",
                                         FormatInstant(ToUnixSeconds(now)), Done(sum), Total(sum));
    const TerminalSize size = context.OutputSize();
    const bool narrow = WidestLine(RenderProgress(specs, rates, false, false)) > size.columns;
    return Redrawn(head + RenderProgress(specs, rates, narrow, context.terminals().colours),
                   size.rows, first);
  }

  std::vector<std::string> specs_;
  bool json_ = false;
  std::string watch_;
  OptionHandle watch_given_;
  std::uint64_t times_ = 0;
};

}  // namespace

void RegisterSummaryCommands(Registry& registry) {
  registry.Add(std::make_unique<SummaryCommand>());
}

}  // namespace coord

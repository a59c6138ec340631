// SPDX-License-Identifier: MIT
#include "cmd/coordinate/work_display.h"

#include <fmt/format.h>

#include <ostream>

#include "cmd/coordinate/progress.h"
#include "cmd/coordinate/readable.h"

namespace coord {

namespace {

constexpr Duration kDrawInterval = std::chrono::milliseconds(500);

std::string CountsText(const WorkCounts& counts) {
  std::string text = fmt::format("finished {}, failed {}", counts.finished, counts.failed);
  if (counts.retried > 0) text += fmt::format(", retried {}", counts.retried);
  if (counts.given_back > 0) text += fmt::format(", given back {}", counts.given_back);
  if (counts.lost > 0) text += fmt::format(", lost {}", counts.lost);
  return text;
}

}  // namespace

WorkDisplay::WorkDisplay(Context& context, const WorkOptions& options, WallTime begun)
    : context_(context),
      options_(options),
      begun_(begun),
      status_line_(context.terminals().error && !options.quiet) {}

void WorkDisplay::PassError(std::string_view text) {
  if (text.empty() || options_.quiet) return;
  Erase();
  context_.err() << text << std::flush;
  in_line_ = text.back() != '\n';
}

void WorkDisplay::PassOutput(std::string_view text) {
  if (text.empty()) return;
  Erase();
  context_.out() << text << std::flush;
  in_line_ = text.back() != '\n';
}

void WorkDisplay::UnitLine(const std::string& spec, const std::string& key, std::string_view text) {
  if (!options_.verbose) return;
  Warn(Readable(key) + " of " + Readable(spec) + ": " + std::string(text));
}

void WorkDisplay::Warn(std::string_view text) {
  Erase();
  if (in_line_ && status_line_) context_.err() << "\n";
  in_line_ = false;
  context_.Warn(text);
}

void WorkDisplay::Draw(const WorkCounts& counts, std::size_t running, bool connected,
                       WallTime now) {
  if (!status_line_ || now < NextDue()) return;
  const double seconds = std::chrono::duration<double>(now - begun_).count();
  const auto done = static_cast<double>(counts.finished + counts.failed);
  std::string line = fmt::format("running {}/{}, {}", running, options_.slots, CountsText(counts));
  if (seconds > 0) line += "  " + FormatRate(done / seconds);
  if (!connected) line += "  (no connection to the daemon)";
  if (in_line_) context_.err() << "\n";
  in_line_ = false;
  context_.err() << "\r" << line << "\x1b[K" << std::flush;
  drawn_ = true;
  drawn_at_ = now;
}

WallTime WorkDisplay::NextDue() const {
  return status_line_ ? drawn_at_ + kDrawInterval : kMaxTime;
}

void WorkDisplay::Erase() {
  if (drawn_) context_.err() << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

void WorkDisplay::Finish(const WorkCounts& counts) {
  if (status_line_ || options_.verbose) Warn(CountsText(counts));
}

}  // namespace coord

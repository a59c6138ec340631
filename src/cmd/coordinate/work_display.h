// SPDX-License-Identifier: MIT
// What a worker shows: a status line on a terminal, a line per unit where asked for, and what its
// programs write, without one garbling the other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "cmd/coordinate/command.h"
#include "cmd/coordinate/work_options.h"

namespace coord {

// What became of this worker's units.
struct WorkCounts {
  std::uint64_t finished = 0;
  std::uint64_t failed = 0;
  std::uint64_t retried = 0;
  std::uint64_t given_back = 0;
  std::uint64_t lost = 0;  // the lease was lost; what the program did is dropped
};

class WorkDisplay {
 public:
  // Both outlive it. `begun`: the time on the clock whose times Draw() gets.
  WorkDisplay(Context& context, const WorkOptions& options, WallTime begun);

  // Whether the status line and the programs' output are on one terminal, so that the output has to
  // pass through here.
  bool shares_output() const { return status_line_ && context_.terminals().output; }

  // Passes on what a program wrote; nothing with --quiet.
  void PassError(std::string_view text);
  void PassOutput(std::string_view text);
  // With --verbose: one line, "KEY of SPEC: TEXT".
  void UnitLine(const std::string& spec, const std::string& key, std::string_view text);
  // One line that people should see in any case.
  void Warn(std::string_view text);

  // Draws the status line again if it is time; nothing where there is none.
  void Draw(const WorkCounts& counts, std::size_t running, bool connected, WallTime now);
  // When Draw() has something to do next.
  WallTime NextDue() const;
  // Takes the status line away, and, on a terminal or with --verbose, prints the counts.
  void Finish(const WorkCounts& counts);

 private:
  void Erase();

  Context& context_;
  const WorkOptions& options_;
  WallTime begun_;
  bool status_line_;
  bool drawn_ = false;
  bool in_line_ = false;  // a program's last line is not complete
  WallTime drawn_at_ = WallTime{};
};

}  // namespace coord

// SPDX-License-Identifier: MIT
// Sending work units to a daemon: many, fast, and without keeping them in memory.
#pragma once

#include <cstdint>
#include <deque>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "cmd/coordinate/command.h"
#include "cmd/coordinate/unit_reader.h"

namespace coord {

// Units of one add_work_units call.
inline constexpr std::size_t kUnitsPerCall = 1'000;

// Units in one spec, out of one file or given on the command line.
struct UnitLoad {
  std::string work_spec;
  UnitSource source;               // path empty: `units` alone
  std::vector<EncodedUnit> units;  // sent before those of the source
};

// How far the loading of units is, on a terminal; elsewhere quiet but for the final line.
class LoadProgress {
 public:
  // `total`: how many units there will be, 0 where that is not known.
  LoadProgress(Context& context, std::uint64_t total);

  // Shows that the daemon has so many more.
  void Add(std::uint64_t count);
  // Takes the bar away.
  void Erase();
  // Takes the bar away and prints one line with the count and the rate on the context's output.
  void Finish(bool only_new);

  std::uint64_t done() const { return done_; }

 private:
  void Draw(WallTime now);
  double Rate(WallTime now) const;

  Context& context_;
  std::uint64_t total_;
  std::uint64_t done_ = 0;
  WallTime begun_;
  WallTime drawn_ = kNoTime;
};

// Sends units to one spec in batches, a few of them ahead of their answers.
class UnitSender {
 public:
  // All of them outlive the sender.
  UnitSender(RpcClient& client, LoadProgress& progress, std::string work_spec, bool only_new);

  // Takes one more unit. Errors: those of RpcClient, and kNotFound or kInternal for a batch that
  // the daemon refused. The sender is then spent: units of earlier batches have been added, and
  // those of later ones may have been.
  Result<void> Add(EncodedUnit unit);
  // Sends what was taken and waits for all answers. Errors: as Add().
  Result<void> Flush();

 private:
  Result<void> SendBatch();
  Result<void> ReceiveOne();

  RpcClient& client_;
  LoadProgress& progress_;
  std::string work_spec_;
  bool only_new_;
  List batch_;
  std::size_t batch_bytes_ = 0;
  std::deque<std::size_t> unanswered_;  // sizes of the batches sent
};

// How many units a fresh reader will give: nothing where only reading them can tell, because they
// come from a pipe. A file of lines is read to its end by a second reader, so that what is wrong in
// it is found before anything is sent. Errors: those of UnitReader.
Result<std::optional<std::uint64_t>> CountUnits(const UnitReader& reader, const UnitSource& source,
                                                std::istream& standard_input);

// A load whose file, where it has one, is open, and checked as far as that is possible.
struct OpenLoad {
  UnitLoad load;
  std::unique_ptr<UnitReader> reader;  // none: no file
  std::optional<std::uint64_t> count;  // all its units; nothing: not known yet
};

// Opens and checks the loads' files, and sends nothing. Errors: those of UnitReader.
Result<std::vector<OpenLoad>> OpenLoads(std::vector<UnitLoad> loads, std::istream& standard_input);

// Adds all the loads' units, one load after the other, and prints the final line. With `only_new`,
// which the daemon must offer (RequireExtension), units that exist are left as they are.
// Errors: those of UnitReader, for what comes from a pipe, and of RpcClient; kNotFound: no such
// work spec. The text tells how many units had been added before the error, where there were any.
Result<void> SendLoads(Context& context, std::vector<OpenLoad> loads, bool only_new);

}  // namespace coord

// SPDX-License-Identifier: MIT
// The subcommands: each sets up a spec of its own, makes traffic, checks it and reports.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "cmd/coordbench/cycle_traffic.h"
#include "cmd/coordbench/net.h"
#include "cmd/coordbench/report.h"

namespace coord::bench {

// The flags. Each run reads those that its help lists.
struct RunOptions {
  Address address;
  std::uint32_t connections = 1;
  std::uint32_t threads = 1;
  double seconds = 0;  // 0: until all units are done
  std::uint64_t units = 0;
  std::string spec;
  std::string run_id;  // makes worker names unique
  bool keep = false;   // leave the spec where it is
  std::uint64_t payload = 0;
  bool random_order = false;
  bool random_priority = false;
  std::uint32_t batch = 1000;
  std::uint32_t depth = 1;
  std::string method = "now";
  std::uint32_t max_jobs = 1;
  FinishMode finish = FinishMode::kSingle;
  bool refill = false;
  bool prefilled = false;
  bool any_spec = false;
  std::uint64_t limit_completed_count = 0;
  bool verify = false;
  bool side_traffic = false;
  std::uint32_t interval_ms = 100;
  std::uint64_t message_bytes = 0;
  std::uint32_t drip_bytes = 0;
};

// Each returns what it measured. Errors: kUnavailable where the server cannot be reached, kInvalid
// where something was refused, lost or given out twice; the detail says what was seen first.
Result<Report> RunPing(const RunOptions& options);
Result<Report> RunAdd(const RunOptions& options);
Result<Report> RunCycle(const RunOptions& options);
Result<Report> RunDrip(const RunOptions& options);

// --- For the runs themselves ---------------------------------------------------------------------

// The part of `whole` that is number `index`'s of `parts`.
std::uint32_t ShareOf(std::uint32_t whole, std::uint32_t parts, std::uint32_t index);

// Makes the run's spec; DropSpec deletes it, with all its units, unless it is to be kept.
Result<void> MakeSpec(const RunOptions& options);
Result<void> DropSpec(const RunOptions& options);

// Adds options.units units, numbered from 0, over a few connections.
Result<void> Prefill(const RunOptions& options, UnitLedger* ledger);

UnitShape ShapeOf(const RunOptions& options);

// Processor seconds (user and system) that this process has used.
double ProcessorSeconds();

double SecondsBetween(std::uint64_t from_ns, std::uint64_t to_ns);

}  // namespace coord::bench

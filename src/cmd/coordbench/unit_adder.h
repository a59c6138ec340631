// SPDX-License-Identifier: MIT
// add_work_units traffic: filling a spec, measuring that, and keeping it full while others take.
#pragma once

#include <cstdint>
#include <vector>

#include "base/rng.h"
#include "cmd/coordbench/dialogue.h"
#include "cmd/coordbench/ledger.h"
#include "cmd/coordbench/methods.h"

namespace coord::bench {

struct AddOptions {
  UnitShape shape;
  std::uint32_t batch = 1000;
  std::uint32_t depth = 1;         // batches on their way on each connection
  std::uint64_t first_number = 0;  // of the units that are named
  UnitLedger* ledger = nullptr;    // null: none is kept
};

// Adds units until as many are answered as were wanted.
class UnitAdder final : public Dialogue {
 public:
  UnitAdder(EpollLoop& loop, Errors& errors, const AddOptions& options);

  // Raises what is wanted and sends as much of it as the connections' depth allows.
  void Want(std::uint64_t units);
  // With `stop`, the loop is stopped when all that is wanted has been answered.
  void StopWhenDone(bool stop) { stop_when_done_ = stop; }

  std::uint64_t sent() const { return sent_; }
  std::uint64_t added() const { return added_; }
  bool done() const { return added_ == wanted_; }
  const LatencyHistogram& latency() const { return latency_; }

  void OnStart(Connection& connection) override;

 private:
  void OnResult(Connection& connection, CborWalk result) override;
  void Pump(Connection& connection);
  void SendBatch(Connection& connection, std::uint32_t count);

  struct Flight {
    std::uint64_t sent_at;
    std::uint32_t count;
  };

  AddOptions options_;
  Request request_;
  std::size_t name_offset_;
  std::size_t priority_offset_;
  Rng rng_;
  std::uint64_t wanted_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t added_ = 0;
  bool stop_when_done_ = false;
  bool started_ = false;
  std::vector<Flight> flights_;  // depth a connection, used in turn
  std::vector<std::uint32_t> oldest_;
  LatencyHistogram latency_;
};

}  // namespace coord::bench

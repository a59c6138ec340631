// SPDX-License-Identifier: MIT
// Workers: each connection gets work and finishes it by turns.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/coordbench/dialogue.h"
#include "cmd/coordbench/ledger.h"
#include "cmd/coordbench/methods.h"

namespace coord::bench {

// How finished units are reported.
enum class FinishMode : std::uint8_t {
  kSingle,   // one update_work_unit for each, all sent at once where there are several
  kBatched,  // one update_work_units
  kCarried,  // in the `updates` of the next get_work
};

struct CycleOptions {
  std::string spec;
  std::string worker_prefix;
  bool any_spec = false;  // ask without a work spec name
  bool scatter = false;   // how unit names are made; for the ledger
  std::uint32_t max_jobs = 1;
  FinishMode finish = FinishMode::kSingle;
  // With true, a worker that gets nothing asks again at the next Nudge(); else it is done.
  bool retry_when_empty = false;
  UnitLedger* ledger = nullptr;
  // Called with the number of units that an answer brought; may be empty.
  std::function<void(std::uint32_t)> on_leased;
};

class CycleTraffic final : public Dialogue {
 public:
  CycleTraffic(EpollLoop& loop, Errors& errors, CycleOptions options);

  // Workers that got nothing ask again.
  void Nudge();
  // Workers finish what they hold and ask no more.
  void FinishUp() { finish_up_ = true; }
  // Workers go on until there is nothing left.
  void DrainAll() { options_.retry_when_empty = false; }

  std::uint64_t finished() const { return finished_; }
  // When the last unit was finished (see EpollLoop::now); 0 if none was.
  std::uint64_t last_finish_at() const { return last_finish_at_; }
  bool ran_dry() const { return ran_dry_; }
  // True once every worker is done: the loop has been stopped unless `stop_when_done` is false.
  bool done() const { return done_ == workers_.size(); }

  const LatencyHistogram& work_latency() const { return work_latency_; }
  const LatencyHistogram& finish_latency() const { return finish_latency_; }

  void OnStart(Connection& connection) override;

 private:
  enum class Phase : std::uint8_t { kAwaitWork, kAwaitFinish, kIdle, kDone };

  struct Worker {
    std::uint64_t sent_at = 0;
    std::uint32_t answers_due = 0;  // of single updates
    std::uint32_t carried = 0;      // updates in the get_work on its way
    Phase phase = Phase::kIdle;
    std::vector<std::uint64_t> held;  // unit numbers; filled for the ledger only
  };

  void OnResult(Connection& connection, CborWalk result) override;
  void OnWork(Connection& connection, Worker& worker, CborWalk result);
  void OnFinish(Connection& connection, Worker& worker, CborWalk result);
  void TakeFinished(Connection& connection, Worker& worker, CborWalk pair);
  bool ReadWork(CborWalk& work);
  void NoteLeased(Connection& connection, Worker& worker);
  void NoteFinished(Connection& connection, Worker& worker, std::uint32_t count);
  void AskForWork(Connection& connection, Worker& worker);
  void SendFinished(Connection& connection, Worker& worker);
  void SendSingles(Connection& connection);
  void WorkerDone(Worker& worker);

  CycleOptions options_;
  Request get_work_;
  Request finish_unit_;
  Request finish_units_;
  std::size_t worker_offset_;
  std::size_t carried_offset_;
  std::size_t single_offset_;
  std::size_t batched_offset_;
  std::vector<Worker> workers_;
  std::vector<std::string_view> keys_;  // of the answer being handled
  std::string burst_;                   // several updates for one send
  bool finish_up_ = false;
  bool ran_dry_ = false;
  std::size_t idle_ = 0;
  std::size_t done_ = 0;
  std::uint64_t finished_ = 0;
  std::uint64_t last_finish_at_ = 0;
  LatencyHistogram work_latency_;
  LatencyHistogram finish_latency_;
};

}  // namespace coord::bench

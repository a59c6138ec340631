// SPDX-License-Identifier: MIT
// The Dispatcher: runs batches on a store and looks after those who wait for work.
//
// It sits between the protocols and the store and lives on one thread, the engine's loop. Protocols
// hand it batches; it hands them to the store, serves the waiting requests in arrival order at the
// end of each batch, arms one timer for the store's next due time, and gives the store idle time
// for its background steps.
#pragma once

#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "domain/store.h"
#include "net/event_loop.h"

namespace coord {

// But for `waiting`, all of it counts only while the dispatcher keeps statistics.
struct DispatcherStats {
  std::uint64_t batches = 0;
  std::uint64_t commands = 0;
  std::uint64_t waiting = 0;  // requests that wait for work now
  Histogram batch_commands;   // of batches that protocols handed in
  Histogram store_micros;     // that the store took for them, until all had their outcomes
};

class Dispatcher final : public StoreListener {
 public:
  // `loop`, `clock` and `store` outlive the dispatcher. `clock` is the store's.
  Dispatcher(EventLoop& loop, Clock& clock, Store& store, bool keeps_stats = true);
  ~Dispatcher() override;

  // A batch to fill: a used one where there is one. Any thread.
  std::unique_ptr<Batch> NewBatch();

  // Runs a batch; `now` is the time, where the caller has just looked at the clock. The sinks get
  // their outcomes in order, from within this call or later, on this thread. A RequestWork with a
  // `wait` that finds no work is kept, with copies of what it borrows, until there is some, the
  // time is up, Cancel() or Shutdown(). Loop thread only.
  void Submit(std::unique_ptr<Batch> batch, WallTime now = kNoTime);

  // True if a request waits, so that nothing that it borrowed is needed any more. Loop thread only.
  bool Waits(const OutcomeSink* sink, std::uint64_t token) const;

  // Forgets a waiting request and returns true; its sink is not called any more. If it is with the
  // store just now, returns false, and it is answered as soon as the store has: it does not wait.
  // Loop thread only.
  bool Cancel(const OutcomeSink* sink, std::uint64_t token);

  // Applies what fell due, serves those who wait, and answers those whose time is up. Called by the
  // dispatcher's own timer; a clock that is moved by hand calls it too. Loop thread only.
  void Poll();

  // Answers all who wait with what they would have got at the end of their time, and from now on
  // does not let anybody wait. Loop thread only.
  void Shutdown();

  DispatcherStats stats() const;
  // Whether it and the servers in front of it keep statistics. Any thread.
  bool keeps_stats() const { return keeps_stats_; }
  // When the last batch that Submit() took was done, as far as statistics are kept; a moment ago,
  // if that was within the last Submit(). Saves a look at the clock. Loop thread only.
  WallTime last_done() const;

  // The store's clock. Loop thread only.
  Clock& clock() const { return clock_; }

  void OnBatchDone(std::unique_ptr<Batch> batch) override;
  void OnPollWanted() override;
  void OnSettleWanted() override;

 private:
  class Impl;
  Clock& clock_;
  const bool keeps_stats_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace coord

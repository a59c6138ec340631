// SPDX-License-Identifier: MIT
// The interface that every store implements: batches of commands in, outcomes out.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "domain/command.h"
#include "domain/outcome.h"

namespace coord {

// Who wants to know how a command ended.
class OutcomeSink {
 public:
  virtual ~OutcomeSink() = default;
  // Called exactly once for each submitted command, on the thread that submits. The outcome and
  // all that it views are valid only during the call. Must not call the store.
  virtual void OnOutcome(std::uint64_t token, const Outcome& outcome) = 0;
};

// One command on its way to a store.
struct Submission {
  Command command;
  std::string_view name_space;
  OutcomeSink* sink = nullptr;  // outlives the outcome
  std::uint64_t token = 0;      // handed back to the sink
  // For RequestWork: how long the answer may be held back where there is no work. The Dispatcher
  // sees to it; stores ignore it.
  Duration wait{0};
};

// Commands that are executed together, and the memory that they borrow from.
struct Batch {
  std::vector<Submission> submissions;
  Arena arena;
  WallTime submitted = kNoTime;  // for the dispatcher

  void Clear() {
    submissions.clear();
    submitted = kNoTime;
    arena.Reset();
  }
};

// A spec that may give work now, for those who wait. Views are valid during the call.
struct WorkAvailable {
  std::string_view name_space;
  std::string_view spec;
  const WorkSpecMeta* meta = nullptr;
  std::uint64_t units = 0;  // how many may be had, at most
};

// What a store tells whoever runs it. Never called from within OnOutcome.
class StoreListener {
 public:
  virtual ~StoreListener() = default;
  // Every outcome of the batch that is not of a long command has been delivered, in the order of
  // the submissions; its memory may be used again. Called on the submitting thread.
  virtual void OnBatchDone(std::unique_ptr<Batch> batch) = 0;
  // Asks that Store::Poll() be called soon, on the submitting thread. Called on any thread.
  virtual void OnPollWanted() = 0;
  // Asks that Store::Settle() be called when nothing else is to be submitted just now; it may be
  // called at once. Called on the submitting thread, from within a function of the store.
  virtual void OnSettleWanted() = 0;
};

struct StoreOptions {
  RetentionLimits retention;  // where a definition sets none
  std::uint64_t seed = 0;     // of the scheduler's generator
  bool keeps_stats = true;    // false: StoreStats stay as they are
};

// What a store has done since it was opened. What was taken back, because it could not be written,
// stays counted.
struct StoreStats {
  bool kept = true;  // false: the functions do nothing
  std::uint64_t attempts_started = 0;
  std::array<std::uint64_t, kAttemptStatuses.size()> attempts_ended{};  // by IndexOf(status)
  std::uint64_t attempts_lapsed = 0;  // their time ran out; some of them end otherwise yet
  Histogram finish_micros;            // from the start of attempts that finished to their end

  void NoteStarted() { attempts_started += kept ? 1 : 0; }
  void NoteLapsed(std::uint64_t attempts = 1) { attempts_lapsed += kept ? attempts : 0; }
  // An attempt has ended as `status`, so long after its start.
  void NoteEnded(AttemptStatus status, Duration after) {
    if (!kept) return;
    ++attempts_ended[IndexOf(status)];
    if (status == AttemptStatus::kFinished) {
      finish_micros.Add(static_cast<std::uint64_t>(after.count()));
    }
  }
  // Adds what another one has counted, which begins anew.
  void TakeOver(StoreStats& other) {
    attempts_started += other.attempts_started;
    for (std::size_t i = 0; i < attempts_ended.size(); ++i) {
      attempts_ended[i] += other.attempts_ended[i];
    }
    attempts_lapsed += other.attempts_lapsed;
    finish_micros.Add(other.finish_micros);
    const bool other_kept = other.kept;
    other = StoreStats();
    other.kept = other_kept;
  }
};

// A store. All calls come from one thread. Commands of one sink take effect in order; each is
// atomic; `now` is read once a batch and never goes back. An outcome is delivered only when what it
// tells is durable, as far as the store is durable at all.
class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  // The name that --backend and server_info use, for example "memory".
  virtual std::string_view name() const = 0;

  // Must be called before the first Submit(), and with nullptr, after a Flush(), before the
  // listener is gone; nothing is submitted from then on.
  virtual void SetListener(StoreListener* listener) = 0;

  // Takes a batch. Outcomes may be delivered before this returns, or later from Step() or Poll().
  virtual void Submit(std::unique_ptr<Batch> batch) = 0;

  // Delivers the outcomes of what has become durable meanwhile.
  virtual void Poll() = 0;

  // Nothing else is to be submitted just now: what was submitted need not wait any longer for more
  // to share a transaction with.
  virtual void Settle() {}

  // Waits until nothing that was submitted is under way, and delivers the outcomes. Returns true if
  // there was anything to wait for.
  virtual bool Flush() = 0;

  // Does a bounded piece (a few milliseconds at most) of the work that no command waits for or that
  // a long command has left: retention, forgetting, freeing, the next slice. Returns true if there
  // is more to do now.
  virtual bool Step() = 0;

  // False while changes are refused because the storage does not answer.
  virtual bool available() const { return true; }

  // Valid while the store is; nullptr: it does not count.
  virtual const StoreStats* stats() const { return nullptr; }

  // When something will happen by the clock alone (a lease ends, a delay passes, a continuous unit
  // may start, retention is due), or kNoTime. May be early, never late.
  virtual WallTime NextDue() = 0;

  // Calls `visit` for each spec that got work to give since the last call, for whatever reason;
  // one that has nothing any more is left out. Where `visit` returns true the next call tells of
  // the spec again, if it still has work then. What fell due by now is applied first, or, by a
  // store that has to ask a database, with the next Step(), after which it wants to be polled.
  virtual void VisitAvailable(const std::function<bool(const WorkAvailable&)>& visit) = 0;
};

}  // namespace coord

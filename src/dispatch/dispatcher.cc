// SPDX-License-Identifier: MIT
#include "dispatch/dispatcher.h"

#include <algorithm>
#include <mutex>
#include <set>
#include <vector>

#include "dispatch/waiters.h"

namespace coord {

namespace {
// The timer counts nanoseconds, in which a time of centuries does not fit, and it does not notice
// where the clock is set forward.
constexpr Duration kLongestSleep = std::chrono::minutes(1);
}  // namespace

class Dispatcher::Impl final : public OutcomeSink {
 public:
  Impl(EventLoop& loop, Clock& clock, Store& store, StoreListener* listener)
      : loop_(loop), clock_(clock), store_(store), timer_(loop) {
    store_.SetListener(listener);
  }

  std::unique_ptr<Batch> NewBatch() {
    const std::lock_guard lock(spare_mutex_);
    if (spare_.empty()) return std::make_unique<Batch>();
    std::unique_ptr<Batch> batch = std::move(spare_.back());
    spare_.pop_back();
    return batch;
  }

  void Submit(std::unique_ptr<Batch> batch) {
    if (!shut_down_) {
      for (Submission& submission : batch->submissions) InterceptWaiting(submission);
    }
    ++stats_.batches;
    stats_.commands += batch->submissions.size();
    store_.Submit(std::move(batch));
  }

  void BatchDone(std::unique_ptr<Batch> batch) {
    may_wait_.clear();
    batch->Clear();
    {
      const std::lock_guard lock(spare_mutex_);
      spare_.push_back(std::move(batch));
    }
    if (!serving_) Attend();
  }

  bool Waits(const OutcomeSink* sink, std::uint64_t token) const { return line_.Has(sink, token); }
  bool Cancel(const OutcomeSink* sink, std::uint64_t token) { return line_.Cancel(sink, token); }

  void Poll() {
    ServeWaiters();
    const WallTime now = clock_.Now();
    for (std::uint64_t past = line_.FirstPast(now); past != 0; past = line_.FirstPast(now)) {
      line_.Take(past)->Answer(WorkReply{});
    }
    Attend();
  }

  void Shutdown() {
    shut_down_ = true;
    while (const std::uint64_t first = line_.First()) line_.Take(first)->Answer(WorkReply{});
    timer_.Cancel();
  }

  DispatcherStats stats() const {
    DispatcherStats stats = stats_;
    stats.waiting = line_.size();
    return stats;
  }

  // The outcome of a request that may wait, or of a waiter's new try.
  void OnOutcome(std::uint64_t token, const Outcome& outcome) override {
    const auto* work = std::get_if<WorkReply>(&outcome);
    const bool no_work = work != nullptr && work->units.empty();
    if (serving_) {
      // The token is the waiter's number; without work it goes on waiting in its place.
      if (!no_work) line_.Take(token)->Answer(outcome);
      return;
    }
    const Submission& submission = may_wait_[token];
    if (no_work) {
      line_.Add(
          std::make_unique<Waiter>(submission, *work, AddTime(clock_.Now(), submission.wait)));
    } else {
      submission.sink->OnOutcome(submission.token, outcome);
    }
  }

 private:
  // Lets the outcome of a request that may wait come here first.
  void InterceptWaiting(Submission& submission) {
    if (submission.wait <= Duration(0) ||
        !std::holds_alternative<RequestWork>(submission.command)) {
      return;
    }
    may_wait_.push_back(submission);
    submission.sink = this;
    submission.token = may_wait_.size() - 1;
  }

  void ServeWaiters() {
    while (line_.size() > 0 && !shut_down_) {
      std::set<std::uint64_t> chosen;
      // Who was chosen for one spec may be given work of another: those that had takers are looked
      // at again, until nobody can use what is left.
      store_.VisitAvailable([&](const WorkAvailable& work) { return line_.Choose(work, chosen); });
      if (chosen.empty()) return;
      std::unique_ptr<Batch> batch = NewBatch();
      for (const std::uint64_t number : chosen) {
        const Waiter& waiter = line_.Get(number);
        batch->submissions.push_back({waiter.request(), waiter.name_space(), this, number});
      }
      serving_ = true;
      store_.Submit(std::move(batch));
      serving_ = false;
    }
  }

  void Attend() {
    ServeWaiters();
    StepOnce();
    // The step applied what fell due in between, of which NextDue() does not tell any more.
    ServeWaiters();
    ArmTimer();
  }

  void StepOnce() {
    if (step_posted_ || !store_.Step()) return;
    step_posted_ = true;
    loop_.Post([this] {
      step_posted_ = false;
      Attend();
    });
  }

  void ArmTimer() {
    WallTime due = store_.NextDue();
    const WallTime deadline = line_.NextDeadline();
    if (deadline != kNoTime && (due == kNoTime || deadline < due)) due = deadline;
    // A timer that fires too early is harmless, so it is only ever moved forward.
    if (shut_down_ || due == kNoTime || (armed_ != kNoTime && armed_ <= due)) return;
    armed_ = due;
    timer_.Start(std::clamp(due - clock_.Now(), Duration(0), kLongestSleep), [this] {
      armed_ = kNoTime;
      Poll();
    });
  }

  EventLoop& loop_;
  Clock& clock_;
  Store& store_;
  Timer timer_;
  WallTime armed_ = kNoTime;
  bool step_posted_ = false;
  bool serving_ = false;  // the batch in the store is one of new tries for waiters
  bool shut_down_ = false;
  WaitingLine line_;
  std::vector<Submission> may_wait_;  // of the batch in the store; borrow from it
  DispatcherStats stats_;

  std::mutex spare_mutex_;
  std::vector<std::unique_ptr<Batch>> spare_;
};

Dispatcher::Dispatcher(EventLoop& loop, Clock& clock, Store& store)
    : impl_(std::make_unique<Impl>(loop, clock, store, this)) {}

Dispatcher::~Dispatcher() = default;

std::unique_ptr<Batch> Dispatcher::NewBatch() { return impl_->NewBatch(); }
void Dispatcher::Submit(std::unique_ptr<Batch> batch) { impl_->Submit(std::move(batch)); }
bool Dispatcher::Waits(const OutcomeSink* sink, std::uint64_t token) const {
  return impl_->Waits(sink, token);
}
bool Dispatcher::Cancel(const OutcomeSink* sink, std::uint64_t token) {
  return impl_->Cancel(sink, token);
}
void Dispatcher::Poll() { impl_->Poll(); }
void Dispatcher::Shutdown() { impl_->Shutdown(); }
DispatcherStats Dispatcher::stats() const { return impl_->stats(); }
void Dispatcher::OnBatchDone(std::unique_ptr<Batch> batch) { impl_->BatchDone(std::move(batch)); }

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "dispatch/dispatcher.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "dispatch/waiters.h"

namespace coord {

namespace {
// The timer counts nanoseconds, in which a time of centuries does not fit, and it does not notice
// where the clock is set forward.
constexpr Duration kLongestSleep = std::chrono::minutes(1);

// As many batches are kept to be used again. A store that stands still for a moment has hundreds
// under way, whose memory is given back.
constexpr std::size_t kSpareBatchesMax = 16;
}  // namespace

class Dispatcher::Impl {
 public:
  Impl(EventLoop& loop, Clock& clock, Store& store, bool keeps_stats)
      : loop_(loop), clock_(clock), store_(store), keeps_stats_(keeps_stats), timer_(loop) {}

  void Listen(StoreListener* listener) { store_.SetListener(listener); }

  std::unique_ptr<Batch> NewBatch() {
    const std::lock_guard lock(spare_mutex_);
    if (spare_.empty()) return std::make_unique<Batch>();
    std::unique_ptr<Batch> batch = std::move(spare_.back());
    spare_.pop_back();
    return batch;
  }

  void Submit(std::unique_ptr<Batch> batch, WallTime now) {
    if (!shut_down_) {
      for (Submission& submission : batch->submissions) InterceptWaiting(submission);
    }
    if (keeps_stats_) {
      ++stats_.batches;
      stats_.commands += batch->submissions.size();
      stats_.batch_commands.Add(batch->submissions.size());
      batch->submitted = now != kNoTime ? now : clock_.Now();
    }
    store_.Submit(std::move(batch));
    Attend();
  }

  void BatchDone(std::unique_ptr<Batch> batch) {
    if (batch->submitted != kNoTime) {
      last_done_ = clock_.Now();
      const Duration took = last_done_ - batch->submitted;
      stats_.store_micros.Add(static_cast<std::uint64_t>(took.count()));
    }
    batch->Clear();
    const std::lock_guard lock(spare_mutex_);
    if (spare_.size() < kSpareBatchesMax) spare_.push_back(std::move(batch));
  }

  void PollWanted() {
    if (poll_posted_.exchange(true)) return;
    loop_.Post([this] {
      poll_posted_ = false;
      store_.Poll();
      Attend();
    });
  }

  void SettleWanted() {
    if (std::exchange(settle_wanted_, true)) return;
    loop_.WhenIdle([this] {
      settle_wanted_ = false;
      store_.Settle();
    });
  }

  bool Waits(const OutcomeSink* sink, std::uint64_t token) const {
    return line_.Has(sink, token) ||
           std::any_of(retries_.begin(), retries_.end(), [&](const auto& retry) {
             return retry.second.sink() == sink && retry.second.token() == token;
           });
  }

  bool Cancel(const OutcomeSink* sink, std::uint64_t token) {
    if (line_.Cancel(sink, token)) return true;
    const auto cancel = [&](auto& tries) {
      for (auto& [number, attempted] : tries) {
        if (attempted.sink() == sink && attempted.token() == token) attempted.cancelled = true;
      }
    };
    cancel(first_tries_);
    cancel(retries_);
    return false;
  }

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

  WallTime last_done() const { return last_done_; }

  DispatcherStats stats() const {
    DispatcherStats stats = stats_;
    stats.waiting = line_.size() + retries_.size();
    return stats;
  }

 private:
  // Lets outcomes come to a function of this class.
  class Relay final : public OutcomeSink {
   public:
    using Handler = void (Impl::*)(std::uint64_t, const Outcome&);
    Relay(Impl& owner, Handler handler) : owner_(owner), handler_(handler) {}
    void OnOutcome(std::uint64_t token, const Outcome& outcome) override {
      (owner_.*handler_)(token, outcome);
    }

   private:
    Impl& owner_;
    Handler handler_;
  };

  // A request that may wait and is with the store for the first time. Borrows from its batch.
  struct FirstTry {
    Submission submission;
    std::uint64_t reports = 0;  // what reports_ was when it went to the store
    bool cancelled = false;
    const OutcomeSink* sink() const { return submission.sink; }
    std::uint64_t token() const { return submission.token; }
  };
  // A waiter that is with the store again.
  struct Retry {
    std::unique_ptr<Waiter> waiter;
    std::uint64_t reports = 0;
    bool cancelled = false;
    const OutcomeSink* sink() const { return waiter->sink(); }
    std::uint64_t token() const { return waiter->token(); }
  };

  static bool FoundNothing(const Outcome& outcome) {
    const auto* work = std::get_if<WorkReply>(&outcome);
    return work != nullptr && work->units.empty();
  }

  // Lets the outcome of a request that may wait come here first.
  void InterceptWaiting(Submission& submission) {
    if (submission.wait <= Duration(0) ||
        !std::holds_alternative<RequestWork>(submission.command)) {
      return;
    }
    const std::uint64_t number = ++last_first_try_;
    first_tries_.emplace(number, FirstTry{submission, reports_});
    submission.sink = &first_try_relay_;
    submission.token = number;
  }

  void OnFirstTry(std::uint64_t number, const Outcome& outcome) {
    const FirstTry first = first_tries_.extract(number).mapped();
    if (!FoundNothing(outcome) || first.cancelled || shut_down_) {
      first.submission.sink->OnOutcome(first.submission.token, outcome);
      return;
    }
    const WallTime deadline = AddTime(clock_.Now(), first.submission.wait);
    const std::uint64_t waiting = line_.Add(
        std::make_unique<Waiter>(first.submission, std::get<WorkReply>(outcome), deadline));
    if (first.reports != reports_) missed_.push_back(waiting);
  }

  void OnRetry(std::uint64_t number, const Outcome& outcome) {
    Retry retry = std::move(retries_.extract(number).mapped());
    const bool over = retry.cancelled || shut_down_ || retry.waiter->deadline() <= clock_.Now();
    if (!FoundNothing(outcome) || over) {
      retry.waiter->Answer(outcome);
      return;
    }
    line_.PutBack(number, std::move(retry.waiter));
    if (retry.reports != reports_) missed_.push_back(number);
  }

  void Attend() {
    ServeWaiters();
    StepOnce();
    // The step applied what fell due in between, of which NextDue() does not tell any more.
    ServeWaiters();
    ArmTimer();
  }

  // Sends those to the store again who could use what it has got to give, and those who were with
  // it when it told of that, and so were passed over.
  void ServeWaiters() {
    while (line_.size() > 0 && !shut_down_) {
      std::set<std::uint64_t> chosen(missed_.begin(), missed_.end());
      missed_.clear();
      // Who was chosen for one spec may be given work of another: those that had takers are looked
      // at again, until nobody can use what is left.
      store_.VisitAvailable([&](const WorkAvailable& work) {
        ++reports_;
        return line_.Choose(work, chosen);
      });
      if (chosen.empty()) return;
      std::unique_ptr<Batch> batch = NewBatch();
      for (const std::uint64_t number : chosen) {
        std::unique_ptr<Waiter> waiter = line_.Take(number);
        if (waiter == nullptr) continue;
        batch->submissions.push_back(
            {waiter->request(), waiter->name_space(), &retry_relay_, number});
        retries_.emplace(number, Retry{std::move(waiter), reports_});
      }
      store_.Submit(std::move(batch));
    }
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
    Earlier(due, line_.NextDeadline());
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
  const bool keeps_stats_;
  Timer timer_;
  WallTime armed_ = kNoTime;
  bool step_posted_ = false;
  std::atomic<bool> poll_posted_ = false;
  bool settle_wanted_ = false;
  bool shut_down_ = false;

  Relay first_try_relay_{*this, &Impl::OnFirstTry};
  Relay retry_relay_{*this, &Impl::OnRetry};
  std::uint64_t last_first_try_ = 0;
  std::map<std::uint64_t, FirstTry> first_tries_;
  WaitingLine line_;
  std::map<std::uint64_t, Retry> retries_;  // by the number in the line
  std::uint64_t reports_ = 0;               // specs that the store has told of
  std::vector<std::uint64_t> missed_;       // in the line, and passed over by a report
  DispatcherStats stats_;
  WallTime last_done_ = kNoTime;

  std::mutex spare_mutex_;
  std::vector<std::unique_ptr<Batch>> spare_;
};

Dispatcher::Dispatcher(EventLoop& loop, Clock& clock, Store& store, bool keeps_stats)
    : clock_(clock),
      keeps_stats_(keeps_stats),
      impl_(std::make_unique<Impl>(loop, clock, store, keeps_stats)) {
  // Not before: the store may call on another thread at once.
  impl_->Listen(this);
}

Dispatcher::~Dispatcher() { impl_->Listen(nullptr); }

std::unique_ptr<Batch> Dispatcher::NewBatch() { return impl_->NewBatch(); }
void Dispatcher::Submit(std::unique_ptr<Batch> batch, WallTime now) {
  impl_->Submit(std::move(batch), now);
}
bool Dispatcher::Waits(const OutcomeSink* sink, std::uint64_t token) const {
  return impl_->Waits(sink, token);
}
bool Dispatcher::Cancel(const OutcomeSink* sink, std::uint64_t token) {
  return impl_->Cancel(sink, token);
}
void Dispatcher::Poll() { impl_->Poll(); }
void Dispatcher::Shutdown() { impl_->Shutdown(); }
WallTime Dispatcher::last_done() const { return impl_->last_done(); }
DispatcherStats Dispatcher::stats() const { return impl_->stats(); }
void Dispatcher::OnBatchDone(std::unique_ptr<Batch> batch) { impl_->BatchDone(std::move(batch)); }
void Dispatcher::OnPollWanted() { impl_->PollWanted(); }
void Dispatcher::OnSettleWanted() { impl_->SettleWanted(); }

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "stores/postgres/postgres_store.h"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/errand_thread.h"
#include "base/fail_point.h"
#include "stores/postgres/database_clock.h"
#include "stores/postgres/gather_policy.h"
#include "stores/postgres/gathering.h"
#include "stores/postgres/session_pair.h"
#include "stores/postgres/wakeups.h"

namespace coord {

namespace {

// What one transaction takes at most.
constexpr std::size_t kCommandsMax = 4'096;
// With more units to take than all daemons take at once, nobody waits who does not know of them.
constexpr std::uint64_t kFewUnits = 10'000;

bool HasPassed(WallTime time, WallTime now) { return time != kNoTime && time <= now; }

// A job on its way to the session's thread and back.
struct Errand {
  PgJob job;
  std::vector<std::unique_ptr<Batch>> batches;  // what the submissions borrow from
  Gathering gathering;                          // while it is open, the job grows
  bool gathers = false;                         // it was open
  PgJobResult result;

  void Add(std::unique_ptr<Batch> batch) {
    job.submissions.insert(job.submissions.end(), batch->submissions.begin(),
                           batch->submissions.end());
    batches.push_back(std::move(batch));
  }
};

class PostgresStore final : public Store {
 public:
  PostgresStore(Clock& clock, PostgresOptions options, std::unique_ptr<PgSessionPair> sessions)
      : clock_(clock, options.database_time ? sessions->clock_offset() : nullptr),
        options_(std::move(options)) {
    sessions_ = std::move(sessions);
    const auto run = [this](Errand& errand) {
      errand.gathering.Close();
      sessions_->Run(errand.job, errand.result);
    };
    thread_ = std::make_unique<ErrandThread<Errand>>(run, [this] {
      if (listener_ != nullptr) listener_->OnPollWanted();
    });
  }

  ~PostgresStore() override {
    wakeups_.reset();
    Flush();
    sessions_->Close(clock_.Now());
  }

  std::string_view name() const override { return "postgres"; }

  void SetListener(StoreListener* listener) override {
    wakeups_.reset();
    listener_ = listener;
    if (listener == nullptr) return;
    wakeups_ = std::make_unique<PgWakeups>(options_.conninfo, [this](const PgNews& news) {
      {
        const std::lock_guard lock(heard_mutex_);
        heard_.Merge(news);
      }
      // Where to look for units matters only when somebody asks for some.
      if (news.work) listener_->OnPollWanted();
    });
  }

  void Submit(std::unique_ptr<Batch> batch) override {
    COORD_CHECK(listener_ != nullptr);
    queued_commands_ += batch->submissions.size();
    queue_.push_back(std::move(batch));
    GoOn();
  }

  void Poll() override {
    if (auto errand = thread_->Take()) OnDone(std::move(errand));
    GoOn();
  }

  bool Flush() override {
    bool waited = false;
    for (GoOn(); thread_->busy(); waited = true) {
      OnDone(thread_->Await());
      GoOn();
    }
    return waited;
  }

  // Only starts what the session then does; that it has been done is told by OnPollWanted().
  bool Step() override {
    const WallTime now = clock_.Now();
    if (HasPassed(due_.workers, now)) tidy_ = true;
    for (const auto& [key, spec] : specs_) {
      if (HasPassed(spec.news.retention_due, now)) tidy_ = true;
    }
    if (!knows_all_) look_around_ = true;
    if (HasPassed(due_.units, now) || tidy_ || !long_commands_.empty()) step_wanted_ = true;
    GoOn();
    return false;
  }

  const StoreStats* stats() const override { return &stats_; }

  bool available() const override { return !unavailable_; }

  WallTime NextDue() override {
    // At first it has to be asked for; what is under way tells when it is done.
    if (!knows_all_) return thread_->busy() ? kNoTime : clock_.ToLocal(clock_.Now());
    WallTime due = due_.units;
    Earlier(due, due_.workers);
    for (const auto& [key, spec] : specs_) {
      if (spec.news.retention_due > last_now_) Earlier(due, spec.news.retention_due);
      const WorkSpecMeta& meta = spec.news.meta;
      const bool idle = spec.news.load.available == 0 && spec.news.load.pending == 0;
      if (meta.continuous && idle && meta.next_continuous > last_now_) {
        Earlier(due, meta.next_continuous);
      }
    }
    return clock_.ToLocal(due);
  }

  void VisitAvailable(const std::function<bool(const WorkAvailable&)>& visit) override {
    const WallTime now = clock_.Now();
    for (auto& [key, spec] : specs_) {
      const WorkSpecMeta& meta = spec.news.meta;
      const WallTime next = meta.next_continuous;
      if (meta.continuous && next > last_visit_ && next <= now) spec.noted = true;
      if (!spec.noted) continue;
      const SpecLoad& load = spec.news.load;
      spec.noted = CanGiveWork(meta, load, now);
      if (!spec.noted) continue;
      spec.noted = visit({key.first, key.second, &meta, UnitsToOffer(meta, load)});
    }
    last_visit_ = now;
  }

 private:
  struct KnownSpec {
    SpecNews news;
    bool noted = false;  // may have got work to give
  };

  // Takes what other daemons have told.
  void Listen() {
    PgNews heard;
    {
      const std::lock_guard lock(heard_mutex_);
      std::swap(heard, heard_);
    }
    if (heard.work) look_around_ = true;
    MergeSetBacks(set_backs_, heard.set_backs);
  }

  // Sends all that has gathered to the session, unless it has begun with something else.
  void GoOn() {
    if (thread_->busy()) return Join();
    Listen();
    const bool step = std::exchange(step_wanted_, false);
    const bool look_around = std::exchange(look_around_, false);
    if (queue_.empty() && !step && !look_around) return;
    auto errand = std::make_unique<Errand>();
    errand->job.look_around = look_around;
    errand->job.set_backs = std::exchange(set_backs_, {});
    errand->job.may_divide = knows_all_ && !IsAnyLimited();
    errand->job.now = clock_.Now();
    last_now_ = errand->job.now;
    FillFromQueue(*errand);
    if (step && !long_commands_.empty()) {
      errand->job.long_command = std::move(long_commands_.front());
      long_commands_.pop_front();
    }
    // Those who wait for an answer come first.
    errand->job.tidy = step && tidy_ && errand->batches.empty() && !errand->job.long_command;
    if (errand->job.tidy) tidy_ = false;
    const GatherPolicy::Plan plan = gather_policy_.Next(last_now_, errand->job.submissions.size());
    if (plan.patience > Duration(0)) {
      errand->gathering.Open(std::min(plan.commands, kCommandsMax), plan.patience);
      errand->gathers = true;
      gathering_ = errand.get();
    }
    thread_->Start(std::move(errand));
  }

  // Those who ask for work of a spec that limits how much runs must take turns anyway.
  bool IsAnyLimited() const {
    return std::any_of(specs_.begin(), specs_.end(), [](const auto& known) {
      const WorkSpecMeta& meta = known.second.news.meta;
      return meta.max_running > 0 || meta.continuous;
    });
  }

  void FillFromQueue(Errand& errand) {
    while (!queue_.empty() && errand.job.submissions.size() < kCommandsMax) {
      queued_commands_ -= queue_.front()->submissions.size();
      errand.Add(std::move(queue_.front()));
      queue_.pop_front();
    }
  }

  // Adds all that has gathered to what the session has not begun yet.
  void Join() {
    if (gathering_ == nullptr || queue_.empty()) return;
    Errand& errand = *gathering_;
    const bool open = errand.gathering.Add([&] {
      FillFromQueue(errand);
      errand.job.now = last_now_ = clock_.Now();
      return errand.job.submissions.size();
    });
    if (!open) gathering_ = nullptr;
  }

  void OnDone(std::unique_ptr<Errand> errand) {
    PgJobResult& result = errand->result;
    const std::size_t commands = errand->job.submissions.size();
    if (errand->gathers) gather_policy_.NoteGathered(commands);
    gathering_ = nullptr;
    unavailable_ = result.unavailable;
    stats_ = result.stats;
    for (const PgJobResult::Answer& answer : result.answers) {
      answer.sink->OnOutcome(answer.token, answer.outcome);
    }
    HitFailPoint("postgres.answered");
    const WallTime now = clock_.Now();
    gather_policy_.NoteAnswered(now, commands, now - errand->job.now, queued_commands_);
    for (auto& batch : errand->batches) listener_->OnBatchDone(std::move(batch));
    for (PgLongUnderWay& rest : result.unfinished) long_commands_.push_back(std::move(rest));
    if (result.unavailable) return;
    if (errand->job.look_around) {
      specs_.clear();
      knows_all_ = true;
    }
    for (SpecNews& news : result.news) TakeNews(std::move(news));
    due_ = result.due;
    if (tell_.work || !result.to_tell.empty()) {
      tell_.set_backs = std::move(result.to_tell);
      wakeups_->Tell(std::exchange(tell_, {}));
    }
    if (result.more_to_tidy) tidy_ = true;
  }

  void TakeNews(SpecNews news) {
    if (news.retention_due != kNoTime && news.retention_due <= last_now_) tidy_ = true;
    const bool few = news.load.available <= kFewUnits;
    if (news.changed && few && CanGiveWork(news.meta, news.load, last_now_)) tell_.work = true;
    std::pair key(news.name_space, news.spec);
    specs_[std::move(key)] = {std::move(news), /*noted=*/true};
  }

  DatabaseClock clock_;
  const PostgresOptions options_;
  StoreListener* listener_ = nullptr;
  std::deque<std::unique_ptr<Batch>> queue_;
  std::size_t queued_commands_ = 0;
  GatherPolicy gather_policy_;
  Errand* gathering_ = nullptr;  // what the session has and may not have begun
  std::deque<PgLongUnderWay> long_commands_;
  std::map<std::pair<std::string, std::string>, KnownSpec> specs_;
  DueTimes due_;
  StoreStats stats_;               // as far as it has been committed
  WallTime last_now_ = kNoTime;    // of the last job
  WallTime last_visit_ = kNoTime;  // by VisitAvailable()
  bool tidy_ = true;               // what was left by those before
  bool step_wanted_ = false;
  bool look_around_ = false;  // for what other daemons have changed
  bool knows_all_ = false;    // specs_ and due_ tell of all there is
  bool unavailable_ = false;
  SetBacks set_backs_;  // for the next job
  PgNews tell_;         // to other daemons
  std::mutex heard_mutex_;
  PgNews heard_;                                  // from other daemons; guarded by heard_mutex_
  std::unique_ptr<PgSessionPair> sessions_;       // the thread's, while that is busy
  std::unique_ptr<ErrandThread<Errand>> thread_;  // these two last: they call back
  std::unique_ptr<PgWakeups> wakeups_;
};

}  // namespace

Result<std::unique_ptr<Store>> OpenPostgresStore(Clock& clock, const PostgresOptions& options,
                                                 const StoreOptions& store_options) {
  auto sessions = std::make_unique<PgSessionPair>(options, store_options);
  COORD_TRY(migration, sessions->Open());
  if (options.events != nullptr && migration.from < migration.to) {
    options.events->OnMigrated(migration.from, migration.to);
  }
  return std::unique_ptr<Store>(
      std::make_unique<PostgresStore>(clock, options, std::move(sessions)));
}

}  // namespace coord

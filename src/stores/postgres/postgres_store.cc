// SPDX-License-Identifier: MIT
#include "stores/postgres/postgres_store.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/fail_point.h"
#include "stores/postgres/database_clock.h"
#include "stores/postgres/session.h"
#include "stores/postgres/wakeups.h"

namespace coord {

namespace {

// What one transaction takes at most.
constexpr std::size_t kCommandsMax = 4'096;
// With more units to take than all daemons take at once, nobody waits who does not know of them.
constexpr std::uint64_t kFewUnits = 10'000;

bool HasPassed(WallTime time, WallTime now) { return time != kNoTime && time <= now; }

void Earlier(WallTime& due, WallTime other) {
  if (other != kNoTime && (due == kNoTime || other < due)) due = other;
}

// A job on its way to the session's thread and back.
struct Errand {
  PgJob job;
  std::vector<std::unique_ptr<Batch>> batches;  // what the submissions borrow from
  PgJobResult result;
};

// The thread that the session lives on: one errand at a time.
class SessionThread {
 public:
  SessionThread(std::unique_ptr<PgSession> session, std::function<void()> on_done)
      : session_(std::move(session)), on_done_(std::move(on_done)), thread_([this] { Run(); }) {}

  ~SessionThread() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  PgSession& session() { return *session_; }

  // Nothing may be under way.
  void Start(std::unique_ptr<Errand> errand) {
    {
      const std::lock_guard lock(mutex_);
      COORD_CHECK(!task_ && !done_);
      task_ = std::move(errand);
    }
    changed_.notify_all();
  }

  // The errand that has been run, or nullptr.
  std::unique_ptr<Errand> Take() {
    const std::lock_guard lock(mutex_);
    return std::move(done_);
  }

  std::unique_ptr<Errand> Await() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return done_ != nullptr; });
    return std::move(done_);
  }

 private:
  void Run() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return task_ || stopping_; });
      if (!task_) return;
      std::unique_ptr<Errand> errand = std::move(task_);
      lock.unlock();
      session_->Run(errand->job, errand->result);
      lock.lock();
      done_ = std::move(errand);
      changed_.notify_all();
      // With the lock held: once the result is taken, nobody is told of it any more.
      on_done_();
    }
  }

  const std::unique_ptr<PgSession> session_;
  const std::function<void()> on_done_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<Errand> task_;  // guarded by mutex_, like all that follows
  std::unique_ptr<Errand> done_;
  bool stopping_ = false;
  std::thread thread_;
};

class PostgresStore final : public Store {
 public:
  PostgresStore(Clock& clock, PostgresOptions options, std::unique_ptr<PgSession> session)
      : clock_(clock, options.database_time ? session->clock_offset() : nullptr),
        options_(std::move(options)) {
    thread_ = std::make_unique<SessionThread>(std::move(session), [this] {
      if (listener_ != nullptr) listener_->OnPollWanted();
    });
  }

  ~PostgresStore() override {
    wakeups_.reset();
    Flush();
    thread_->session().Close(clock_.Now());
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
    queue_.push_back(std::move(batch));
    GoOn();
  }

  void Poll() override {
    if (busy_) {
      if (auto errand = thread_->Take()) OnDone(std::move(errand));
    }
    GoOn();
  }

  bool Flush() override {
    bool waited = false;
    for (GoOn(); busy_; waited = true) {
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
    if (HasPassed(due_.units, now) || tidy_ || !long_commands_.empty()) step_wanted_ = true;
    GoOn();
    return false;
  }

  const StoreStats* stats() const override { return &stats_; }

  bool available() const override { return !unavailable_; }

  WallTime NextDue() override {
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
      const std::uint64_t available = std::max<std::uint64_t>(load.available, 1);
      WorkAvailable work{key.first, key.second, &meta, available};
      if (meta.max_running > 0) work.units = std::min(available, meta.max_running - load.pending);
      spec.noted = visit(work);
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

  // Sends all that has gathered to the session, unless it has something under way.
  void GoOn() {
    if (busy_) return;
    Listen();
    const bool step = std::exchange(step_wanted_, false);
    const bool look_around = std::exchange(look_around_, false);
    if (queue_.empty() && !step && !look_around) return;
    auto errand = std::make_unique<Errand>();
    errand->job.look_around = look_around;
    errand->job.set_backs = std::exchange(set_backs_, {});
    errand->job.now = clock_.Now();
    last_now_ = errand->job.now;
    for (std::size_t commands = 0; !queue_.empty() && commands < kCommandsMax;) {
      commands += queue_.front()->submissions.size();
      for (const Submission& submission : queue_.front()->submissions) {
        errand->job.submissions.push_back(submission);
      }
      errand->batches.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    if (step && !long_commands_.empty()) {
      errand->job.long_command = std::move(long_commands_.front());
      long_commands_.pop_front();
    }
    // Those who wait for an answer come first.
    errand->job.tidy = step && tidy_ && errand->batches.empty() && !errand->job.long_command;
    if (errand->job.tidy) tidy_ = false;
    busy_ = true;
    thread_->Start(std::move(errand));
  }

  void OnDone(std::unique_ptr<Errand> errand) {
    busy_ = false;
    PgJobResult& result = errand->result;
    unavailable_ = result.unavailable;
    stats_ = result.stats;
    for (const PgJobResult::Answer& answer : result.answers) {
      answer.sink->OnOutcome(answer.token, answer.outcome);
    }
    HitFailPoint("postgres.answered");
    for (auto& batch : errand->batches) listener_->OnBatchDone(std::move(batch));
    for (PgLongUnderWay& rest : result.unfinished) long_commands_.push_back(std::move(rest));
    if (result.unavailable) return;
    if (errand->job.look_around) specs_.clear();
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
  std::deque<PgLongUnderWay> long_commands_;
  std::map<std::pair<std::string, std::string>, KnownSpec> specs_;
  DueTimes due_;
  StoreStats stats_;               // as far as it has been committed
  WallTime last_now_ = kNoTime;    // of the last job
  WallTime last_visit_ = kNoTime;  // by VisitAvailable()
  bool busy_ = false;
  bool tidy_ = true;  // what was left by those before
  bool step_wanted_ = false;
  bool look_around_ = false;  // for what other daemons have changed
  bool unavailable_ = false;
  SetBacks set_backs_;  // for the next job
  PgNews tell_;         // to other daemons
  std::mutex heard_mutex_;
  PgNews heard_;                           // from other daemons; guarded by heard_mutex_
  std::unique_ptr<SessionThread> thread_;  // these two last: they call back
  std::unique_ptr<PgWakeups> wakeups_;
};

}  // namespace

Result<std::unique_ptr<Store>> OpenPostgresStore(Clock& clock, const PostgresOptions& options,
                                                 const StoreOptions& store_options) {
  auto session = std::make_unique<PgSession>(options, store_options);
  COORD_TRY(migration, session->Open());
  if (options.events != nullptr && migration.from < migration.to) {
    options.events->OnMigrated(migration.from, migration.to);
  }
  return std::unique_ptr<Store>(
      std::make_unique<PostgresStore>(clock, options, std::move(session)));
}

}  // namespace coord

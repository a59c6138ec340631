// SPDX-License-Identifier: MIT
#include "stores/sqlite/sqlite_store.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/fail_point.h"
#include "domain/outcome_keeper.h"
#include "engine/engine.h"
#include "engine/engine_loader.h"
#include "stores/sqlite/checkpointer.h"
#include "stores/sqlite/committer.h"
#include "stores/sqlite/database.h"
#include "stores/sqlite/file_lock.h"
#include "stores/sqlite/row_reader.h"
#include "stores/sqlite/schema.h"

namespace coord {

namespace {

constexpr Duration kProbePause = std::chrono::seconds(1);
constexpr std::size_t kWasteRows = 5'000;  // deleted in one step
// While so many rows are under way to the disk, no step adds to them.
constexpr std::size_t kRowsUnderWayMax = 40'000;
constexpr std::size_t kSpareGroupsMax = 16;

// Locks of namespaces that are gone.
constexpr const char* kDeleteStaleLocks =
    "DELETE FROM locks WHERE namespace_id NOT IN (SELECT id FROM namespaces)";

struct Asked {
  OutcomeSink* sink = nullptr;
  std::uint64_t token = 0;
};

// What one call changed, and who waits for that.
struct Group {
  struct Answer {
    Asked to;
    Outcome outcome;
  };
  Journal journal;
  OutcomeKeeper keeper;
  std::vector<Answer> answers;
  std::vector<std::unique_ptr<Batch>> batches;
  // Set when it is complete:
  std::uint64_t last_batch = 0;  // all up to this one has to be on the disk first
  std::size_t rows = 0;          // of its own that are to be written

  bool empty() const {
    return answers.empty() && batches.empty() && journal.rows.empty() && journal.undo.empty();
  }
};

Error UnavailableError(const std::string& reason) {
  return {ErrorCode::kUnavailable, "storage unavailable, try again: " + reason, {}};
}

// A store whose state is `engine`, ahead of the file by the groups that are under way. The storage
// thread has each of them as soon as it is complete, and writes many in one transaction.
class SqliteStore final : public Store, public OutcomeSink {
 public:
  SqliteStore(Clock& clock, SqliteOptions options, StoreOptions store_options, FileLock lock)
      : clock_(clock),
        options_(std::move(options)),
        store_options_(store_options),
        lock_(std::move(lock)) {}

  ~SqliteStore() override {
    if (committer_ == nullptr) return;
    Flush();
    closing_ = true;
    if (!unavailable_) {
      engine_->ListLateRows();
      GoOn();
      Flush();
    }
    committer_.reset();
    current_.reset();
  }

  Result<void> Open() {
    const WritingOptions writing{options_.path, options_.vfs};
    COORD_TRY(database, OpenForWriting(writing, DatabaseAccess::kCreate));
    COORD_TRY(migration, MigrateSchema(database, SchemaSteps()));
    if (migration.from == 0) COORD_TRY_VOID(SyncFolderOf(options_.path));
    if (options_.events != nullptr && migration.from > 0 && migration.from < migration.to) {
      options_.events->OnMigrated(migration.from, migration.to, migration.copy);
    }
    COORD_TRY_VOID(Load(database));
    COORD_TRY_VOID(database.Run(kDeleteStaleLocks));
    COORD_TRY(writer, RowWriter::Prepare(database));
    COORD_TRY(checkpointer, Checkpointer::Open(
                                options_.path, options_.vfs,
                                {options_.log_bytes, options_.held_log_bytes, options_.reader_wait},
                                [events = options_.events](std::uint64_t bytes) {
                                  if (events != nullptr) events->OnLogHeld(bytes);
                                }));
    committer_ = std::make_unique<Committer>(writing, std::move(database), std::move(writer),
                                             std::move(checkpointer), [this] {
                                               if (!closing_) listener_->OnPollWanted();
                                             });
    return {};
  }

  std::string_view name() const override { return "sqlite"; }

  void SetListener(StoreListener* listener) override { listener_ = listener; }

  void Submit(std::unique_ptr<Batch> batch) override {
    COORD_CHECK(listener_ != nullptr);
    Advance();
    engine_->Foresee(batch->submissions);
    for (Submission& submission : batch->submissions) {
      const std::uint64_t place = Expect({submission.sink, submission.token});
      submission.sink = this;
      submission.token = place;
      engine_->Execute(submission);
      if (unavailable_) TakeBackWhatChanged();
    }
    current_->batches.push_back(std::move(batch));
    GoOn();
  }

  void Poll() override {
    if (const auto result = committer_->TakeResult()) OnResult(*result);
    GoOn();
  }

  void Settle() override { committer_->Settle(); }

  bool Flush() override {
    bool waited = false;
    for (; probing_ || !under_way_.empty(); waited = true) {
      committer_->Settle();
      OnResult(committer_->AwaitResult());
      GoOn();
    }
    return waited;
  }

  bool Step() override {
    Advance();
    if (unavailable_) {
      if (!probing_ && clock_.Now() >= next_probe_) {
        probing_ = true;
        committer_->Probe();
      }
      return false;
    }
    // Poll() is called when the disk is done, and steps go on after it.
    if (rows_under_way_ >= kRowsUnderWayMax) return false;
    const bool more = engine_->Step();
    const bool more_waste = DeleteSomeWaste();
    GoOn();
    return more || more_waste;
  }

  bool available() const override { return !unavailable_; }

  const StoreStats* stats() const override { return &engine_->stats(); }

  WallTime NextDue() override {
    WallTime due = engine_->NextDue();
    if (unavailable_ && !probing_) Earlier(due, next_probe_);
    return due;
  }

  void VisitAvailable(const std::function<bool(const WorkAvailable&)>& visit) override {
    Advance();
    // Nobody can be given work while nothing can be written; what is noted stays noted.
    if (!unavailable_) engine_->VisitAvailable(visit);
  }

  // An outcome of the engine. It waits for what it may have seen.
  void OnOutcome(std::uint64_t place, const Outcome& outcome) override {
    const Asked asked = asked_[place];
    free_places_.push_back(place);
    const bool nothing_to_wait_for =
        under_way_.empty() && current_->journal.rows.empty() && current_->answers.empty();
    if (nothing_to_wait_for) {
      asked.sink->OnOutcome(asked.token, outcome);
    } else {
      current_->answers.push_back({asked, current_->keeper.Keep(outcome)});
    }
  }

 private:
  Result<void> Load(Database& database) {
    auto engine = std::make_unique<Engine>(store_options_);
    EngineLoader loader(*engine);
    const auto progress = [this](std::uint64_t rows) {
      if (options_.events != nullptr) options_.events->OnLoading(rows);
    };
    COORD_TRY(loaded, ReadRows(database, loader, clock_.Now(), progress));
    last_batch_ = loaded.last_batch;
    kept_batch_ = loaded.last_batch;
    waste_ = std::move(loaded);
    waste_workers_ = loader.waste_workers();
    engine_ = std::move(engine);
    current_ = std::make_unique<Group>();
    engine_->SetJournal(&current_->journal);
    if (options_.events != nullptr) options_.events->OnLoaded(waste_.units, waste_.attempts);
    return {};
  }

  // What falls due by the clock is derived from what is stored, so nothing has to be written of it.
  void Advance() { engine_->Advance(clock_.Now()); }

  std::uint64_t Expect(Asked asked) {
    if (free_places_.empty()) {
      asked_.push_back(asked);
      return asked_.size() - 1;
    }
    const std::uint64_t place = free_places_.back();
    free_places_.pop_back();
    asked_[place] = asked;
    return place;
  }

  // Has written what has gathered.
  void GoOn() {
    if (current_->empty()) return;
    std::unique_ptr<Group> group = std::exchange(current_, NewGroup());
    auto changes = std::make_unique<RowChanges>();
    group->rows = group->journal.rows.size();
    engine_->TakeRows(*changes);
    engine_->SetJournal(&current_->journal);
    if (!changes->empty()) {
      committer_->Write(std::move(changes), ++last_batch_);
      WantSettling();
    }
    group->last_batch = last_batch_;
    rows_under_way_ += group->rows;
    under_way_.push_back(std::move(group));
    KeepThrough(kept_batch_);
  }

  void WantSettling() {
    if (!closing_) listener_->OnSettleWanted();
  }

  std::unique_ptr<Group> NewGroup() {
    if (spare_.empty()) return std::make_unique<Group>();
    std::unique_ptr<Group> group = std::move(spare_.back());
    spare_.pop_back();
    return group;
  }

  // All up to this batch is on the disk.
  void KeepThrough(std::uint64_t batch) {
    kept_batch_ = batch;
    while (!under_way_.empty() && under_way_.front()->last_batch <= batch) {
      std::unique_ptr<Group> group = TakeFirst();
      group->journal.undo.Keep();
      engine_->OnGroupEnd();
      Deliver(std::move(group));
    }
  }

  std::unique_ptr<Group> TakeFirst() {
    std::unique_ptr<Group> group = std::move(under_way_.front());
    under_way_.pop_front();
    rows_under_way_ -= group->rows;
    return group;
  }

  void Deliver(std::unique_ptr<Group> group) {
    for (const Group::Answer& answer : group->answers) {
      answer.to.sink->OnOutcome(answer.to.token, answer.outcome);
    }
    group->answers.clear();
    group->keeper.Clear();
    for (auto& batch : group->batches) listener_->OnBatchDone(std::move(batch));
    group->batches.clear();
    if (spare_.size() < kSpareGroupsMax) spare_.push_back(std::move(group));
  }

  void OnResult(const CommitResult& result) {
    if (std::exchange(probing_, false)) return OnProbe(result);
    if (result.last_batch > kept_batch_) KeepThrough(result.last_batch);
    if (result.error) return OnFailure(result.error->detail);
    if (!under_way_.empty()) WantSettling();
    HitFailPoint("sqlite.answered");
  }

  // Takes back all that is not on the disk, the newest first, and says so to all who wait for it.
  void OnFailure(const std::string& reason) {
    const Error error = UnavailableError(reason);
    last_batch_ = kept_batch_;
    unavailable_ = true;
    next_probe_ = clock_.Now() + kProbePause;
    TakeBack(error);
    FailAnswers(*current_, error);
    while (!under_way_.empty()) {
      std::unique_ptr<Group> group = TakeFirst();
      FailAnswers(*group, error);
      Deliver(std::move(group));
    }
    if (options_.events != nullptr) options_.events->OnUnavailable(reason);
  }

  static void FailAnswers(Group& group, const Error& error) {
    for (Group::Answer& answer : group.answers) answer.outcome = error;
  }

  void TakeBack(const Error& error) {
    current_->journal.undo.Undo();
    for (auto group = under_way_.rbegin(); group != under_way_.rend(); ++group) {
      (*group)->journal.undo.Undo();
    }
    engine_->AfterUndo(error);
  }

  // While nothing can be written: a command that changed anything did not happen.
  void TakeBackWhatChanged() {
    if (current_->journal.rows.empty()) return;
    const Error error = UnavailableError("the last attempt to write failed");
    TakeBack(error);
    if (!current_->answers.empty()) current_->answers.back().outcome = error;
  }

  void OnProbe(const CommitResult& result) {
    if (result.error) {
      next_probe_ = clock_.Now() + kProbePause;
      return;
    }
    // A batch whose fate was unknown is there after all: what was taken back is loaded again.
    if (result.last_batch != kept_batch_ && Reload().has_error()) {
      next_probe_ = clock_.Now() + kProbePause;
      return;
    }
    unavailable_ = false;
    if (options_.events != nullptr) options_.events->OnAvailable();
  }

  Result<void> Reload() {
    COORD_TRY(database, Database::Open(options_.path, DatabaseAccess::kReadOnly, options_.vfs));
    current_->journal.undo.Keep();
    auto waiting = std::exchange(current_, nullptr);
    const auto loaded = Load(database);
    if (loaded.has_error()) {
      current_ = std::move(waiting);
      return loaded;
    }
    Advance();
    Deliver(std::move(waiting));
    return {};
  }

  bool DeleteSomeWaste() {
    ChangedRows& rows = current_->journal.rows;
    const auto take = [](std::vector<RowId>& from, std::vector<RowId>& to) {
      const std::size_t count = std::min(from.size(), kWasteRows);
      to.insert(to.end(), from.end() - static_cast<std::ptrdiff_t>(count), from.end());
      from.resize(from.size() - count);
      return !from.empty();
    };
    const bool units = take(waste_.waste_units, rows.freed_units);
    const bool attempts = take(waste_.waste_attempts, rows.freed_attempts);
    const bool workers = take(waste_workers_, rows.freed_workers);
    return units || attempts || workers;
  }

  Clock& clock_;
  const SqliteOptions options_;
  const StoreOptions store_options_;
  FileLock lock_;
  StoreListener* listener_ = nullptr;

  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Group> current_;  // gathers
  std::deque<std::unique_ptr<Group>> under_way_;
  std::size_t rows_under_way_ = 0;
  std::vector<std::unique_ptr<Group>> spare_;
  std::uint64_t last_batch_ = 0;  // that was handed to the storage thread
  std::uint64_t kept_batch_ = 0;  // that is known to be on the disk

  bool unavailable_ = false;  // changes are refused
  bool probing_ = false;
  WallTime next_probe_ = kNoTime;

  // Who waits for what is executed, by place.
  std::vector<Asked> asked_;
  std::vector<std::uint64_t> free_places_;

  bool closing_ = false;  // nobody is told anything any more; changes while nothing is under way
  LoadedRows waste_;      // what is left of it
  std::vector<RowId> waste_workers_;

  std::unique_ptr<Committer> committer_;  // last: its thread calls back
};

}  // namespace

Result<std::unique_ptr<Store>> OpenSqliteStore(Clock& clock, const SqliteOptions& options,
                                               const StoreOptions& store_options) {
  if (options.path.empty()) return InvalidError("the sqlite backend needs a file: sqlite:PATH");
  COORD_TRY_VOID(CheckCanBeDatabase(options.path));
  COORD_TRY(lock, FileLock::Take(options.path));
  auto store = std::make_unique<SqliteStore>(clock, options, store_options, std::move(lock));
  COORD_TRY_VOID(store->Open());
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "stores/sqlite/committer.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/fail_point.h"

namespace coord {

namespace {

// A transaction with so many rows waits for no more.
constexpr std::size_t kRowsToCommit = 256;

}  // namespace

Result<Database> OpenForWriting(const WritingOptions& options, DatabaseAccess access) {
  COORD_TRY(database, Database::Open(options.path, access, options.vfs));
  COORD_TRY_VOID(database.Run("PRAGMA journal_mode = WAL"));
  COORD_TRY_VOID(database.Run("PRAGMA synchronous = FULL"));
  COORD_TRY_VOID(database.Run("PRAGMA wal_autocheckpoint = 0"));
  COORD_TRY_VOID(database.Run("PRAGMA cache_size = -65536"));
  database.WatchLog();
  return std::move(database);
}

Committer::Committer(WritingOptions options, Database database, RowWriter writer,
                     std::unique_ptr<Checkpointer> checkpointer, std::function<void()> on_result)
    : options_(std::move(options)),
      identity_(FileIdentity::Of(options_.path)),
      on_result_(std::move(on_result)),
      database_(std::move(database)),
      writer_(std::move(writer)),
      checkpointer_(std::move(checkpointer)),
      thread_([this] { Run(); }) {}

Committer::~Committer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
  checkpointer_.reset();
  writer_.reset();
}

void Committer::Write(std::unique_ptr<RowChanges> changes, std::uint64_t batch) {
  {
    const std::lock_guard lock(mutex_);
    if (result_ && result_->error) return;
    waiting_.batches.push_back(std::move(changes));
    waiting_.last_batch = batch;
  }
  changed_.notify_all();
}

void Committer::Settle() {
  {
    const std::lock_guard lock(mutex_);
    // Where there is nothing, what comes later may wait.
    if (!transacting_ && waiting_.batches.empty()) return;
    settled_ = true;
  }
  changed_.notify_all();
}

void Committer::Probe() {
  {
    const std::lock_guard lock(mutex_);
    COORD_CHECK(waiting_.batches.empty() && !result_);
    probe_wanted_ = true;
  }
  changed_.notify_all();
}

std::optional<CommitResult> Committer::TakeResult() {
  const std::lock_guard lock(mutex_);
  return std::exchange(result_, std::nullopt);
}

CommitResult Committer::AwaitResult() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return result_.has_value(); });
  return *std::exchange(result_, std::nullopt);
}

void Committer::Run() {
  for (Task task = NextTask(); task != Task::kEnd; task = NextTask()) {
    NoteResult(task == Task::kProbe ? ProbeNow() : TransactInTurn());
  }
}

Committer::Task Committer::NextTask() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !waiting_.batches.empty() || probe_wanted_ || stopping_; });
  if (std::exchange(probe_wanted_, false)) return Task::kProbe;
  transacting_ = !waiting_.batches.empty();
  return transacting_ ? Task::kTransaction : Task::kEnd;
}

// Waits for more; nothing: what is written is to be committed.
Committer::Waiting Committer::NextToWrite() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !waiting_.batches.empty() || settled_ || stopping_; });
  return std::exchange(waiting_, {});
}

void Committer::NoteResult(CommitResult result) {
  const std::lock_guard lock(mutex_);
  transacting_ = false;
  settled_ = false;
  if (result.error) waiting_ = {};
  if (result_) result.last_batch = std::max(result.last_batch, result_->last_batch);
  result_ = std::move(result);
  changed_.notify_all();
  // With the lock held: once the result is taken, nobody is told of it any more.
  on_result_();
}

CommitResult Committer::TransactInTurn() {
  const auto turn = checkpointer_->turns().ForCommit();
  CommitResult result = Transact();
  if (result.error) {
    checkpointer_->OnFailed();
  } else {
    checkpointer_->OnCommitted(database_->log_bytes());
  }
  return result;
}

CommitResult Committer::Transact() {
  if (const auto begun = Begin(); begun.has_error()) return {begun.error(), 0};
  const auto written = WriteAll();
  if (written.has_error()) return {written.error(), 0};
  return Commit(*written);
}

// What is written to a file that has lost its name is lost with the last descriptor.
Result<void> Committer::CheckFileIsThere() const {
  if (FileIdentity::Of(options_.path) == identity_) return {};
  return Error{ErrorCode::kUnavailable, options_.path + ": the file is not there any more",
               options_.path};
}

Result<void> Committer::Begin() {
  COORD_TRY_VOID(CheckFileIsThere());
  if (!database_ || !writer_) COORD_TRY_VOID(Reconnect());
  if (!writer_->Begin()) return Failed("cannot begin");
  return {};
}

// Writes what comes, until it is to be committed.
Result<Committer::Written> Committer::WriteAll() {
  Written written;
  while (written.rows < kRowsToCommit) {
    const Waiting taken = NextToWrite();
    if (taken.batches.empty()) break;
    for (const std::unique_ptr<RowChanges>& changes : taken.batches) {
      if (!writer_->WriteRows(*changes)) return Failed("cannot write");
      written.rows += changes->size();
    }
    written.last_batch = taken.last_batch;
    written.last = taken.batches.back()->last;
  }
  if (!writer_->WriteNumbers(written.last_batch, written.last)) return Failed("cannot write");
  return written;
}

CommitResult Committer::Commit(const Written& written) {
  HitFailPoint("sqlite.written");
  if (!writer_->Commit()) return FindOut(database_->Describe("COMMIT"), written.last_batch);
  HitFailPoint("sqlite.committed");
  return {{}, written.last_batch};
}

// Ends a transaction that stays open; that nothing of it is kept is SQLite's promise.
Error Committer::Failed(std::string_view doing) {
  Error error = database_->Describe(doing);
  if (database_->in_transaction()) {
    IgnoreError(database_->Run("ROLLBACK"), "the first error is the one to tell");
  }
  writer_.reset();
  return error;
}

// A commit failed: looks in the file, through a connection that knows nothing of it, whether the
// batch is there. What is there may not be on the disk yet, because a sync that failed does not
// write later what it was to write: so all of the log is copied into the file and synced.
CommitResult Committer::FindOut(const Error& error, std::uint64_t batch) {
  CommitResult result;
  result.error = error;
  if (Reconnect().has_error()) return result;
  const auto last = database_->Number("SELECT value FROM coordinate WHERE key = 'batch'");
  const bool there = last.has_value() && *last && static_cast<std::uint64_t>(**last) == batch;
  if (there && sqlite3_wal_checkpoint_v2(database_->handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE,
                                         nullptr, nullptr) == SQLITE_OK) {
    result = {{}, batch};
  }
  return result;
}

CommitResult Committer::ProbeNow() {
  const auto turn = checkpointer_->turns().ForCommit();
  CommitResult result;
  const auto probe = [&]() -> Result<void> {
    COORD_TRY_VOID(Reconnect());
    COORD_TRY_VOID(database_->Run("PRAGMA wal_checkpoint(TRUNCATE)"));
    COORD_TRY_VOID(database_->Run("REPLACE INTO coordinate VALUES ('probe', 1)"));
    COORD_TRY(last, database_->Number("SELECT value FROM coordinate WHERE key = 'batch'"));
    result.last_batch = static_cast<std::uint64_t>(last.value_or(0));
    return {};
  };
  if (const auto probed = probe(); probed.has_error()) result.error = probed.error();
  return result;
}

Result<void> Committer::Reconnect() {
  writer_.reset();
  database_.reset();
  COORD_TRY_VOID(CheckFileIsThere());
  COORD_TRY(database, OpenForWriting(options_, DatabaseAccess::kReadWrite));
  database_ = std::move(database);
  COORD_TRY(writer, RowWriter::Prepare(*database_));
  writer_ = std::move(writer);
  return {};
}

}  // namespace coord

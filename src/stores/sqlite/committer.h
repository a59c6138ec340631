// SPDX-License-Identifier: MIT
// The storage thread: writes what changed, many batches in one transaction.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "engine/rows.h"
#include "stores/sqlite/checkpointer.h"
#include "stores/sqlite/database.h"
#include "stores/sqlite/file_identity.h"
#include "stores/sqlite/row_writer.h"

namespace coord {

// What became of what was to be written, or of a probe.
struct CommitResult {
  // Why nothing after `last_batch` is on the disk, as far as could be found out: the next probe
  // that succeeds tells for sure. Absent: nothing failed.
  std::optional<Error> error;
  // All up to this batch is on the disk; 0: no more than before. Of a probe that succeeded: the
  // number of the last batch in the file.
  std::uint64_t last_batch = 0;
};

// How to connect for writing.
struct WritingOptions {
  std::string path;
  const char* vfs = nullptr;
};

// Opens a connection for writing, kCreate or kReadWrite: write-ahead log, every commit synced,
// checkpoints left to others.
Result<Database> OpenForWriting(const WritingOptions& options, DatabaseAccess access);

// Writes on a thread of its own. Functions are called on one other thread.
class Committer {
 public:
  // `on_result` is called on the storage thread when a transaction or a probe has ended, never
  // after its result was taken. It must not call this object. `database`: a connection for writing
  // by those options.
  Committer(WritingOptions options, Database database, RowWriter writer,
            std::unique_ptr<Checkpointer> checkpointer, std::function<void()> on_result);
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;
  // Finishes the transaction under way.
  ~Committer();

  // Has a batch of changes written, after those before it, in the transaction that is open or in
  // the next one. Transactions follow each other at once. One is committed when all that has come
  // is in it and Settle() is called, or when it has many rows. After an error no batch is written
  // until its result is taken: they are dropped.
  void Write(std::unique_ptr<RowChanges> changes, std::uint64_t batch);
  // What has come need not wait for more. Those that come during a commit have to be settled again.
  void Settle();
  // Starts to find out whether the file can be written, with a connection opened anew. Nothing may
  // be under way.
  void Probe();

  // What has ended since the last call, if anything has.
  std::optional<CommitResult> TakeResult();
  // Waits until something has.
  CommitResult AwaitResult();

 private:
  enum class Task : std::uint8_t { kTransaction, kProbe, kEnd };
  struct Waiting {
    std::vector<std::unique_ptr<RowChanges>> batches;
    std::uint64_t last_batch = 0;
  };
  // What stands in the transaction.
  struct Written {
    std::size_t rows = 0;
    std::uint64_t last_batch = 0;
    LastIds last;
  };

  void Run();
  Task NextTask();
  Waiting NextToWrite();
  void NoteResult(CommitResult result);
  CommitResult TransactInTurn();
  CommitResult Transact();
  Result<void> CheckFileIsThere() const;
  Result<void> Begin();
  Result<Written> WriteAll();
  CommitResult Commit(const Written& written);
  Error Failed(std::string_view doing);
  CommitResult FindOut(const Error& error, std::uint64_t batch);
  CommitResult ProbeNow();
  Result<void> Reconnect();

  const WritingOptions options_;
  const FileIdentity identity_;
  const std::function<void()> on_result_;

  // The storage thread's.
  std::optional<Database> database_;
  std::optional<RowWriter> writer_;
  std::unique_ptr<Checkpointer> checkpointer_;

  std::mutex mutex_;
  std::condition_variable changed_;
  Waiting waiting_;           // guarded by mutex_, like all that follows
  bool transacting_ = false;  // until the result is noted
  bool settled_ = false;      // all that has come
  bool probe_wanted_ = false;
  std::optional<CommitResult> result_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace coord

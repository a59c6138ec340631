// SPDX-License-Identifier: MIT
// The storage thread: writes one batch of changes after another, each in one transaction.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/result.h"
#include "engine/rows.h"
#include "stores/sqlite/checkpointer.h"
#include "stores/sqlite/database.h"
#include "stores/sqlite/file_identity.h"
#include "stores/sqlite/row_writer.h"

namespace coord {

// What became of a commit or a probe.
struct CommitResult {
  // Absent: it is on the disk. Else nothing of it is, as far as could be found out: the next probe
  // that succeeds tells for sure.
  std::optional<Error> error;
  // Of a probe that succeeded: the number of the last batch in the file.
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

// Runs one task at a time on a thread of its own. Functions are called on one other thread.
class Committer {
 public:
  // `on_result` is called on the storage thread when a task has ended, never after its result was
  // taken. It must not call this object.
  // `database`: a connection for writing by those options.
  Committer(WritingOptions options, Database database, RowWriter writer,
            std::unique_ptr<Checkpointer> checkpointer, std::function<void()> on_result);
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;
  // Finishes the task under way.
  ~Committer();

  // Starts to write a batch. Nothing may be under way.
  void Commit(std::unique_ptr<RowChanges> changes, std::uint64_t batch);
  // Starts to find out whether the file can be written, with a connection opened anew.
  void Probe();

  // The result of the task that was started, once, if it has ended.
  std::optional<CommitResult> TakeResult();
  // Waits for it.
  CommitResult AwaitResult();

 private:
  struct Task {
    std::unique_ptr<RowChanges> changes;  // nullptr: a probe
    std::uint64_t batch = 0;
  };

  void Start(Task task);
  void Run();
  CommitResult Execute(Task& task);
  CommitResult WriteInTurn(Task& task);
  Result<void> CheckFileIsThere() const;
  CommitResult Write(Task& task);
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
  std::optional<Task> task_;  // guarded by mutex_, like all that follows
  std::optional<CommitResult> result_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace coord

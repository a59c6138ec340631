// SPDX-License-Identifier: MIT
// SQLite behind types that close, reset and report errors by themselves. The only code that knows
// sqlite3.h is in this folder.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace coord {

enum class DatabaseAccess : std::uint8_t {
  kCreate,     // for writing; made where it is missing
  kReadWrite,  // must exist
  kReadOnly,   // must exist
  kUnchanged,  // must exist, has no write-ahead log, and nobody writes: nothing is made beside it
};

// One connection. Used from one thread at a time.
class Database {
 public:
  // Opens a file. `vfs`: nullptr for the system's.
  // Errors: kUnavailable; the detail names the file and says what SQLite says.
  static Result<Database> Open(const std::string& path, DatabaseAccess access, const char* vfs);

  // Runs statements that give no rows. Errors as Describe().
  Result<void> Run(const char* sql);

  // The one number that a query gives; absent where it gives no row or null.
  Result<std::optional<std::int64_t>> Number(const char* sql);

  // What went wrong last, as kUnavailable, with the file's name.
  Error Describe(std::string_view doing) const;

  // The last call's extended result code.
  int code() const { return sqlite3_extended_errcode(handle_.get()); }
  // Has log_bytes() tell how long the write-ahead log is, from the next commit on. What sets
  // checkpoints for the connection ends that.
  void WatchLog();
  // How much of the log is in use since this connection's last commit. Its file may be longer.
  std::uint64_t log_bytes() const { return LogBytes(*log_frames_); }

  // How long the log's file is, of which a part may be left over from an earlier log; 0: none.
  std::uint64_t LogFileBytes() const;
  // Cuts the log's file. What is cut off must be left over. Errors as Describe().
  Result<void> CutLogFile(std::uint64_t bytes);

  // The length of a log of so many frames, in files made by this program.
  static std::uint64_t LogBytes(std::uint64_t frames) { return frames * kLogFrameBytes; }

  // True inside a transaction.
  bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

  sqlite3* handle() const { return handle_.get(); }
  const std::string& path() const { return path_; }

 private:
  // The file, open as long as the connection is; nullptr before its first read.
  sqlite3_file* LogFile() const;

  struct Closer {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };

  // A page and its header (https://www.sqlite.org/fileformat2.html, section 4.1).
  static constexpr std::uint64_t kLogFrameBytes = 4096 + 24;

  std::string path_;
  // On the heap, because SQLite keeps its address.
  std::unique_ptr<std::uint64_t> log_frames_ = std::make_unique<std::uint64_t>(0);
  std::unique_ptr<sqlite3, Closer> handle_;
};

// Refuses what cannot be a database before anything is made beside it. A missing file may become
// one. Errors: kInvalid (a folder, another kind of file), kUnavailable (cannot be read).
Result<void> CheckCanBeDatabase(const std::string& path);

// Makes sure that a file that was made is found in its folder after a power cut, which SQLite
// leaves to others. Errors: kUnavailable.
Result<void> SyncFolderOf(const std::string& path);

// A prepared statement of one connection, which outlives it. Binding and stepping note the first
// error, so that only the end of a step need be looked at.
class Statement {
 public:
  static Result<Statement> Prepare(Database& database, const char* sql);

  Statement& Bind(int place, std::int64_t value);
  Statement& Bind(int place, std::uint64_t value) {
    return Bind(place, static_cast<std::int64_t>(value));
  }
  Statement& Bind(int place, double value);
  // The bytes are not copied: they stay until Execute() or the last Step().
  Statement& BindBlob(int place, std::string_view bytes);
  Statement& BindText(int place, std::string_view text);
  // As text where that is what a reader would take it for: UTF-8 without NUL; else as a blob.
  Statement& BindName(int place, std::string_view name);
  Statement& BindNull(int place);

  // Runs to the end and resets. False: an error, which the connection describes.
  bool Execute();

  // Moves to the next row: SQLITE_ROW, SQLITE_DONE or an error.
  int Step() { return sqlite3_step(handle_.get()); }
  void Reset() { sqlite3_reset(handle_.get()); }

  std::int64_t Integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }
  std::uint64_t Unsigned(int column) const { return static_cast<std::uint64_t>(Integer(column)); }
  double Real(int column) const { return sqlite3_column_double(handle_.get(), column); }
  bool IsNull(int column) const {
    return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
  }
  // Valid until the next step.
  std::string_view Bytes(int column) const;

 private:
  struct Finalizer {
    void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
  };

  std::unique_ptr<sqlite3_stmt, Finalizer> handle_;
};

}  // namespace coord

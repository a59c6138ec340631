// SPDX-License-Identifier: MIT
#include "stores/sqlite/maintenance.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

#include "base/fd.h"
#include "engine/engine.h"
#include "engine/engine_loader.h"
#include "stores/sqlite/database.h"
#include "stores/sqlite/file_lock.h"
#include "stores/sqlite/row_reader.h"
#include "stores/sqlite/schema.h"

namespace coord {

namespace {

constexpr int kPagesAStep = 2'048;

Error FileError(const std::string& path, const char* what) {
  return {ErrorCode::kUnavailable, path + ": " + what, path};
}

// Says what cannot be opened better than SQLite does, and makes nothing beside it.
Result<void> CheckIsThere(const std::string& path) {
  if (access(path.c_str(), R_OK) != 0) return InvalidError(path + ": " + std::strerror(errno));
  return CheckCanBeDatabase(path);
}

Result<Database> OpenOurs(const std::string& path, DatabaseAccess access) {
  COORD_TRY(database, Database::Open(path, access, nullptr));
  COORD_TRY(application, database.Number("PRAGMA application_id"));
  if (application != kApplicationId) {
    return InvalidError(path + ": this is not a file of coordinated");
  }
  return std::move(database);
}

Result<void> SyncFile(const std::string& path) {
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid() || fsync(fd.get()) != 0) return FileError(path, std::strerror(errno));
  return {};
}

Result<void> CopyPages(Database& from, Database& to, const OnPagesCopied& progress) {
  const std::unique_ptr<sqlite3_backup, decltype(&sqlite3_backup_finish)> backup(
      sqlite3_backup_init(to.handle(), "main", from.handle(), "main"), &sqlite3_backup_finish);
  if (backup == nullptr) return to.Describe("cannot begin to copy");
  int code = SQLITE_OK;
  while (code == SQLITE_OK) {
    code = sqlite3_backup_step(backup.get(), kPagesAStep);
    const auto all = static_cast<std::uint64_t>(sqlite3_backup_pagecount(backup.get()));
    progress(all - static_cast<std::uint64_t>(sqlite3_backup_remaining(backup.get())), all);
    // Bit by bit: a daemon's commits wait for the disk behind all that is written at once.
    COORD_TRY_VOID(SyncFile(to.path()));
  }
  if (code != SQLITE_DONE) return FileError(to.path(), sqlite3_errstr(code));
  return {};
}

Result<void> BackUpTo(const std::string& path, const std::string& partial,
                      const OnPagesCopied& progress) {
  // Opened for writing where that is allowed, so that the last to close it tidies up.
  COORD_TRY(from, OpenOurs(path, DatabaseAccess::kReadWrite));
  // All is read in one transaction, which sees one instant.
  COORD_TRY_VOID(from.Run("BEGIN"));
  COORD_TRY(batch, from.Number("SELECT value FROM coordinate WHERE key = 'batch'"));
  static_cast<void>(batch);
  COORD_TRY(to, Database::Open(partial, DatabaseAccess::kCreate, nullptr));
  // A copy that is not finished is thrown away, so nothing needs to be undone in it.
  COORD_TRY_VOID(to.Run("PRAGMA journal_mode = OFF"));
  COORD_TRY_VOID(to.Run("PRAGMA synchronous = OFF"));
  return CopyPages(from, to, progress);
}

}  // namespace

Result<void> BackUpSqliteFile(const std::string& path, const std::string& copy,
                              const OnPagesCopied& progress) {
  COORD_TRY_VOID(CheckIsThere(path));
  if (std::filesystem::exists(copy)) return InvalidError(copy + ": there is such a file already");
  const std::string partial = copy + ".partial";
  std::error_code ignored;
  std::filesystem::remove(partial, ignored);
  Result<void> done = BackUpTo(path, partial, progress);
  if (done.has_value()) done = SyncFile(partial);
  if (done.has_value() && rename(partial.c_str(), copy.c_str()) != 0) {
    done = FileError(copy, std::strerror(errno));
  }
  if (done.has_value()) done = SyncFolderOf(copy);
  if (done.has_error()) std::filesystem::remove(partial, ignored);
  return done;
}

Result<SqliteFileReport> CheckSqliteFile(const std::string& path) {
  COORD_TRY_VOID(CheckIsThere(path));
  COORD_TRY(lock, FileLock::Take(path));
  static_cast<void>(lock);
  // A log is what a daemon leaves that was killed.
  std::error_code missing;
  const auto log_bytes = std::filesystem::file_size(path + "-wal", missing);
  const bool has_log = !missing && log_bytes > 0;
  COORD_TRY(database,
            OpenOurs(path, has_log ? DatabaseAccess::kReadOnly : DatabaseAccess::kUnchanged));
  COORD_TRY(version, database.Number("PRAGMA user_version"));
  if (version != static_cast<std::int64_t>(SchemaSteps().size())) {
    return InvalidError(path + ": it is of version " + std::to_string(version.value_or(0)) +
                        ", this program checks those of version " +
                        std::to_string(SchemaSteps().size()));
  }
  SqliteFileReport report;
  COORD_TRY(statement, Statement::Prepare(database, "PRAGMA integrity_check"));
  int code = SQLITE_ROW;
  while ((code = statement.Step()) == SQLITE_ROW) {
    const std::string_view said = statement.Bytes(0);
    if (said != "ok") report.problems.emplace_back(said);
  }
  if (code != SQLITE_DONE) report.problems.push_back(database.Describe("integrity_check").detail);
  Engine engine{StoreOptions()};
  EngineLoader loader(engine);
  const auto rows = ReadRows(database, loader, SystemClock().Now(), [](std::uint64_t) {});
  if (rows.has_error()) {
    report.problems.push_back(rows.error().detail);
  } else {
    report.units = rows->units;
    report.attempts = rows->attempts;
  }
  return report;
}

}  // namespace coord

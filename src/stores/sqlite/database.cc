// SPDX-License-Identifier: MIT
#include "stores/sqlite/database.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/fd.h"
#include "value/utf8.h"

namespace coord {

namespace {

// How long a statement waits for a lock that another process has on the file: a backup tool, say.
constexpr int kBusyMilliseconds = 10'000;

// With which every database file begins (https://www.sqlite.org/fileformat.html, section 1.3).
constexpr std::string_view kMagic("SQLite format 3\0", 16);

// A path as a part of a URI.
std::string UriPath(const std::string& path) {
  std::string escaped;
  for (const char c : path) {
    if (c == '%') {
      escaped += "%25";
    } else if (c == '?') {
      escaped += "%3f";
    } else if (c == '#') {
      escaped += "%23";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

Result<Database> Database::Open(const std::string& path, DatabaseAccess access, const char* vfs) {
  Database database;
  database.path_ = path;
  sqlite3* handle = nullptr;
  int flags = SQLITE_OPEN_NOMUTEX;
  std::string name = path;
  switch (access) {
    case DatabaseAccess::kCreate:
      flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
      break;
    case DatabaseAccess::kReadWrite:
      flags |= SQLITE_OPEN_READWRITE;
      break;
    case DatabaseAccess::kReadOnly:
      flags |= SQLITE_OPEN_READONLY;
      break;
    case DatabaseAccess::kUnchanged:
      flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
      name = "file:" + UriPath(path) + "?immutable=1";
      break;
  }
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags, vfs);
  database.handle_.reset(handle);
  if (code != SQLITE_OK) return database.Describe("cannot open it");
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kBusyMilliseconds);
  return database;
}

Result<void> Database::Run(const char* sql) {
  if (sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return Describe(sql);
  return {};
}

Result<std::optional<std::int64_t>> Database::Number(const char* sql) {
  COORD_TRY(statement, Statement::Prepare(*this, sql));
  const int code = statement.Step();
  if (code == SQLITE_DONE) return std::optional<std::int64_t>();
  if (code != SQLITE_ROW) return Describe(sql);
  if (statement.IsNull(0)) return std::optional<std::int64_t>();
  return std::optional<std::int64_t>(statement.Integer(0));
}

void Database::WatchLog() {
  const auto note = [](void* frames, sqlite3*, const char*, int count) {
    *static_cast<std::uint64_t*>(frames) = static_cast<std::uint64_t>(count);
    return SQLITE_OK;
  };
  sqlite3_wal_hook(handle(), note, log_frames_.get());
}

sqlite3_file* Database::LogFile() const {
  sqlite3_file* file = nullptr;
  const int code = sqlite3_file_control(handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER,
                                        static_cast<void*>(&file));
  return code == SQLITE_OK && file != nullptr && file->pMethods != nullptr ? file : nullptr;
}

std::uint64_t Database::LogFileBytes() const {
  sqlite3_file* const file = LogFile();
  sqlite3_int64 bytes = 0;
  if (file == nullptr || file->pMethods->xFileSize(file, &bytes) != SQLITE_OK) return 0;
  return static_cast<std::uint64_t>(bytes);
}

Result<void> Database::CutLogFile(std::uint64_t bytes) {
  sqlite3_file* const file = LogFile();
  const auto size = static_cast<sqlite3_int64>(bytes);
  if (file != nullptr && file->pMethods->xTruncate(file, size) == SQLITE_OK) return {};
  return Error{ErrorCode::kUnavailable, path_ + "-wal: cannot be made shorter", path_};
}

Error Database::Describe(std::string_view doing) const {
  const char* const said = handle() == nullptr ? "out of memory" : sqlite3_errmsg(handle());
  return {ErrorCode::kUnavailable, path_ + ": " + std::string(doing) + ": " + said, path_};
}

Result<void> CheckCanBeDatabase(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0 && errno == ENOENT) return {};
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, kMagic.size()> start{};
  const ssize_t size = fd.valid() ? pread(fd.get(), start.data(), start.size(), 0) : -1;
  if (S_ISDIR(status.st_mode)) return InvalidError(path + ": this is a folder");
  if (size < 0) return Error{ErrorCode::kUnavailable, path + ": " + std::strerror(errno), path};
  const std::string_view seen(start.data(), static_cast<std::size_t>(size));
  if (seen.empty() || seen == kMagic) return {};
  return InvalidError(path + ": this is not an SQLite file");
}

Result<void> SyncFolderOf(const std::string& path) {
  const auto folder = std::filesystem::absolute(path).parent_path();
  const Fd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.valid() && fsync(fd.get()) == 0) return {};
  return Error{ErrorCode::kUnavailable, folder.string() + ": " + std::strerror(errno), path};
}

Result<Statement> Statement::Prepare(Database& database, const char* sql) {
  sqlite3_stmt* handle = nullptr;
  const int code =
      sqlite3_prepare_v3(database.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  if (code != SQLITE_OK) return database.Describe(sql);
  Statement statement;
  statement.handle_.reset(handle);
  return statement;
}

Statement& Statement::Bind(int place, std::int64_t value) {
  sqlite3_bind_int64(handle_.get(), place, value);
  return *this;
}

Statement& Statement::Bind(int place, double value) {
  sqlite3_bind_double(handle_.get(), place, value);
  return *this;
}

Statement& Statement::BindBlob(int place, std::string_view bytes) {
  // A null pointer would bind null.
  sqlite3_bind_blob64(handle_.get(), place, bytes.empty() ? "" : bytes.data(), bytes.size(),
                      SQLITE_STATIC);
  return *this;
}

Statement& Statement::BindText(int place, std::string_view text) {
  sqlite3_bind_text64(handle_.get(), place, text.empty() ? "" : text.data(), text.size(),
                      SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

Statement& Statement::BindName(int place, std::string_view name) {
  const bool text = name.find('\0') == std::string_view::npos && IsUtf8(name);
  return text ? BindText(place, name) : BindBlob(place, name);
}

Statement& Statement::BindNull(int place) {
  sqlite3_bind_null(handle_.get(), place);
  return *this;
}

bool Statement::Execute() {
  const int code = sqlite3_step(handle_.get());
  const int reset = sqlite3_reset(handle_.get());
  return code == SQLITE_DONE && reset == SQLITE_OK;
}

std::string_view Statement::Bytes(int column) const {
  const void* const bytes = sqlite3_column_blob(handle_.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
  // SQLite has no address for no bytes; a view has one.
  return size == 0 ? std::string_view("") : std::string_view(static_cast<const char*>(bytes), size);
}

}  // namespace coord

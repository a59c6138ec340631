// SPDX-License-Identifier: MIT
// What opening a file refuses, and what it keeps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "client.h"
#include "fault_harness.h"

namespace coord::testing {
namespace {

using std::chrono::minutes;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Runs SQL in a file that nobody has open.
void RunSql(const std::string& path, const char* sql) {
  sqlite3* handle = nullptr;
  COORD_CHECK(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
  COORD_CHECK(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(handle);
}

class OpeningTest : public ::testing::Test {
 protected:
  Error TryOpenError() {
    const Result<void> opened = harness_.TryOpen();
    return opened.has_error() ? opened.error() : Error{};
  }

  FaultHarness harness_;
};

TEST_F(OpeningTest, OneStoreAtATime) {
  ManualClock clock;
  SqliteOptions options;
  options.path = harness_.path();
  const auto second = OpenSqliteStore(clock, options, StoreOptions());
  ASSERT_TRUE(second.has_error());
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(second.error().detail,
              AllOf(HasSubstr(harness_.path()), HasSubstr("another daemon has it open"),
                    HasSubstr("pid=" + std::to_string(getpid()))));
}

TEST_F(OpeningTest, ReadersGetInBesideIt) {
  Connection connection(harness_);
  Client client(connection);
  client.SetWorkSpec({{"name", "s"}});
  client.Add("s", {{.name = "a"}});
  RunSql(harness_.path(), "SELECT count(*) FROM work_units");
  client.Add("s", {{.name = "b"}});
  EXPECT_THAT(client.Names("s"), ElementsAre("a", "b"));
}

TEST(HeldLogTest, ALogThatAReaderHoldsIsToldOfAndCutWhenItHasGone) {
  SqliteOptions limits;
  limits.log_bytes = 64 * 1024;
  limits.held_log_bytes = 512 * 1024;
  FaultHarness harness(/*seed=*/0, limits);
  Connection connection(harness);
  Client client(connection);
  client.SetWorkSpec({{"name", "s"}});
  int next = 0;
  const auto fill = [&](const std::function<bool()>& enough) {
    while (!enough()) client.Add("s", {{.name = "unit " + std::to_string(next++)}});
  };
  sqlite3* reader = nullptr;
  ASSERT_EQ(sqlite3_open(harness.path().c_str(), &reader), SQLITE_OK);
  ASSERT_EQ(
      sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM work_units", nullptr, nullptr, nullptr),
      SQLITE_OK);
  fill([&] { return harness.held_log_bytes() != 0; });
  EXPECT_GE(harness.held_log_bytes(), 512U * 1024);
  sqlite3_close(reader);
  const std::string log = harness.path() + "-wal";
  // The file of a log that starts anew keeps four times its usual length.
  fill([&] { return std::filesystem::file_size(log) <= 256U * 1024; });
}

// Reads the file on a thread of its own, so that one reader always begins before the last one ends.
class ReadersInTurn {
 public:
  explicit ReadersInTurn(const std::string& path) : thread_([this, path] { Run(path); }) {
    began_.get_future().wait();
  }
  ReadersInTurn(const ReadersInTurn&) = delete;
  ReadersInTurn& operator=(const ReadersInTurn&) = delete;
  ~ReadersInTurn() {
    stopping_ = true;
    thread_.join();
  }

 private:
  static sqlite3* NewReader(const std::string& path) {
    sqlite3* reader = nullptr;
    COORD_CHECK(sqlite3_open(path.c_str(), &reader) == SQLITE_OK);
    constexpr const char* kRead = "BEGIN; SELECT count(*) FROM work_units";
    COORD_CHECK(sqlite3_exec(reader, kRead, nullptr, nullptr, nullptr) == SQLITE_OK);
    return reader;
  }

  void Run(const std::string& path) {
    sqlite3* last = NewReader(path);
    began_.set_value();
    while (!stopping_) sqlite3_close(std::exchange(last, NewReader(path)));
    sqlite3_close(last);
  }

  std::atomic<bool> stopping_ = false;
  std::promise<void> began_;
  std::thread thread_;
};

TEST(HeldLogTest, ALogStartsAnewBetweenReadersThatFollowEachOther) {
  constexpr std::uint64_t kLogBytes = 64 * 1024;
  SqliteOptions limits;
  limits.log_bytes = kLogBytes;
  limits.reader_wait = std::chrono::minutes(1);
  FaultHarness harness(/*seed=*/0, limits);
  Connection connection(harness);
  Client client(connection);
  client.SetWorkSpec({{"name", "s"}});
  const ReadersInTurn readers(harness.path());
  const std::string log = harness.path() + "-wal";
  int next = 0;
  const auto add = [&] { client.Add("s", {{.name = "unit " + std::to_string(next++)}}); };
  // Each takes a page of the log at least: so short again, it has started anew.
  for (std::uint64_t bytes = 0; bytes < 64 * kLogBytes; bytes += 4096) add();
  while (std::filesystem::file_size(log) > 4 * kLogBytes) add();
}

TEST_F(OpeningTest, ANewerFileIsRefused) {
  harness_.Close();
  RunSql(harness_.path(), "PRAGMA user_version = 1000");
  const Error error = TryOpenError();
  EXPECT_EQ(error.code, ErrorCode::kInvalid);
  EXPECT_THAT(error.detail, AllOf(HasSubstr(harness_.path()), HasSubstr("1000")));
}

TEST_F(OpeningTest, AnotherProgramsFileIsRefusedAndLeftAlone) {
  harness_.Close();
  std::filesystem::remove(harness_.path());
  RunSql(harness_.path(), "CREATE TABLE precious (x); INSERT INTO precious VALUES (1)");
  EXPECT_EQ(TryOpenError().code, ErrorCode::kInvalid);
  RunSql(harness_.path(), "INSERT INTO precious VALUES (2)");
}

TEST_F(OpeningTest, AFileThatIsNoDatabaseIsRefusedAndLeftAlone) {
  harness_.Close();
  std::filesystem::remove(harness_.path());
  const std::string text(100'000, 'x');
  std::ofstream(harness_.path()) << text;
  const Error error = TryOpenError();
  EXPECT_EQ(error.code, ErrorCode::kInvalid);
  EXPECT_THAT(error.detail, AllOf(HasSubstr(harness_.path()), HasSubstr("not an SQLite file")));
  EXPECT_EQ(std::filesystem::file_size(harness_.path()), text.size());
  EXPECT_FALSE(std::filesystem::exists(harness_.path() + ".lock"));
}

TEST_F(OpeningTest, AFolderIsRefused) {
  harness_.Close();
  std::filesystem::remove(harness_.path());
  std::filesystem::create_directory(harness_.path());
  EXPECT_EQ(TryOpenError().code, ErrorCode::kInvalid);
  EXPECT_FALSE(std::filesystem::exists(harness_.path() + ".lock"));
}

TEST_F(OpeningTest, LeavesNothingButTheFileBehind) {
  harness_.Close();
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(harness_.path()).parent_path())) {
    names.push_back(entry.path().filename());
  }
  EXPECT_THAT(names, ElementsAre("store.db"));
}

TEST_F(OpeningTest, ACorruptPageIsFoundAtTheLatestWhenItIsRead) {
  {
    Connection connection(harness_);
    Client client(connection);
    client.SetWorkSpec({{"name", "s"}});
    std::vector<NewUnit> units;
    for (int i = 0; i < 5'000; ++i) units.push_back({.name = "unit " + std::to_string(i)});
    client.Add("s", units);
  }
  harness_.Close();
  std::fstream file(harness_.path(), std::ios::in | std::ios::out | std::ios::binary);
  const auto size = static_cast<std::streamoff>(std::filesystem::file_size(harness_.path()));
  file.seekp(size / 2 / 4096 * 4096);
  file << std::string(4096, '\xa5');
  file.close();
  const Error error = TryOpenError();
  EXPECT_THAT(error.detail, HasSubstr(harness_.path()));
}

TEST_F(OpeningTest, LeasesLocksAndWorkersOutliveARestart) {
  Connection connection(harness_);
  Client client(connection);
  client.SetWorkSpec({{"name", "s"}});
  client.Add("s", {{.name = "a"}});
  client.Beat("w", minutes(10));
  const Held held = client.Take({.worker = "w", .lifetime = minutes(5)});
  client.ChangeLocks(LockOperation::kLockAll, "w", {{Value("x")}}, minutes(5));
  connection.Reopen();
  EXPECT_EQ(client.StatusOf("s", "a"), WorkUnitStatus::kPending);
  EXPECT_EQ(client.Attempt(held).worker, "w");
  EXPECT_TRUE(client.FindWorker("w").has_value());
  EXPECT_THAT(client.ReadLocks({{Value("x")}}), ElementsAre("w"));
  harness_.clock().Advance(minutes(5));
  connection.Reopen();
  EXPECT_EQ(client.StatusOf("s", "a"), WorkUnitStatus::kAvailable);
  EXPECT_THAT(client.ReadLocks({{Value("x")}}), ElementsAre(std::nullopt));
}

}  // namespace
}  // namespace coord::testing

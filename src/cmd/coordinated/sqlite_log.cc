// SPDX-License-Identifier: MIT
#include "cmd/coordinated/sqlite_log.h"

#include <spdlog/spdlog.h>

namespace coord {

namespace {
constexpr std::uint64_t kRowsALine = 1'000'000;
}  // namespace

void SqliteLog::OnLoading(std::uint64_t rows) {
  if (rows % kRowsALine == 0) spdlog::info("loading: {} million rows so far", rows / kRowsALine);
}

void SqliteLog::OnLoaded(std::uint64_t units, std::uint64_t attempts) {
  spdlog::info("loaded {} work units and {} attempts", units, attempts);
}

void SqliteLog::OnMigrated(int from, int to, const std::string& copy) {
  spdlog::info("the file's version was {} and is {}; as it was before it stands in {}", from, to,
               copy);
}

void SqliteLog::OnUnavailable(const std::string& reason) {
  spdlog::error("storage unavailable, changes are refused until it can be written: {}", reason);
}

void SqliteLog::OnAvailable() { spdlog::info("storage available again"); }

void SqliteLog::OnLogHeld(std::uint64_t bytes) {
  spdlog::warn("the write-ahead log has {} MiB: a reader holds an old snapshot", bytes >> 20U);
}

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "cmd/coordinated/postgres_log.h"

#include <spdlog/spdlog.h>

namespace coord {

void PostgresLog::OnMigrated(int from, int to) {
  if (from == 0) {
    spdlog::info("made the tables, version {}", to);
  } else {
    spdlog::info("the tables' version was {} and is {}", from, to);
  }
}

void PostgresLog::OnUnavailable(const std::string& reason) {
  spdlog::error("storage unavailable, trying again: {}", reason);
}

void PostgresLog::OnAvailable() { spdlog::info("storage available again"); }

void PostgresLog::OnUndivided(const std::string& reason) {
  spdlog::warn("no third connection to the database, which makes big loads slower: {}", reason);
}

}  // namespace coord

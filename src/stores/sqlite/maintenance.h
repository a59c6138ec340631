// SPDX-License-Identifier: MIT
// Looking after a file of the embedded store from outside the daemon.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace coord {

// Copies a file, as it is at one instant, while a daemon may have it open. Its writers wait for
// nothing; the write-ahead log grows meanwhile. `copy` appears when all of it is on the disk; until
// then it is `copy`.partial. `progress` is told of pages. Errors: kInvalid (there is a `copy`
// already; `path` is missing or another program's file), kUnavailable (cannot be read or written).
using OnPagesCopied = std::function<void(std::uint64_t copied, std::uint64_t all)>;
Result<void> BackUpSqliteFile(const std::string& path, const std::string& copy,
                              const OnPagesCopied& progress);

struct SqliteFileReport {
  std::vector<std::string> problems;  // empty: all is well
  std::uint64_t units = 0;
  std::uint64_t attempts = 0;
};

// Verifies a file that no daemon has open: its pages, and that its rows make a state. Changes
// nothing. Errors: kUnavailable (a daemon has it open), kInvalid (it is missing, another program's,
// or not of this version).
Result<SqliteFileReport> CheckSqliteFile(const std::string& path);

}  // namespace coord

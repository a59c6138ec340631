// SPDX-License-Identifier: MIT
// What the embedded store tells, as lines of the log.
#pragma once

#include "stores/sqlite/sqlite_store.h"

namespace coord {

class SqliteLog final : public SqliteEvents {
 public:
  void OnLoading(std::uint64_t rows) override;
  void OnLoaded(std::uint64_t units, std::uint64_t attempts) override;
  void OnMigrated(int from, int to, const std::string& copy) override;
  void OnUnavailable(const std::string& reason) override;
  void OnAvailable() override;
  void OnLogHeld(std::uint64_t bytes) override;
};

}  // namespace coord

// SPDX-License-Identifier: MIT
// What the PostgreSQL store tells, as lines of the log.
#pragma once

#include "stores/postgres/postgres_store.h"

namespace coord {

class PostgresLog final : public PostgresEvents {
 public:
  void OnMigrated(int from, int to) override;
  void OnUnavailable(const std::string& reason) override;
  void OnAvailable() override;
  void OnUndivided(const std::string& reason) override;
};

}  // namespace coord

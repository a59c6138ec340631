// SPDX-License-Identifier: MIT
// The stores that the daemon can be started with: the one place that names them.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "domain/store.h"
#include "stores/sqlite/sqlite_store.h"

namespace coord {

struct OpenedBackend {
  std::unique_ptr<SqliteEvents> events;  // of a SQLite store, which is gone before them
  std::unique_ptr<Store> store;
  bool keeps_state = false;  // false: all is lost when the daemon stops
};

// Opens the store that --backend names ("memory", "sqlite:PATH"). `clock` outlives it.
// Errors: kInvalid (an unknown one; the detail lists the known, or the rest is wrong).
Result<OpenedBackend> OpenBackend(const std::string& backend, Clock& clock,
                                  const StoreOptions& options);

// The known ones, for people: "memory, sqlite".
std::string KnownBackends();

}  // namespace coord

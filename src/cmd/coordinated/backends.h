// SPDX-License-Identifier: MIT
// The stores that the daemon can be started with: the one place that names them.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "domain/store.h"

namespace coord {

struct BackendOptions {
  StoreOptions store;
  bool may_migrate = true;    // false, for postgres alone: tables of an earlier version are refused
  bool clock_is_real = true;  // false: daemons on one database must not go by its clock
};

struct OpenedBackend {
  std::shared_ptr<void> log;  // what the store reports to, which is gone before it
  std::unique_ptr<Store> store;
  bool keeps_state = false;  // false: all is lost when the daemon stops
};

// Opens the store that --backend names ("memory", "sqlite:PATH", "postgres:CONNINFO" or a URL of
// PostgreSQL's, "http://HOST:PORT/"). `clock` outlives it.
// Errors: kInvalid (an unknown one; the detail lists the known, or the rest is wrong), and those of
// the store's own function.
Result<OpenedBackend> OpenBackend(const std::string& backend, Clock& clock,
                                  const BackendOptions& options);

// The known ones, for people: "memory, sqlite:PATH, …".
std::string KnownBackends();

}  // namespace coord

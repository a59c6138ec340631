// SPDX-License-Identifier: MIT
#include "cmd/coordinated/backends.h"

#include <array>
#include <string_view>

#include "cmd/coordinated/postgres_log.h"
#include "cmd/coordinated/rest_log.h"
#include "cmd/coordinated/sqlite_log.h"
#include "stores/memory/memory_store.h"
#include "stores/postgres/postgres_store.h"
#include "stores/sqlite/sqlite_store.h"

namespace coord {

namespace {

// What --backend says.
struct Address {
  std::string_view whole;
  std::string_view rest;  // after the first colon
};

struct Backend {
  std::string_view scheme;
  std::string_view usage;  // empty: another word for one that is listed
  Result<OpenedBackend> (*open)(const Address& address, Clock& clock,
                                const BackendOptions& options);
};

Result<OpenedBackend> OpenMemory(const Address& address, Clock& clock,
                                 const BackendOptions& options) {
  if (!address.rest.empty()) return InvalidError("the memory backend takes no argument");
  return OpenedBackend{nullptr, OpenMemoryStore(clock, options.store), /*keeps_state=*/false};
}

Result<OpenedBackend> OpenSqlite(const Address& address, Clock& clock,
                                 const BackendOptions& options) {
  const auto log = std::make_shared<SqliteLog>();
  SqliteOptions sqlite;
  sqlite.path = address.rest;
  sqlite.events = log.get();
  COORD_TRY(store, OpenSqliteStore(clock, sqlite, options.store));
  return OpenedBackend{log, std::move(store), /*keeps_state=*/true};
}

// The choices are the other daemon's, so that `options` must not ask for any.
Result<OpenedBackend> OpenRest(const Address& address, Clock& clock,
                               const BackendOptions& options) {
  const RetentionLimits& retention = options.store.retention;
  if (retention.completed_count || retention.completed_age) {
    return InvalidError(
        "with the http backend, --limit-completed-count and --limit-completed-age are for the "
        "daemon behind it");
  }
  const auto log = std::make_shared<RestLog>();
  COORD_TRY(store, OpenRestStore(clock, {std::string(address.whole), log.get()}));
  return OpenedBackend{log, std::move(store), /*keeps_state=*/true};
}

Result<OpenedBackend> OpenPostgres(const Address& address, Clock& clock,
                                   const BackendOptions& options) {
  const auto log = std::make_shared<PostgresLog>();
  PostgresOptions postgres;
  // A URL is for libpq as it stands.
  postgres.conninfo = address.rest.starts_with("//") ? address.whole : address.rest;
  postgres.may_migrate = options.may_migrate;
  postgres.database_time = options.clock_is_real;
  postgres.events = log.get();
  COORD_TRY(store, OpenPostgresStore(clock, postgres, options.store));
  return OpenedBackend{log, std::move(store), /*keeps_state=*/true};
}

constexpr std::array kBackends = {
    Backend{"memory", "memory", OpenMemory}, Backend{"sqlite", "sqlite:PATH", OpenSqlite},
    Backend{"postgres", "postgres://USER@HOST/DATABASE, postgres:CONNINFO", OpenPostgres},
    Backend{"postgresql", "", OpenPostgres}, Backend{"http", "http://HOST:PORT/", OpenRest}};

}  // namespace

Result<OpenedBackend> OpenBackend(const std::string& backend, Clock& clock,
                                  const BackendOptions& options) {
  const std::size_t colon = backend.find(':');
  const std::string_view whole = backend;
  const std::string_view scheme = whole.substr(0, colon);
  Address address{whole, {}};
  if (colon != std::string::npos) address.rest = whole.substr(colon + 1);
  for (const Backend& known : kBackends) {
    if (known.scheme != scheme) continue;
    if (!options.may_migrate && known.open != OpenPostgres) {
      return InvalidError("--no-migrate is for the postgres backend");
    }
    return known.open(address, clock, options);
  }
  return InvalidError("unknown backend '" + std::string(scheme) + "'; known: " + KnownBackends());
}

std::string KnownBackends() {
  std::string text;
  for (const Backend& known : kBackends) {
    if (!text.empty() && !known.usage.empty()) text.append(", ");
    text.append(known.usage);
  }
  return text;
}

}  // namespace coord

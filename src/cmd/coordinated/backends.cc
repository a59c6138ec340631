// SPDX-License-Identifier: MIT
#include "cmd/coordinated/backends.h"

#include <array>
#include <string_view>

#include "cmd/coordinated/sqlite_log.h"
#include "stores/memory/memory_store.h"
#include "stores/sqlite/sqlite_store.h"

namespace coord {

namespace {

struct Backend {
  std::string_view scheme;
  Result<OpenedBackend> (*open)(std::string_view rest, Clock& clock, const StoreOptions& options);
};

Result<OpenedBackend> OpenMemory(std::string_view rest, Clock& clock, const StoreOptions& options) {
  if (!rest.empty()) return InvalidError("the memory backend takes no argument");
  return OpenedBackend{nullptr, OpenMemoryStore(clock, options), /*keeps_state=*/false};
}

Result<OpenedBackend> OpenSqlite(std::string_view rest, Clock& clock, const StoreOptions& options) {
  OpenedBackend backend;
  backend.events = std::make_unique<SqliteLog>();
  SqliteOptions sqlite;
  sqlite.path = rest;
  sqlite.events = backend.events.get();
  COORD_TRY(store, OpenSqliteStore(clock, sqlite, options));
  backend.store = std::move(store);
  backend.keeps_state = true;
  return backend;
}

constexpr std::array kBackends = {Backend{"memory", OpenMemory}, Backend{"sqlite", OpenSqlite}};

}  // namespace

Result<OpenedBackend> OpenBackend(const std::string& backend, Clock& clock,
                                  const StoreOptions& options) {
  const std::size_t colon = backend.find(':');
  const std::string_view scheme = std::string_view(backend).substr(0, colon);
  const std::string_view rest =
      colon == std::string::npos ? std::string_view() : std::string_view(backend).substr(colon + 1);
  for (const Backend& known : kBackends) {
    if (known.scheme == scheme) return known.open(rest, clock, options);
  }
  return InvalidError("unknown backend '" + backend + "'; known: " + KnownBackends());
}

std::string KnownBackends() {
  std::string text;
  for (const Backend& known : kBackends) {
    if (!text.empty()) text.append(", ");
    text.append(known.scheme);
  }
  return text;
}

}  // namespace coord

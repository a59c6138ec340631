// SPDX-License-Identifier: MIT
// Commands that may select millions of units, executed transaction by transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/query.h"
#include "domain/status.h"
#include "stores/postgres/images.h"

namespace coord {

// A query that owns what it needs and remembers how far it has come.
struct UnitCursor {
  UnitCursor() = default;
  explicit UnitCursor(const WorkUnitQuery& query);

  // True once nothing more can come.
  bool ended() const { return done || (left && *left == 0); }

  std::optional<std::vector<std::string>> names;  // sorted, each once
  std::size_t next_name = 0;
  StatusSet statuses = StatusSet::All();
  std::optional<std::string> from;
  std::optional<std::string> after;
  std::optional<std::uint64_t> left;  // what the limit still allows
  bool done = false;
};

// A command under way.
struct PgLongCommand {
  enum class Action : std::uint8_t { kPrioritize, kDelete, kRetry, kRetention };

  Action action = Action::kDelete;
  std::string name_space;
  std::string spec;
  PgId spec_id = 0;  // a namesake that was made meanwhile is left alone
  UnitCursor cursor;
  double priority = 0;  // kPrioritize
  bool adjust = false;
  std::vector<std::string> retention_specs;  // kRetention: those still to do, last first
  std::uint64_t count = 0;                   // units so far
};

}  // namespace coord

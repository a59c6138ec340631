// SPDX-License-Identifier: MIT
// Which resource a path is, and what can be done with it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/result.h"
#include "http/operation.h"

namespace coord {

struct Route {
  std::string_view pattern;  // "/namespace/{namespace}/work_spec"
  std::span<const Operation> operations;
  std::string allow;             // "GET, HEAD, OPTIONS"
  std::size_t first_number = 0;  // of its operations, which are numbered on
};

// All of them. `has_clock`: /clock too.
std::span<const Route> Routes(bool has_clock);

// The names of all operations, /clock's included, by their numbers.
std::vector<std::string_view> OperationNames();

// The path's names as they stand in it.
struct RouteMatch {
  const Route* route = nullptr;  // null: there is no such resource
  PathNames raw;
};
// Compares segment by segment; allocates nothing.
RouteMatch MatchRoute(std::string_view path, bool has_clock);

// Decodes the names, the leftmost first. Errors: kInvalid.
Result<PathNames> DecodeNames(const PathNames& raw, Arena& arena);

// The operation of a method; HEAD is GET's. Null: there is none.
const Operation* FindOperation(const Route& route, std::string_view method);

}  // namespace coord

// SPDX-License-Identifier: MIT
// Reading the values that requests carry beside user data. Every error (kInvalid) names the field:
// a parameter, an option or a key.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "value/cbor_reader.h"

namespace coord {

// "NAME must be KIND"
Error MustBeError(std::string_view name, std::string_view kind);

// Each reads one encoded value and refuses one of another kind.
Result<std::string_view> ReadString(std::string_view value, std::string_view name, Arena& arena);
// A worker's name or the like: UTF-8, and not too long.
Result<std::string_view> ReadName(std::string_view value, std::string_view name, Arena& arena);
Result<double> ReadNumber(std::string_view value, std::string_view name);
Result<std::int64_t> ReadInteger(std::string_view value, std::string_view name);
Result<bool> ReadBool(std::string_view value, std::string_view name);
// A list or tuple of strings. Errors also: kOverLimit beyond a million, which bounds what a message
// of tiny ones costs.
Result<std::span<const std::string_view>> ReadStrings(std::string_view value, std::string_view name,
                                                      Arena& arena);
// Calls visit(name, value) -> Result<void> for each option that is not null, in the order sent.
template <typename Visit>
Result<void> VisitOptions(CborMap options, Arena& arena, Visit visit) {
  std::string_view key;
  std::string_view value;
  while (options.Next(key, value)) {
    if (IsCborNull(value)) continue;
    const auto name = CborAsString(key, arena);
    if (!name) continue;
    if (Result<void> visited = visit(*name, value); visited.has_error()) return visited;
  }
  return {};
}

}  // namespace coord

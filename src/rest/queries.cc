// SPDX-License-Identifier: MIT
// Query strings.
#include <algorithm>
#include <charconv>

#include "rest/requests.h"
#include "rest/url_names.h"

namespace coord {

namespace {

// Calls visit(name, value) -> Result<void> for each pair that is not empty, percent-decoded.
template <typename Visit>
Result<void> VisitPairs(std::string_view query, Arena& arena, Visit visit) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    COORD_TRY(name, PercentDecode(pair.substr(0, equals), /*plus_is_blank=*/true, arena));
    COORD_TRY(value, PercentDecode(pair.substr(std::min(equals + 1, pair.size())),
                                   /*plus_is_blank=*/true, arena));
    COORD_TRY_VOID(visit(name, value));
  }
  return {};
}

Result<std::uint64_t> ReadLimit(std::string_view text) {
  std::uint64_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error != std::errc() || end != text.data() + text.size()) {
    return InvalidError("limit must be a number, 0 or more");
  }
  return limit;
}

Result<bool> ReadFlag(std::string_view name, std::string_view text) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return InvalidError(std::string(name) + " must be true or false");
}

struct UnitQueryReader {
  Arena& arena;
  WorkUnitQuery query;
  std::vector<std::string_view> names;
  bool any_status = false;

  Result<void> ReadStatus(std::string_view text) {
    if (text == "any") {
      any_status = true;
      return {};
    }
    const auto status = WorkUnitStatusFromText(text);
    if (!status) return InvalidError("no such status '" + std::string(text) + "'");
    if (!query.statuses) query.statuses = StatusSet();
    query.statuses->Add(*status);
    return {};
  }

  Result<void> Read(std::string_view name, std::string_view value) {
    if (name == "name") {
      names.push_back(value);
    } else if (value.empty()) {
      return {};
    } else if (name == "status") {
      return ReadStatus(value);
    } else if (name == "previous") {
      COORD_TRY(previous, ReadPathName(value, arena));
      query.after = previous;
    } else if (name == "limit") {
      COORD_TRY(limit, ReadLimit(value));
      query.limit = limit;
    }
    return {};
  }
};

}  // namespace

Result<WorkUnitQuery> ReadUnitQuery(std::string_view query, Arena& arena) {
  UnitQueryReader reader{arena, {}, {}};
  COORD_TRY_VOID(VisitPairs(query, arena, [&](std::string_view name, std::string_view value) {
    return reader.Read(name, value);
  }));
  if (reader.any_status) reader.query.statuses.reset();
  if (!reader.names.empty()) {
    reader.query.names = arena.CopyArray(std::span<const std::string_view>(reader.names));
  }
  return reader.query;
}

Result<FailureQuery> ReadFailureQuery(std::string_view query, Arena& arena) {
  FailureQuery read;
  COORD_TRY(units, ReadUnitQuery(query, arena));
  read.units = units;
  read.units.statuses = WorkUnitStatus::kFailed;
  COORD_TRY_VOID(
      VisitPairs(query, arena, [&](std::string_view name, std::string_view value) -> Result<void> {
        if (value.empty()) return {};
        if (name == "error") read.filter.error = value;
        if (name == "contains") read.filter.contains = value;
        return {};
      }));
  return read;
}

Result<ListWorkers> ReadWorkerQuery(std::string_view query, Arena& arena) {
  ListWorkers command;
  COORD_TRY_VOID(
      VisitPairs(query, arena, [&](std::string_view name, std::string_view value) -> Result<void> {
        if (value.empty()) return {};
        if (name == "active") {
          COORD_TRY(active, ReadFlag(name, value));
          command.active = active;
        } else if (name == "previous") {
          COORD_TRY(previous, ReadPathName(value, arena));
          command.after = previous;
        } else if (name == "limit") {
          COORD_TRY(limit, ReadLimit(value));
          command.limit = limit;
        }
        return {};
      }));
  return command;
}

Result<bool> ReadQueryFlag(std::string_view query, std::string_view name, Arena& arena) {
  bool flag = false;
  COORD_TRY_VOID(
      VisitPairs(query, arena, [&](std::string_view key, std::string_view value) -> Result<void> {
        if (key != name || value.empty()) return {};
        COORD_TRY(read, ReadFlag(name, value));
        flag = read;
        return {};
      }));
  return flag;
}

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "rpc/params.h"

#include <algorithm>
#include <string>

#include "domain/names.h"

namespace coord {

namespace {

// More keys than this in one list are refused, which bounds what a message of tiny ones costs.
constexpr std::size_t kStringsMax = 1'000'000;

constexpr char kEmptyMap[] = "\xa0";

Error MissingError(std::string_view name) {
  return InvalidError("missing parameter " + std::string(name));
}

}  // namespace

Error MustBeError(std::string_view name, std::string_view kind) {
  return InvalidError(std::string(name).append(" must be ").append(kind));
}

Result<Params> Params::Match(const Envelope& envelope, std::span<const std::string_view> parameters,
                             std::size_t required, Arena& arena) {
  Params params;
  params.parameters_ = parameters;
  if (envelope.positional) {
    if (envelope.count > parameters.size()) {
      return InvalidError("takes at most " + std::to_string(parameters.size()) +
                          " parameters, got " + std::to_string(envelope.count));
    }
    if (envelope.count < required) return MissingError(parameters[envelope.count]);
    std::copy_n(envelope.values.begin(), envelope.count, params.values_.begin());
    return params;
  }
  auto map = CborMap::Open(envelope.params);
  if (!map) return InvalidError("params must be a list or a map");
  std::string_view key;
  std::string_view value;
  while (map->Next(key, value)) {
    const std::string_view name = CborAsString(key, arena).value_or(std::string_view());
    const auto found = std::find(parameters.begin(), parameters.end(), name);
    if (found == parameters.end()) {
      return InvalidError("no parameter is named '" + std::string(name) + "'");
    }
    params.values_[static_cast<std::size_t>(found - parameters.begin())] = value;
  }
  for (std::size_t i = 0; i < required; ++i) {
    if (params.values_[i].empty()) return MissingError(parameters[i]);
  }
  return params;
}

Result<std::string_view> Params::String(std::size_t index, Arena& arena) const {
  return ReadString(values_[index], parameters_[index], arena);
}

Result<std::string_view> Params::Name(std::size_t index, Arena& arena) const {
  return ReadName(values_[index], parameters_[index], arena);
}

Result<double> Params::Number(std::size_t index) const {
  return ReadNumber(values_[index], parameters_[index]);
}

Result<CborMap> Params::Options(std::size_t index) const {
  const std::string_view value = IsCborNull(values_[index]) ? kEmptyMap : values_[index];
  auto map = CborMap::Open(value);
  if (!map) return MustBeError(parameters_[index], "a map");
  return *map;
}

Result<std::string_view> ReadString(std::string_view value, std::string_view name, Arena& arena) {
  const auto text = CborAsString(value, arena);
  if (!text) return MustBeError(name, "a string");
  return *text;
}

Result<std::string_view> ReadName(std::string_view value, std::string_view name, Arena& arena) {
  COORD_TRY(text, ReadString(value, name, arena));
  COORD_TRY_VOID(CheckName(text, name));
  return text;
}

Result<double> ReadNumber(std::string_view value, std::string_view name) {
  const auto number = CborAsNumber(value);
  if (!number) return MustBeError(name, "a number");
  return *number;
}

Result<std::int64_t> ReadInteger(std::string_view value, std::string_view name) {
  const auto number = CborAsInteger(value);
  if (!number) return MustBeError(name, "an integer");
  return *number;
}

Result<bool> ReadBool(std::string_view value, std::string_view name) {
  const auto truth = CborAsBool(value);
  if (!truth) return MustBeError(name, "a boolean");
  return *truth;
}

Result<std::span<const std::string_view>> ReadStrings(std::string_view value, std::string_view name,
                                                      Arena& arena) {
  auto list = CborList::Open(value);
  if (!list) return MustBeError(name, "a list");
  const std::size_t count = list->CountLeft();
  if (count > kStringsMax) {
    return Error{ErrorCode::kOverLimit,
                 std::string(name) + " has more than " + std::to_string(kStringsMax) + " items",
                 {}};
  }
  const auto strings = arena.NewArray<std::string_view>(count);
  std::string_view item;
  for (std::size_t i = 0; i < count && list->Next(item); ++i) {
    const auto text = CborAsString(item, arena);
    if (!text) return MustBeError(name, "a list of strings");
    strings[i] = *text;
  }
  return std::span<const std::string_view>(strings);
}

Result<StatusSet> ReadStatuses(std::string_view value, std::string_view name) {
  StatusSet statuses;
  const auto add = [&](std::string_view item) {
    const auto number = CborAsInteger(item);
    if (number == 1) {
      statuses.Add(WorkUnitStatus::kAvailable);
      statuses.Add(WorkUnitStatus::kDelayed);
    } else if (number == 3) {
      statuses.Add(WorkUnitStatus::kPending);
    } else if (number == 4) {
      statuses.Add(WorkUnitStatus::kFinished);
    } else if (number == 5) {
      statuses.Add(WorkUnitStatus::kFailed);
    }
    return number.has_value();
  };
  if (auto list = CborList::Open(value)) {
    std::string_view item;
    while (list->Next(item)) {
      if (!add(item)) return MustBeError(name, "a status number or a list of them");
    }
  } else if (!add(value)) {
    return MustBeError(name, "a status number or a list of them");
  }
  return statuses;
}

}  // namespace coord

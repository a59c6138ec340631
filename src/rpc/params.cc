// SPDX-License-Identifier: MIT
#include "rpc/params.h"

#include <algorithm>
#include <string>

namespace coord {

namespace {

constexpr char kEmptyMap[] = "\xa0";

Error MissingError(std::string_view name) {
  return InvalidError("missing parameter " + std::string(name));
}

}  // namespace

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

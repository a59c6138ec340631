// SPDX-License-Identifier: MIT
#include "domain/work_spec.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/arena.h"
#include "domain/names.h"
#include "value/cbor_reader.h"

namespace coord {

namespace {

constexpr std::int64_t kDefaultWeight = 20;

// The values of the known keys, encoded; an empty view where the key is absent.
struct Fields {
  std::string_view name;
  std::string_view priority;
  std::string_view weight;
  std::string_view nice;
  std::string_view disabled;
  std::string_view continuous;
  std::string_view min_gb;
  std::string_view interval;
  std::string_view max_running;
  std::string_view max_getwork;
  std::string_view max_retries;
  std::string_view then;
  std::string_view runtime;
  std::string_view limit_completed_count;
  std::string_view limit_completed_age;
};

struct Key {
  std::string_view name;
  std::string_view Fields::*field;
};

constexpr std::array kKeys = {
    Key{"name", &Fields::name},
    Key{"priority", &Fields::priority},
    Key{"weight", &Fields::weight},
    Key{"nice", &Fields::nice},
    Key{"disabled", &Fields::disabled},
    Key{"continuous", &Fields::continuous},
    Key{"min_gb", &Fields::min_gb},
    Key{"interval", &Fields::interval},
    Key{"max_running", &Fields::max_running},
    Key{"max_getwork", &Fields::max_getwork},
    Key{"max_retries", &Fields::max_retries},
    Key{"then", &Fields::then},
    Key{"runtime", &Fields::runtime},
    Key{"limit_completed_count", &Fields::limit_completed_count},
    Key{"limit_completed_age", &Fields::limit_completed_age},
};

Fields FindFields(Data definition, Arena& arena) {
  Fields fields;
  auto map = CborMap::Open(definition.cbor());
  std::string_view key_item;
  std::string_view value;
  while (map && map->Next(key_item, value)) {
    const auto key = CborAsString(key_item, arena);
    const auto* known =
        std::find_if(kKeys.begin(), kKeys.end(), [&](const Key& k) { return key == k.name; });
    if (known != kKeys.end()) fields.*known->field = value;
  }
  return fields;
}

Error KeyError(std::string_view key, std::string_view what) {
  std::string detail(key);
  detail.append(" ").append(what);
  return {ErrorCode::kInvalid, std::move(detail), std::string(key)};
}

Result<void> CheckRange(std::string_view key, std::int64_t value, std::int64_t min,
                        std::int64_t max) {
  if (value >= min && value <= max) return {};
  return KeyError(key, "must be from " + std::to_string(min) + " to " + std::to_string(max));
}

Result<void> CheckAmount(std::string_view key, double value) {
  if (!std::isfinite(value)) return KeyError(key, "must be a finite number");
  if (value < 0) return KeyError(key, "must not be negative");
  return {};
}

// The readers below leave `to` as it is where the item is null or absent.

Result<void> ReadInteger(std::string_view key, std::string_view item, std::int64_t min,
                         std::int64_t max, std::optional<std::int64_t>& to) {
  if (IsCborNull(item)) return {};
  const auto value = CborAsInteger(item);
  if (!value) {
    const auto number = CborAsNumber(item);
    if (!number) return KeyError(key, "must be a number");
    if (!std::isfinite(*number)) return KeyError(key, "must be a finite number");
    return KeyError(key, "must be a whole number of at most 64 bits");
  }
  COORD_TRY_VOID(CheckRange(key, *value, min, max));
  to = value;
  return {};
}

Result<void> ReadLimit(std::string_view key, std::string_view item, std::uint64_t& to) {
  std::optional<std::int64_t> value;
  COORD_TRY_VOID(ReadInteger(key, item, 0, INT64_MAX, value));
  if (value) to = static_cast<std::uint64_t>(*value);
  return {};
}

Result<void> ReadAmount(std::string_view key, std::string_view item, std::optional<double>& to) {
  if (IsCborNull(item)) return {};
  const auto value = CborAsNumber(item);
  if (!value) return KeyError(key, "must be a number");
  COORD_TRY_VOID(CheckAmount(key, *value));
  to = value;
  return {};
}

Result<void> ReadBool(std::string_view key, std::string_view item, bool& to) {
  if (IsCborNull(item)) return {};
  const auto value = CborAsBool(item);
  if (!value) return KeyError(key, "must be true or false");
  to = *value;
  return {};
}

Result<void> ReadString(std::string_view key, std::string_view item, Arena& arena,
                        std::string& to) {
  if (IsCborNull(item)) return {};
  const auto value = CborAsString(item, arena);
  if (!value) return KeyError(key, "must be a string");
  if (const Result<void> checked = CheckName(*value, key); checked.has_error()) {
    return Error{checked.error().code, checked.error().detail, std::string(key)};
  }
  to = *value;
  return {};
}

Result<std::string> ReadName(std::string_view item, Arena& arena) {
  if (IsCborNull(item)) {
    COORD_TRY_VOID(CheckWorkSpecName({}));
  }
  const auto name = CborAsString(item, arena);
  if (!name) {
    return Error{ErrorCode::kBadWorkSpecName, "the work spec's name must be a string", {}};
  }
  COORD_TRY_VOID(CheckWorkSpecName(*name));
  return std::string(*name);
}

Result<void> ReadWeight(const Fields& fields, WorkSpecMeta& meta) {
  std::optional<std::int64_t> nice;
  COORD_TRY_VOID(ReadInteger("nice", fields.nice, kDefaultWeight - kWeightBound,
                             kDefaultWeight + kWeightBound, nice));
  std::optional<std::int64_t> weight;
  COORD_TRY_VOID(ReadInteger("weight", fields.weight, -kWeightBound, kWeightBound, weight));
  meta.weight = std::max<std::int64_t>(weight.value_or(kDefaultWeight - nice.value_or(0)), 1);
  return {};
}

Result<void> ReadMeta(const Fields& fields, Arena& arena, WorkSpecMeta& meta) {
  std::optional<std::int64_t> priority;
  COORD_TRY_VOID(ReadInteger("priority", fields.priority, -kWeightBound, kWeightBound, priority));
  meta.priority = priority.value_or(0);
  COORD_TRY_VOID(ReadWeight(fields, meta));
  COORD_TRY_VOID(ReadBool("disabled", fields.disabled, meta.paused));
  COORD_TRY_VOID(ReadBool("continuous", fields.continuous, meta.can_be_continuous));
  meta.continuous = meta.can_be_continuous;
  std::optional<double> min_gb;
  COORD_TRY_VOID(ReadAmount("min_gb", fields.min_gb, min_gb));
  meta.min_memory_gb = min_gb.value_or(0);
  std::optional<double> interval;
  COORD_TRY_VOID(ReadAmount("interval", fields.interval, interval));
  meta.interval = FromSeconds(interval.value_or(0));
  COORD_TRY_VOID(ReadLimit("max_running", fields.max_running, meta.max_running));
  COORD_TRY_VOID(ReadLimit("max_getwork", fields.max_getwork, meta.max_attempts_returned));
  COORD_TRY_VOID(ReadLimit("max_retries", fields.max_retries, meta.max_retries));
  COORD_TRY_VOID(ReadString("then", fields.then, arena, meta.next_work_spec_name));
  return ReadString("runtime", fields.runtime, arena, meta.runtime);
}

Result<void> ReadRetention(const Fields& fields, RetentionLimits& retention) {
  if (!IsCborNull(fields.limit_completed_count)) {
    std::uint64_t count = 0;
    COORD_TRY_VOID(ReadLimit("limit_completed_count", fields.limit_completed_count, count));
    retention.completed_count = count;
  }
  std::optional<double> age;
  COORD_TRY_VOID(ReadAmount("limit_completed_age", fields.limit_completed_age, age));
  if (age) retention.completed_age = FromSeconds(*age);
  return {};
}

template <typename T>
void Set(const std::optional<T>& from, T& to) {
  if (from) to = *from;
}

}  // namespace

Result<ParsedDefinition> ParseDefinition(Data definition) {
  Arena arena;
  const Fields fields = FindFields(definition, arena);
  ParsedDefinition parsed;
  COORD_TRY(name, ReadName(fields.name, arena));
  parsed.name = std::move(name);
  COORD_TRY_VOID(ReadMeta(fields, arena, parsed.meta));
  COORD_TRY_VOID(ReadRetention(fields, parsed.retention));
  return parsed;
}

Result<void> ApplyMetaChange(const WorkSpecMetaChange& change, bool strict, WorkSpecMeta& meta) {
  COORD_TRY_VOID(CheckRange("priority", change.priority.value_or(0), -kWeightBound, kWeightBound));
  COORD_TRY_VOID(CheckRange("weight", change.weight.value_or(0), -kWeightBound, kWeightBound));
  COORD_TRY_VOID(CheckAmount("min_memory_gb", change.min_memory_gb.value_or(0)));
  if (change.interval.value_or(Duration(0)) < Duration(0)) {
    return KeyError("interval", "must not be negative");
  }
  const bool becomes_continuous = change.continuous.value_or(false);
  if (strict && becomes_continuous && !meta.can_be_continuous) {
    return Error{ErrorCode::kCannotBecomeContinuous,
                 "the work spec's definition does not allow it to be continuous",
                 {}};
  }
  Set(change.priority, meta.priority);
  Set(change.weight, meta.weight);
  Set(change.paused, meta.paused);
  if (change.continuous) meta.continuous = becomes_continuous && meta.can_be_continuous;
  Set(change.min_memory_gb, meta.min_memory_gb);
  Set(change.interval, meta.interval);
  Set(change.next_continuous, meta.next_continuous);
  Set(change.max_running, meta.max_running);
  Set(change.max_attempts_returned, meta.max_attempts_returned);
  Set(change.max_retries, meta.max_retries);
  return {};
}

}  // namespace coord

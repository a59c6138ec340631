// SPDX-License-Identifier: MIT
#include "coordinate/convert.h"

#include <utility>
#include <variant>

#include "base/check.h"
#include "value/cbor_reader.h"

namespace coordinate {

namespace {

ErrorCode ToPublic(coord::ErrorCode code) {
  switch (code) {
    case coord::ErrorCode::kNoWorkSpecName:
      return ErrorCode::kNoWorkSpecName;
    case coord::ErrorCode::kBadWorkSpecName:
      return ErrorCode::kBadWorkSpecName;
    case coord::ErrorCode::kChangedName:
      return ErrorCode::kChangedName;
    case coord::ErrorCode::kLostLease:
      return ErrorCode::kLostLease;
    case coord::ErrorCode::kNotPending:
      return ErrorCode::kNotPending;
    case coord::ErrorCode::kCannotBecomeContinuous:
      return ErrorCode::kCannotBecomeContinuous;
    case coord::ErrorCode::kBadPriority:
      return ErrorCode::kBadPriority;
    case coord::ErrorCode::kGone:
      return ErrorCode::kGone;
    case coord::ErrorCode::kNoSuchWorkSpec:
      return ErrorCode::kNoSuchWorkSpec;
    case coord::ErrorCode::kNoSuchWorkUnit:
      return ErrorCode::kNoSuchWorkUnit;
    case coord::ErrorCode::kNotFound:
    case coord::ErrorCode::kNoWork:
      return ErrorCode::kNotFound;
    case coord::ErrorCode::kInvalid:
    case coord::ErrorCode::kWrongBackend:
    case coord::ErrorCode::kWorkUnitNotList:
    case coord::ErrorCode::kWorkUnitTooShort:
      return ErrorCode::kInvalid;
    case coord::ErrorCode::kOverLimit:
      return ErrorCode::kOverLimit;
    case coord::ErrorCode::kUnavailable:
      return ErrorCode::kUnavailable;
    case coord::ErrorCode::kInDoubt:
      return ErrorCode::kInDoubt;
    case coord::ErrorCode::kCorrupt:
    case coord::ErrorCode::kInternal:
      break;
  }
  return ErrorCode::kInternal;
}

// Turns a tree of one kind of value into one of the other. Where both have a type of the same name,
// it is taken over.
struct FromDomain {
  Value operator()(std::monostate) const { return {}; }
  Value operator()(const coord::Bytes& bytes) const { return Bytes{bytes.bytes}; }
  Value operator()(const coord::Uuid& uuid) const { return Uuid{uuid.bytes}; }
  Value operator()(const coord::Opaque& opaque) const { return Opaque{opaque.cbor}; }
  Value operator()(const coord::Bignum& number) const { return Opaque{coord::EncodeCbor(number)}; }
  Value operator()(const coord::List& list) const { return Items(list); }
  Value operator()(const coord::Tuple& tuple) const { return Tuple{Items(tuple.items)}; }
  Value operator()(const coord::Map& map) const {
    Map entries;
    entries.reserve(map.size());
    for (const auto& [key, value] : map) {
      entries.emplace_back(coordinate::ToPublic(key), coordinate::ToPublic(value));
    }
    return entries;
  }
  template <typename T>
  Value operator()(const T& scalar) const {
    return scalar;
  }

  static List Items(const std::vector<coord::Value>& items) {
    List list;
    list.reserve(items.size());
    for (const coord::Value& item : items) list.push_back(coordinate::ToPublic(item));
    return list;
  }
};

coord::Value ToDomain(const Value& value);

struct IntoDomain {
  coord::Value operator()(std::monostate) const { return {}; }
  coord::Value operator()(const Bytes& bytes) const { return coord::Bytes{bytes.bytes}; }
  coord::Value operator()(const Uuid& uuid) const { return coord::Uuid{uuid.bytes}; }
  coord::Value operator()(const Opaque& opaque) const { return coord::Opaque{opaque.cbor}; }
  coord::Value operator()(const List& list) const { return Items(list); }
  coord::Value operator()(const Tuple& tuple) const { return coord::Tuple{Items(tuple.items)}; }
  coord::Value operator()(const Map& map) const {
    coord::Map entries;
    entries.reserve(map.size());
    for (const auto& [key, value] : map) entries.emplace_back(ToDomain(key), ToDomain(value));
    return entries;
  }
  template <typename T>
  coord::Value operator()(const T& scalar) const {
    return scalar;
  }

  static coord::List Items(const std::vector<Value>& items) {
    coord::List list;
    list.reserve(items.size());
    for (const Value& item : items) list.push_back(ToDomain(item));
    return list;
  }
};

coord::Value ToDomain(const Value& value) { return std::visit(IntoDomain(), value.variant()); }

coord::WorkUnitStatus ToDomain(WorkUnitStatus status) {
  return coord::kWorkUnitStatuses[static_cast<std::size_t>(status)];
}

}  // namespace

// --- From the domain -----------------------------------------------------------------------------

Error ToPublic(const coord::Error& error) {
  return {ToPublic(error.code), error.detail, error.subject};
}

Value ToPublic(const coord::Value& value) { return std::visit(FromDomain(), value.variant()); }

Value DecodeItem(std::string_view item) {
  if (item.empty()) return {};
  const auto value = coord::DecodeCbor(item, coord::CborScanner::kDepthMax);
  // What a store holds was checked when it came in.
  COORD_CHECK(value.has_value());
  return ToPublic(*value);
}

Value DecodeData(coord::Data data) { return DecodeItem(data.cbor()); }

std::optional<Time> ToPublic(coord::WallTime time) {
  if (time == coord::kNoTime) return std::nullopt;
  return time;
}

WorkUnitStatus ToPublic(coord::WorkUnitStatus status) {
  switch (status) {
    case coord::WorkUnitStatus::kAvailable:
      return WorkUnitStatus::kAvailable;
    case coord::WorkUnitStatus::kDelayed:
      return WorkUnitStatus::kDelayed;
    case coord::WorkUnitStatus::kPending:
      return WorkUnitStatus::kPending;
    case coord::WorkUnitStatus::kFinished:
      return WorkUnitStatus::kFinished;
    case coord::WorkUnitStatus::kFailed:
      break;
  }
  return WorkUnitStatus::kFailed;
}

WorkUnitInfo ToPublic(const coord::WorkUnitView& unit) {
  return {std::string(unit.name), ToPublic(unit.status), DecodeData(unit.data), unit.priority,
          ToPublic(unit.not_before)};
}

namespace {

AttemptStatus ToPublic(coord::AttemptStatus status) {
  switch (status) {
    case coord::AttemptStatus::kPending:
      return AttemptStatus::kPending;
    case coord::AttemptStatus::kExpired:
      return AttemptStatus::kExpired;
    case coord::AttemptStatus::kFinished:
      return AttemptStatus::kFinished;
    case coord::AttemptStatus::kFailed:
      return AttemptStatus::kFailed;
    case coord::AttemptStatus::kRetryable:
      break;
  }
  return AttemptStatus::kRetryable;
}

}  // namespace

AttemptInfo InfoOf(const coord::AttemptView& attempt) {
  return {ToPublic(attempt.status), DecodeData(attempt.data), attempt.start, attempt.expiration,
          coordinate::ToPublic(attempt.end)};
}

WorkerInfo ToPublic(const coord::WorkerView& worker) {
  WorkerInfo info;
  info.name = worker.name;
  if (worker.parent) info.parent = *worker.parent;
  for (const std::string_view child : worker.children) info.children.emplace_back(child);
  info.active = worker.active;
  info.mode = DecodeItem(worker.mode);
  info.data = DecodeData(worker.data);
  info.last_update = ToPublic(worker.last_update);
  info.expiration = ToPublic(worker.expiration);
  return info;
}

WorkSpecMeta ToPublic(const coord::MetaReply& reply) {
  const coord::WorkSpecMeta& from = *reply.meta;
  WorkSpecMeta meta;
  meta.priority = from.priority;
  meta.weight = from.weight;
  meta.paused = from.paused;
  meta.continuous = from.continuous;
  meta.can_be_continuous = from.can_be_continuous;
  meta.min_memory_gb = from.min_memory_gb;
  meta.interval = from.interval;
  meta.next_continuous = ToPublic(from.next_continuous);
  meta.max_running = from.max_running;
  meta.max_attempts_returned = from.max_attempts_returned;
  meta.max_retries = from.max_retries;
  meta.next_work_spec = from.next_work_spec_name;
  meta.runtime = from.runtime;
  meta.available = reply.available;
  meta.pending = reply.pending;
  return meta;
}

std::vector<SummaryRecord> ToPublic(const coord::SummaryReply& reply) {
  std::vector<SummaryRecord> records;
  for (const coord::SummaryReply::Record& record : reply.records) {
    records.push_back({std::string(record.name_space), std::string(record.spec),
                       ToPublic(record.status), record.count});
  }
  return records;
}

// --- To the domain -------------------------------------------------------------------------------

Result<coord::Data> EncodeData(const Value& value, coord::Arena& arena) {
  if (value.is_null()) return coord::Data();
  const auto data =
      coord::Data::FromItem(arena.Copy(coord::EncodeCbor(ToDomain(value))), "the data");
  if (data.has_error()) return ToPublic(data.error());
  return *data;
}

std::span<const std::string_view> ToDomain(const std::vector<std::string>& texts,
                                           coord::Arena& arena) {
  const std::span<std::string_view> views = arena.NewArray<std::string_view>(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) views[i] = texts[i];
  return views;
}

coord::WorkUnitQuery ToDomain(const WorkUnitQuery& query, coord::Arena& arena) {
  coord::WorkUnitQuery to;
  if (query.names) to.names = ToDomain(*query.names, arena);
  if (query.statuses) {
    to.statuses.emplace();
    for (const WorkUnitStatus status : *query.statuses) to.statuses->Add(ToDomain(status));
  }
  if (query.after) to.after = *query.after;
  to.limit = query.limit;
  return to;
}

coord::WorkSpecMetaChange ToDomain(const WorkSpecMetaChange& change) {
  coord::WorkSpecMetaChange to;
  to.priority = change.priority;
  to.weight = change.weight;
  to.paused = change.paused;
  to.continuous = change.continuous;
  to.min_memory_gb = change.min_memory_gb;
  to.interval = change.interval;
  to.next_continuous = change.next_continuous;
  to.max_running = change.max_running;
  to.max_attempts_returned = change.max_attempts_returned;
  to.max_retries = change.max_retries;
  return to;
}

}  // namespace coordinate

// SPDX-License-Identifier: MIT
// Workers.
#include <array>
#include <map>
#include <string>

#include "domain/names.h"
#include "rpc/answer.h"
#include "rpc/limits.h"
#include "rpc/methods.h"

namespace coord {

namespace {

constexpr Duration kDefaultHeartbeat = std::chrono::seconds(300);
constexpr Duration kHugeHeartbeat = std::chrono::seconds(3600);

// --- worker_heartbeat, worker_unregister ---------------------------------------------------------

Result<Duration> ReadLifetime(const Params& params, std::size_t index, CallNotes& notes) {
  COORD_TRY(seconds, params.Number(index));
  if (seconds < 0) {
    notes.message = "negative expire time defaulted to 5 minutes";
    return kDefaultHeartbeat;
  }
  if (!(seconds <= kHeartbeatSecondsMax)) {
    notes.message = "huge expire time defaulted to one hour";
    return kHugeHeartbeat;
  }
  return FromSeconds(seconds);
}

Result<std::string_view> ReadMode(const Params& params, std::size_t index, Arena& arena) {
  const std::string_view mode = params[index];
  if (const auto text = CborAsString(mode, arena)) {
    if (text->size() > kNameBytesMax) return MustBeError(params.name(index), "a shorter string");
    return mode;
  }
  if (IsCborBignum(mode) ? mode.size() > kNameBytesMax : !IsCborNull(mode) && !CborAsNumber(mode)) {
    return MustBeError(params.name(index), "a string, a number or null");
  }
  return mode;
}

Result<void> DecodeHeartbeat(const Params& params, DecodeContext& context, Submission& submission,
                             CallNotes& notes) {
  auto& command = submission.command.emplace<Heartbeat>();
  COORD_TRY(worker, params.Name(0, context.arena));
  command.worker = worker;
  COORD_TRY(mode, ReadMode(params, 1, context.arena));
  command.mode = mode;
  COORD_TRY(lifetime, ReadLifetime(params, 2, notes));
  command.lifetime = lifetime;
  COORD_TRY(data, Data::FromItem(params[3], params.name(3)));
  command.data = data;
  if (!IsCborNull(params[4])) {
    COORD_TRY(parent, params.Name(4, context.arena));
    command.parent = parent;
  }
  return {};
}

void EncodePairTrue(const Outcome&, const CallNotes& notes, CborWriter& writer) {
  writer.TupleHead(2);
  writer.Bool(true);
  WritePairMessage(writer, notes.message);
}

Result<void> DecodeUnregister(const Params& params, DecodeContext& context, Submission& submission,
                              CallNotes&) {
  COORD_TRY(worker, params.Name(0, context.arena));
  submission.command.emplace<UnregisterWorker>().worker = worker;
  return {};
}

// --- list_worker_modes, mode_counts, worker_stats ------------------------------------------------

Result<void> DecodeListShown(const Params&, DecodeContext&, Submission& submission, CallNotes&) {
  submission.command.emplace<ListWorkers>().shown_only = true;
  return {};
}

void EncodeModes(const Outcome& outcome, const CallNotes&, CborWriter& writer) {
  const auto workers = std::get<WorkersReply>(outcome).workers;
  writer.TupleHead(2);
  writer.MapHead(workers.size());
  for (const WorkerView& worker : workers) {
    writer.Text(worker.name);
    writer.Raw(worker.mode);
  }
  writer.Null();
}

void EncodeModeCounts(const Outcome& outcome, const CallNotes&, CborWriter& writer) {
  struct Count {
    std::string_view mode;  // as it was first sent
    std::uint64_t workers = 0;
  };
  // Text and bytes of the same content are one mode, and a Python client could not tell them apart
  // as keys of a map.
  std::map<std::string, Count, std::less<>> counts;
  Arena arena;
  for (const WorkerView& worker : std::get<WorkersReply>(outcome).workers) {
    const auto text = CborAsString(worker.mode, arena);
    std::string key(text ? "s" : "n");
    key.append(text ? *text : worker.mode);
    Count& count = counts[std::move(key)];
    if (count.workers++ == 0) count.mode = worker.mode;
  }
  writer.TupleHead(2);
  writer.MapHead(counts.size());
  for (const auto& [key, count] : counts) {
    writer.Raw(count.mode);
    writer.Unsigned(count.workers);
  }
  writer.Null();
}

void EncodeStats(const Outcome& outcome, const CallNotes&, CborWriter& writer) {
  const auto workers = std::get<WorkersReply>(outcome).workers;
  std::uint64_t children = 0;
  for (const WorkerView& worker : workers) children += worker.parent ? 1U : 0U;
  writer.MapHead(3);
  writer.Text("num_workers");
  writer.Unsigned(workers.size());
  writer.Text("num_children");
  writer.Unsigned(children);
  // Every worker shown has an expiration.
  writer.Text("num_expirable");
  writer.Unsigned(workers.size());
}

// --- get_worker_info -----------------------------------------------------------------------------

constexpr std::string_view kAge = "age_seconds";

Result<void> DecodeInfo(const Params& params, DecodeContext& context, Submission& submission,
                        CallNotes&) {
  COORD_TRY(worker, params.Name(0, context.arena));
  submission.command.emplace<GetWorker>().worker = worker;
  return {};
}

// Writes a worker's data with its age, which replaces an entry of that name.
void WriteInfo(const WorkerView& worker, double age_seconds, CborWriter& writer) {
  Arena arena;
  std::string_view key;
  std::string_view value;
  const auto is_age = [&] { return CborAsString(key, arena) == kAge; };
  std::uint64_t entries = 1;
  auto counted = *CborMap::Open(worker.data.cbor());
  while (counted.Next(key, value)) entries += is_age() ? 0U : 1U;
  writer.MapHead(entries);
  auto map = *CborMap::Open(worker.data.cbor());
  while (map.Next(key, value)) {
    if (is_age()) continue;
    writer.Raw(key);
    writer.Raw(value);
  }
  writer.Text(kAge);
  writer.Double(age_seconds);
}

void EncodeInfo(const Outcome& outcome, const CallNotes& notes, CborWriter& writer) {
  const auto workers = std::get<WorkersReply>(outcome).workers;
  writer.TupleHead(2);
  if (workers.empty() || !workers.front().shown) {
    writer.Null();
  } else {
    const Duration age = notes.facts->clock->Now() - workers.front().last_heartbeat;
    WriteInfo(workers.front(), std::chrono::duration<double>(age).count(), writer);
  }
  writer.Null();
}

// --- get_child_work_units ------------------------------------------------------------------------

Result<void> DecodeChildren(const Params& params, DecodeContext& context, Submission& submission,
                            CallNotes&) {
  COORD_TRY(worker, params.Name(0, context.arena));
  submission.command.emplace<GetChildWorkUnits>().worker = worker;
  return {};
}

void WriteChildUnit(const ChildUnitsReply::Unit& unit, CborWriter& writer) {
  writer.MapHead(5);
  writer.Text("work_spec_name");
  writer.Text(unit.spec);
  writer.Text("work_unit_key");
  writer.Bytes(unit.unit);
  writer.Text("work_unit_data");
  writer.Raw(unit.data.Or(Data::Empty()).cbor());
  writer.Text("worker_id");
  if (unit.worker) {
    writer.Text(*unit.worker);
  } else {
    writer.Null();
  }
  writer.Text("expires");
  if (unit.worker && unit.expiration != kNoTime) {
    writer.Double(ToUnixSeconds(unit.expiration));
  } else {
    writer.Null();
  }
}

void EncodeChildren(const Outcome& outcome, const CallNotes&, CborWriter& writer) {
  const auto children = std::get<ChildUnitsReply>(outcome).children;
  writer.TupleHead(2);
  writer.MapHead(children.size());
  for (const ChildUnitsReply::Child& child : children) {
    writer.Text(child.worker);
    writer.ArrayHead(child.units.size());
    for (const ChildUnitsReply::Unit& unit : child.units) WriteChildUnit(unit, writer);
  }
  writer.Null();
}

constexpr std::array<std::string_view, 5> kHeartbeat = {"worker_id", "mode", "expire_seconds",
                                                        "data", "parent"};
constexpr std::array<std::string_view, 1> kWorker = {"worker_id"};

constexpr std::array kMethods = {
    Method{"worker_heartbeat", kHeartbeat, 5, Failure::kError, DecodeHeartbeat, EncodePairTrue},
    Method{"worker_unregister", kWorker, 1, Failure::kFalse, DecodeUnregister, EncodePairTrue},
    LongAnswer({"list_worker_modes", {}, 0, Failure::kError, DecodeListShown, EncodeModes}),
    Method{"mode_counts", {}, 0, Failure::kError, DecodeListShown, EncodeModeCounts},
    Method{"worker_stats", {}, 0, Failure::kError, DecodeListShown, EncodeStats},
    Method{"get_worker_info", kWorker, 1, Failure::kNull, DecodeInfo, EncodeInfo},
    LongAnswer(
        {"get_child_work_units", kWorker, 1, Failure::kNull, DecodeChildren, EncodeChildren}),
};

}  // namespace

std::span<const Method> WorkerMethods() { return kMethods; }

}  // namespace coord

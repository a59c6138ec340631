// SPDX-License-Identifier: MIT
// get_work and the updates of work units: the hot path.
#include <algorithm>
#include <array>

#include "rpc/answer.h"
#include "rpc/limits.h"
#include "rpc/methods.h"
#include "rpc/update_options.h"

namespace coord {

namespace {

// Attempts live for ever or a day in the original; 300 s is what it falls back to.
constexpr double kLeaseSecondsMin = 1;
constexpr double kLeaseSecondsMax = 86'400;
constexpr Duration kDefaultLease = std::chrono::seconds(300);

// Workers that do not know of runtimes get only what needs none.
constexpr std::array<std::string_view, 1> kPlainRuntime = {std::string_view()};

// --- get_work ------------------------------------------------------------------------------------

Result<void> ReadCount(std::string_view value, RequestWork& request, CallNotes& notes) {
  COORD_TRY(count, ReadInteger(value, "max_jobs"));
  notes.as_list = count != 1;
  request.count = static_cast<std::uint64_t>(std::clamp<std::int64_t>(count, 1, kWorkUnitsMax));
  return {};
}

Result<void> ReadLease(std::string_view value, RequestWork& request) {
  COORD_TRY(seconds, ReadNumber(value, "lease_time"));
  const bool usable = seconds >= kLeaseSecondsMin && seconds <= kLeaseSecondsMax;
  request.lifetime = usable ? FromSeconds(seconds) : kDefaultLease;
  return {};
}

Result<void> ReadWait(std::string_view value, const DecodeContext& context,
                      Submission& submission) {
  COORD_TRY(seconds, ReadNumber(value, "wait_seconds"));
  if (!context.may_wait || !(seconds > 0)) return {};
  submission.wait = FromSeconds(std::min(seconds, kWaitSecondsMax));
  return {};
}

Result<void> ReadGetWorkOption(std::string_view name, std::string_view value,
                               DecodeContext& context, Submission& submission, CallNotes& notes) {
  auto& request = std::get<RequestWork>(submission.command);
  if (name == "max_jobs") return ReadCount(value, request, notes);
  if (name == "lease_time") return ReadLease(value, request);
  if (name == "wait_seconds") return ReadWait(value, context, submission);
  if (name == "work_spec_names") {
    COORD_TRY(names, ReadStrings(value, name, context.arena));
    request.filter.work_spec_names = names;
  } else if (name == "runtimes") {
    COORD_TRY(names, ReadStrings(value, name, context.arena));
    request.filter.runtimes = names;
  } else if (name == "updates") {
    COORD_TRY(updates, ReadUpdates(value, name, context.arena));
    request.updates = updates;
    notes.with_updates = true;
  }
  return {};
}

Result<void> DecodeGetWork(const Params& params, DecodeContext& context, Submission& submission,
                           CallNotes& notes) {
  auto& request = submission.command.emplace<RequestWork>();
  COORD_TRY(worker, params.Name(0, context.arena));
  request.worker = worker;
  request.lifetime = kDefaultLease;
  request.filter.runtimes = kPlainRuntime;
  COORD_TRY(options, params.Options(1));
  return VisitOptions(options, context.arena, [&](std::string_view name, std::string_view value) {
    return ReadGetWorkOption(name, value, context, submission, notes);
  });
}

void WriteUpdateReply(const UpdateReply& reply, CborWriter& writer) {
  writer.TupleHead(2);
  writer.Bool(reply.ok);
  WritePairMessage(writer, reply.message);
}

void WriteUpdateReplies(std::span<const UpdateReply> replies, CborWriter& writer) {
  writer.ArrayHead(replies.size());
  for (const UpdateReply& reply : replies) WriteUpdateReply(reply, writer);
}

void WriteGranted(std::string_view spec, const GrantedUnit& unit, CborWriter& writer) {
  writer.TupleHead(3);
  writer.Text(spec);
  writer.Bytes(unit.name);
  writer.Raw(unit.data.cbor());
}

void WriteWork(const WorkReply& reply, bool as_list, CborWriter& writer) {
  if (as_list) {
    writer.ArrayHead(reply.units.size());
    for (const GrantedUnit& unit : reply.units) WriteGranted(reply.spec, unit, writer);
  } else if (reply.units.empty()) {
    writer.Raw("\xd8\x80\x83\xf6\xf6\xf6");
  } else {
    WriteGranted(reply.spec, reply.units.front(), writer);
  }
}

void EncodeGetWork(const Outcome& outcome, const CallNotes& notes, CborWriter& writer) {
  const auto& reply = std::get<WorkReply>(outcome);
  writer.TupleHead(2);
  if (notes.with_updates) {
    writer.MapHead(2);
    writer.Text("updates");
    WriteUpdateReplies(reply.updates, writer);
    writer.Text("work");
  }
  WriteWork(reply, notes.as_list, writer);
  writer.Null();
}

// --- update_work_unit, update_work_units ---------------------------------------------------------

Result<void> DecodeUpdate(const Params& params, DecodeContext& context, Submission& submission,
                          CallNotes&) {
  const auto updates = context.arena.NewArray<WorkUnitUpdate>(1);
  COORD_TRY(spec, params.String(0, context.arena));
  COORD_TRY(unit, params.String(1, context.arena));
  COORD_TRY(options, params.Options(2));
  updates[0].spec = spec;
  updates[0].unit = unit;
  COORD_TRY_VOID(ReadUpdateOptions(options, context.arena, updates[0]));
  submission.command.emplace<UpdateWorkUnits>(UpdateWorkUnits{updates});
  return {};
}

void EncodeUpdate(const Outcome& outcome, const CallNotes&, CborWriter& writer) {
  WriteUpdateReply(std::get<UpdatesReply>(outcome).replies.front(), writer);
}

Result<void> DecodeUpdates(const Params& params, DecodeContext& context, Submission& submission,
                           CallNotes&) {
  COORD_TRY(updates, ReadUpdates(params[0], params.name(0), context.arena));
  submission.command.emplace<UpdateWorkUnits>(UpdateWorkUnits{updates});
  return {};
}

void EncodeUpdates(const Outcome& outcome, const CallNotes&, CborWriter& writer) {
  WriteUpdateReplies(std::get<UpdatesReply>(outcome).replies, writer);
}

constexpr std::array<std::string_view, 2> kGetWork = {"worker_id", "options"};
constexpr std::array<std::string_view, 3> kUpdate = {"work_spec_name", "work_unit_key", "options"};
constexpr std::array<std::string_view, 1> kUpdates = {"updates"};

constexpr std::array kMethods = {
    Method{"get_work", kGetWork, 2, Failure::kError, DecodeGetWork, EncodeGetWork},
    Method{"update_work_unit", kUpdate, 3, Failure::kFalse, DecodeUpdate, EncodeUpdate},
    Method{"update_work_units", kUpdates, 1, Failure::kError, DecodeUpdates, EncodeUpdates},
};

}  // namespace

std::span<const Method> WorkMethods() { return kMethods; }

}  // namespace coord

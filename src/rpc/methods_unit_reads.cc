// SPDX-License-Identifier: MIT
// Reading work units, their counts and their attempts.
#include <algorithm>
#include <array>

#include "rpc/answer.h"
#include "rpc/limits.h"
#include "rpc/methods.h"

namespace coord {

namespace {

// The statuses as CBOR-RPC numbers them; delayed units count as available.
unsigned StatusNumber(WorkUnitStatus status) {
  switch (status) {
    case WorkUnitStatus::kAvailable:
    case WorkUnitStatus::kDelayed:
      return 1;
    case WorkUnitStatus::kPending:
      return 3;
    case WorkUnitStatus::kFinished:
      return 4;
    case WorkUnitStatus::kFailed:
      return 5;
  }
  return 1;
}

void WriteTime(WallTime time, CborWriter& writer) {
  if (time == kNoTime) {
    writer.Null();
  } else {
    writer.Double(ToUnixSeconds(time));
  }
}

// --- count_work_units, get_summary ---------------------------------------------------------------

Result<void> DecodeCount(const Params& params, DecodeContext& context, Submission& submission,
                         CallNotes&) {
  COORD_TRY(spec, params.String(0, context.arena));
  submission.command.emplace<CountWorkUnits>().spec = spec;
  return {};
}

void EncodeCounts(const Outcome& outcome, const CallNotes&, CborWriter& writer) {
  constexpr std::size_t kNumbers = 6;
  std::array<std::uint64_t, kNumbers> counts{};
  const auto& reply = std::get<StatusCountsReply>(outcome);
  for (const WorkUnitStatus status : kWorkUnitStatuses) {
    counts[StatusNumber(status)] += reply.counts[IndexOf(status)];
  }
  writer.TupleHead(2);
  writer.MapHead(kNumbers - static_cast<std::size_t>(std::count(counts.begin(), counts.end(), 0U)));
  for (std::size_t number = 0; number < kNumbers; ++number) {
    if (counts[number] == 0) continue;
    writer.Unsigned(number);
    writer.Unsigned(counts[number]);
  }
  writer.Null();
}

Result<void> DecodeSummary(const Params&, DecodeContext&, Submission& submission, CallNotes&) {
  submission.command.emplace<GetSummary>();
  return {};
}

void EncodeSummary(const Outcome& outcome, const CallNotes&, CborWriter& writer) {
  const auto records = std::get<SummaryReply>(outcome).records;
  writer.ArrayHead(records.size());
  for (const SummaryReply::Record& record : records) {
    writer.MapHead(3);
    writer.Text("work_spec");
    writer.Text(record.spec);
    writer.Text("status");
    writer.Text(ToText(record.status));
    writer.Text("count");
    writer.Unsigned(record.count);
  }
}

// --- get_work_units ------------------------------------------------------------------------------

Result<void> ReadUnitsOption(std::string_view name, std::string_view value, DecodeContext& context,
                             WorkUnitQuery& query) {
  if (name == "work_unit_keys") {
    COORD_TRY(keys, ReadStrings(value, name, context.arena));
    query.names = keys;
  } else if (name == "state") {
    COORD_TRY(statuses, ReadStatuses(value, name));
    query.statuses = statuses;
  } else if (name == "start") {
    COORD_TRY(start, ReadString(value, name, context.arena));
    query.from = start;
  } else if (name == "limit") {
    COORD_TRY(limit, ReadInteger(value, name));
    query.limit =
        static_cast<std::uint64_t>(limit <= 0 ? kWorkUnitsDefault : std::min(limit, kWorkUnitsMax));
  }
  return {};
}

Result<void> DecodeGetUnits(const Params& params, DecodeContext& context, Submission& submission,
                            CallNotes&) {
  COORD_TRY(spec, params.String(0, context.arena));
  COORD_TRY(options, params.Options(1));
  WorkUnitQuery query;
  query.limit = kWorkUnitsDefault;
  COORD_TRY_VOID(
      VisitOptions(options, context.arena, [&](std::string_view name, std::string_view value) {
        return ReadUnitsOption(name, value, context, query);
      }));
  if (query.names) {
    submission.command.emplace<GetWorkUnits>(GetWorkUnits{spec, *query.names});
  } else {
    submission.command.emplace<ListWorkUnits>(ListWorkUnits{spec, query});
  }
  return {};
}

std::string_view RefuseLongUnits(const Outcome& outcome) {
  std::uint64_t bytes = 0;
  for (const WorkUnitView& unit : std::get<UnitsReply>(outcome).units) {
    bytes += unit.data.cbor().size();
  }
  return bytes <= kAnswerBytesMax ? "" : "the work units have too much data for one answer";
}

void EncodeUnits(const Outcome& outcome, const CallNotes&, CborWriter& writer) {
  const auto units = std::get<UnitsReply>(outcome).units;
  writer.TupleHead(2);
  writer.ArrayHead(units.size());
  for (const WorkUnitView& unit : units) {
    writer.TupleHead(2);
    writer.Bytes(unit.name);
    if (unit.exists) {
      writer.Raw(unit.data.cbor());
    } else {
      writer.Null();
    }
  }
  writer.Null();
}

// --- get_work_unit_status, get_work_unit_meta ----------------------------------------------------

Result<void> DecodeStatuses(const Params& params, DecodeContext& context, Submission& submission,
                            CallNotes&) {
  COORD_TRY(spec, params.String(0, context.arena));
  COORD_TRY(keys, ReadStrings(params[1], params.name(1), context.arena));
  submission.command.emplace<GetWorkUnits>(GetWorkUnits{spec, keys});
  return {};
}

WallTime ShownExpiration(const WorkUnitView& unit) {
  if (!unit.active) return kNoTime;
  switch (unit.status) {
    case WorkUnitStatus::kPending:
      return unit.active->expiration;
    case WorkUnitStatus::kFinished:
    case WorkUnitStatus::kFailed:
      return unit.active->end;
    case WorkUnitStatus::kAvailable:
    case WorkUnitStatus::kDelayed:
      break;
  }
  return kNoTime;
}

void WriteUnitStatus(const WorkUnitView& unit, CborWriter& writer) {
  if (!unit.exists) {
    writer.Null();
    return;
  }
  const std::string_view traceback = FindInCborMap(unit.data.cbor(), "traceback");
  writer.MapHead(2U + (unit.active ? 1U : 0U) + (traceback.empty() ? 0U : 1U));
  writer.Text("status");
  writer.Unsigned(StatusNumber(unit.status));
  writer.Text("expiration");
  WriteTime(ShownExpiration(unit), writer);
  if (unit.active) {
    writer.Text("worker_id");
    writer.Text(unit.active->worker);
  }
  if (!traceback.empty()) {
    writer.Text("traceback");
    writer.Raw(traceback);
  }
}

void EncodeStatuses(const Outcome& outcome, const CallNotes&, CborWriter& writer) {
  const auto units = std::get<UnitsReply>(outcome).units;
  writer.TupleHead(2);
  writer.ArrayHead(units.size());
  for (const WorkUnitView& unit : units) WriteUnitStatus(unit, writer);
  writer.Null();
}

Result<void> DecodeUnitMeta(const Params& params, DecodeContext& context, Submission& submission,
                            CallNotes&) {
  COORD_TRY(spec, params.String(0, context.arena));
  COORD_TRY(key, params.String(1, context.arena));
  const auto keys = context.arena.NewArray<std::string_view>(1);
  keys[0] = key;
  submission.command.emplace<GetWorkUnits>(GetWorkUnits{spec, keys});
  return {};
}

void EncodeUnitMeta(const Outcome& outcome, const CallNotes&, CborWriter& writer) {
  const WorkUnitView& unit = std::get<UnitsReply>(outcome).units.front();
  writer.TupleHead(2);
  if (!unit.exists) {
    writer.Null();
    WriteMessageText(writer, NoSuchWorkUnitError(unit.name).detail);
    return;
  }
  writer.MapHead(3);
  writer.Text("status");
  writer.Text(ToText(unit.status));
  writer.Text("priority");
  writer.Double(unit.priority);
  writer.Text("not_before");
  WriteTime(unit.not_before, writer);
  writer.Null();
}

// --- get_work_unit_attempts ----------------------------------------------------------------------

Result<void> DecodeAttempts(const Params& params, DecodeContext& context, Submission& submission,
                            CallNotes&) {
  COORD_TRY(spec, params.String(0, context.arena));
  COORD_TRY(key, params.String(1, context.arena));
  COORD_TRY(options, params.Options(2));
  auto& command = submission.command.emplace<ListUnitAttempts>();
  command.spec = spec;
  command.unit = key;
  return VisitOptions(options, context.arena,
                      [&](std::string_view name, std::string_view value) -> Result<void> {
                        if (name != "limit") return {};
                        COORD_TRY(limit, ReadInteger(value, name));
                        command.limit = limit > 0 ? static_cast<std::uint64_t>(limit) : 0;
                        return {};
                      });
}

void EncodeAttempts(const Outcome& outcome, const CallNotes&, CborWriter& writer) {
  const auto attempts = std::get<AttemptsReply>(outcome).attempts;
  writer.TupleHead(2);
  writer.ArrayHead(attempts.size());
  for (const AttemptView& attempt : attempts) {
    writer.MapHead(6);
    writer.Text("worker_id");
    writer.Text(attempt.worker);
    writer.Text("status");
    writer.Text(ToText(attempt.status));
    writer.Text("start");
    WriteTime(attempt.start, writer);
    writer.Text("end");
    WriteTime(attempt.end, writer);
    writer.Text("expiration");
    WriteTime(attempt.expiration, writer);
    writer.Text("data");
    writer.Raw(attempt.data.Or(Data::Empty()).cbor());
  }
  writer.Null();
}

constexpr std::array<std::string_view, 1> kSpec = {"work_spec_name"};
constexpr std::array<std::string_view, 2> kSpecOptions = {"work_spec_name", "options"};
constexpr std::array<std::string_view, 2> kSpecKeys = {"work_spec_name", "work_unit_keys"};
constexpr std::array<std::string_view, 2> kSpecKey = {"work_spec_name", "work_unit_key"};
constexpr std::array<std::string_view, 3> kSpecKeyOptions = {"work_spec_name", "work_unit_key",
                                                             "options"};

constexpr std::array kMethods = {
    Method{"count_work_units", kSpec, 1, Failure::kFalse, DecodeCount, EncodeCounts},
    Method{"get_summary", {}, 0, Failure::kError, DecodeSummary, EncodeSummary},
    LongAnswer({"get_work_units", kSpecOptions, 2, Failure::kNull, DecodeGetUnits, EncodeUnits},
               RefuseLongUnits),
    LongAnswer(
        {"get_work_unit_status", kSpecKeys, 2, Failure::kNull, DecodeStatuses, EncodeStatuses},
        RefuseLongUnits),
    Method{"get_work_unit_meta", kSpecKey, 2, Failure::kNull, DecodeUnitMeta, EncodeUnitMeta},
    LongAnswer({"get_work_unit_attempts", kSpecKeyOptions, 3, Failure::kNull, DecodeAttempts,
                EncodeAttempts}),
};

}  // namespace

std::span<const Method> UnitReadMethods() { return kMethods; }

}  // namespace coord

// SPDX-License-Identifier: MIT
// Moving everything to another daemon: export_records, import_records.
#include <array>

#include "domain/export_record.h"
#include "rpc/methods.h"

namespace coord {

namespace {

Result<std::uint64_t> ReadCount(std::string_view value, std::string_view name) {
  COORD_TRY(number, ReadInteger(value, name));
  if (number < 1) return MustBeError(name, "at least 1");
  return static_cast<std::uint64_t>(number);
}

Result<void> DecodeExport(const Params& params, DecodeContext& context, Submission& submission,
                          CallNotes&) {
  COORD_TRY(options, params.Options(0));
  auto& command = submission.command.emplace<ExportRecords>();
  return VisitOptions(options, context.arena,
                      [&](std::string_view name, std::string_view value) -> Result<void> {
                        if (name == "cursor") {
                          COORD_TRY(cursor, ReadString(value, name, context.arena));
                          command.cursor = cursor;
                        } else if (name == "limit") {
                          COORD_TRY(limit, ReadCount(value, name));
                          command.records_max = limit;
                        } else if (name == "bytes") {
                          COORD_TRY(bytes, ReadCount(value, name));
                          command.bytes_max = bytes;
                        }
                        return {};
                      });
}

void EncodeExport(const Outcome& outcome, const CallNotes&, CborWriter& writer) {
  const auto& reply = std::get<RecordsReply>(outcome);
  writer.MapHead(reply.work_units ? 4 : 3);
  writer.Text("records");
  writer.Bytes(reply.records);
  writer.Text("count");
  writer.Unsigned(reply.count);
  writer.Text("cursor");
  if (reply.cursor) {
    writer.Bytes(*reply.cursor);
  } else {
    writer.Null();
  }
  if (reply.work_units) {
    writer.Text("work_units");
    writer.Unsigned(*reply.work_units);
  }
}

Result<void> DecodeImport(const Params& params, DecodeContext& context, Submission& submission,
                          CallNotes&) {
  COORD_TRY(records, params.String(0, context.arena));
  submission.command.emplace<ImportRecords>().records = records;
  return {};
}

void EncodeImport(const Outcome& outcome, const CallNotes&, CborWriter& writer) {
  const auto& reply = std::get<ImportReply>(outcome);
  writer.MapHead(2);
  writer.Text("added");
  writer.Unsigned(reply.added);
  writer.Text("equal");
  writer.Unsigned(reply.equal);
}

constexpr std::array<std::string_view, 1> kOptions = {"options"};
constexpr std::array<std::string_view, 1> kRecords = {"records"};

constexpr std::array kMethods = {
    LongAnswer({"export_records", kOptions, 0, Failure::kError, DecodeExport, EncodeExport}),
    Method{"import_records", kRecords, 1, Failure::kError, DecodeImport, EncodeImport},
};

}  // namespace

std::span<const Method> MovingMethods() { return kMethods; }

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "domain/export_walk.h"

#include <algorithm>
#include <utility>

#include "value/cbor_reader.h"

namespace coord {

namespace {

using Stage = ExportCursor::Stage;

// Adds what the stage has, and goes on to `next` once that is all.
void RunStage(ExportCursor& cursor, ExportSource::After stopped_at, Stage next) {
  cursor.after = std::move(stopped_at);
  if (!cursor.after) cursor.stage = next;
}

bool EnterNamespace(ExportSource& source, ExportCursor& cursor, ExportPage& page) {
  auto name = source.NextNamespace(cursor.after);
  if (!name) return false;
  page.Add(NamespaceRecord{*name});
  cursor = {.stage = Stage::kWorkSpecs, .name_space = *std::move(name), .spec = {}, .after = {}};
  return true;
}

void LeaveNamespace(ExportCursor& cursor) {
  cursor = {.stage = Stage::kNamespaces, .name_space = {}, .spec = {}, .after = cursor.name_space};
}

// The spec after the one under way. No spec's name is empty, so that an empty one is before all.
void EnterWorkSpec(ExportSource& source, ExportCursor& cursor) {
  auto spec = source.NextWorkSpec(cursor.name_space, cursor.spec);
  if (!spec) return LeaveNamespace(cursor);
  cursor.spec = *std::move(spec);
  cursor.after.reset();
}

}  // namespace

bool ExportNext(ExportSource& source, ExportCursor& cursor, ExportPage& page) {
  while (!page.full()) {
    const std::string& name_space = cursor.name_space;
    switch (cursor.stage) {
      case Stage::kNamespaces:
        if (!EnterNamespace(source, cursor, page)) return false;
        break;
      case Stage::kWorkSpecs:
        RunStage(cursor, source.AddWorkSpecs(name_space, cursor.after, page), Stage::kWorkers);
        break;
      case Stage::kWorkers:
        RunStage(cursor, source.AddWorkers(name_space, cursor.after, page), Stage::kLocks);
        break;
      case Stage::kLocks:
        RunStage(cursor, source.AddLocks(name_space, cursor.after, page), Stage::kWorkUnits);
        break;
      case Stage::kWorkUnits:
        if (!cursor.spec.empty()) {
          cursor.after = source.AddWorkUnits(name_space, cursor.spec, cursor.after, page);
        }
        if (!cursor.after) EnterWorkSpec(source, cursor);
        break;
    }
  }
  return true;
}

Outcome RunExport(ExportSource& source, const ExportRecords& command, Arena& arena) {
  const auto limit = [](std::uint64_t asked, std::uint64_t most) {
    return asked == 0 ? most : std::min(asked, most);
  };
  ExportCursor cursor;
  if (!command.cursor.empty()) {
    auto decoded = DecodeExportCursor(command.cursor);
    if (decoded.has_error()) return decoded.error();
    cursor = *std::move(decoded);
  }
  ExportPage page({limit(command.records_max, kExportLimitMax.records),
                   limit(command.bytes_max, kExportLimitMax.bytes)});
  RecordsReply reply;
  if (ExportNext(source, cursor, page)) reply.cursor = arena.Copy(EncodeExportCursor(cursor));
  reply.records = arena.Copy(page.bytes());
  reply.count = page.count();
  if (command.cursor.empty()) reply.work_units = source.CountWorkUnits();
  return reply;
}

std::string EncodeExportCursor(const ExportCursor& cursor) {
  std::string bytes;
  CborWriter writer(bytes);
  writer.ArrayHead(4);
  writer.Unsigned(static_cast<std::uint64_t>(cursor.stage));
  writer.Bytes(cursor.name_space);
  writer.Bytes(cursor.spec);
  if (cursor.after) {
    writer.Bytes(*cursor.after);
  } else {
    writer.Null();
  }
  return bytes;
}

Result<ExportCursor> DecodeExportCursor(std::string_view bytes) {
  constexpr int kDepth = 2;
  const Error no_cursor = InvalidError("the cursor is none that a daemon gave");
  auto list = CborList::Open(bytes);
  if (CborItemSize(bytes, kDepth) != bytes.size() || !list || list->CountLeft() != 4) {
    return no_cursor;
  }
  Arena arena;
  std::string_view stage, name_space, spec, after;
  for (std::string_view* item : {&stage, &name_space, &spec, &after}) list->Next(*item);
  const auto number = CborAsInteger(stage);
  const auto name_space_text = CborAsString(name_space, arena);
  const auto spec_text = CborAsString(spec, arena);
  const auto after_text = CborAsString(after, arena);
  constexpr auto kLast = static_cast<std::int64_t>(Stage::kWorkUnits);
  if (!number || *number < 0 || *number > kLast || !name_space_text || !spec_text ||
      (!after_text && !IsCborNull(after))) {
    return no_cursor;
  }
  ExportCursor cursor;
  cursor.stage = static_cast<Stage>(*number);
  cursor.name_space = *name_space_text;
  cursor.spec = *spec_text;
  if (after_text) cursor.after = std::string(*after_text);
  return cursor;
}

}  // namespace coord

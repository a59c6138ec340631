// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/check.h"
#include "domain/export_record.h"
#include "domain/export_walk.h"
#include "targets.h"

namespace coord::fuzz {

namespace {

std::string Encode(const std::vector<ExportRecord>& records) {
  std::string bytes;
  CborWriter writer(bytes);
  for (const ExportRecord& record : records) {
    std::visit([&](const auto& typed) { EncodeRecord(typed, writer); }, record);
  }
  return bytes;
}

}  // namespace

void TryRecords(std::string_view bytes) {
  IgnoreError(DecodeExportCursor(bytes), "any answer will do");
  Arena arena;
  const auto records = TakeRecords(bytes, arena);
  if (records.has_error()) return;
  for (const ExportRecord& record : *records) COORD_CHECK(!DescribeRecord(record).empty());
  const std::string encoded = Encode(*records);
  const auto again = TakeRecords(encoded, arena);
  COORD_CHECK(again.has_value());
  COORD_CHECK(again->size() == records->size());
  COORD_CHECK(Encode(*again) == encoded);
}

}  // namespace coord::fuzz

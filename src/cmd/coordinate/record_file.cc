// SPDX-License-Identifier: MIT
#include "cmd/coordinate/record_file.h"

#include <fmt/format.h>

#include <utility>

#include "base/arena.h"
#include "cmd/coordinate/readable.h"
#include "domain/export_record.h"
#include "value/cbor_reader.h"
#include "value/exact_json.h"

namespace coord {

namespace {

constexpr std::string_view kHeaderKind = "header";
constexpr std::string_view kFooterKind = "footer";

struct KindTexts {
  std::string_view kind;    // in a record
  std::string_view plural;  // in a footer
  std::string_view one;
  std::string_view many;
};
constexpr std::array<KindTexts, 5> kKindTexts = {{
    {"namespace", "namespaces", "namespace", "namespaces"},
    {"work_spec", "work_specs", "work spec", "work specs"},
    {"worker", "workers", "worker", "workers"},
    {"lock", "locks", "lock", "locks"},
    {"work_unit", "work_units", "work unit", "work units"},
}};

Result<std::uint64_t> CountIn(const Value& map, std::string_view key) {
  const Value* const value = map.Find(key);
  const auto* const number = value == nullptr ? nullptr : value->As<std::int64_t>();
  if (number == nullptr || *number < 0) {
    return InvalidError(fmt::format("'{}' must be a count", key));
  }
  return static_cast<std::uint64_t>(*number);
}

}  // namespace

std::string_view ToText(RecordFormat format) {
  return format == RecordFormat::kCbor ? "cbor" : "jsonl";
}

Result<RecordFormat> RecordFormatFromText(std::string_view text) {
  for (const RecordFormat format : {RecordFormat::kJsonLines, RecordFormat::kCbor}) {
    if (text == ToText(format)) return format;
  }
  return InvalidError(fmt::format("no format is named '{}': it is jsonl or cbor", text));
}

// --- Counts --------------------------------------------------------------------------------------

void RecordCounts::Add(std::string_view record) {
  ++records_;
  const std::string kind = RecordKind(record);
  for (std::size_t i = 0; i < kKindTexts.size(); ++i) {
    if (kind == kKindTexts[i].kind) ++kinds_[i];
  }
  if (const auto attempts = CborList::Open(FindInCborMap(record, "attempts"))) {
    attempts_ += attempts->CountLeft();
  }
}

Map RecordCounts::ToMap() const {
  Map map{{"records", records_}};
  for (std::size_t i = 0; i < kKindTexts.size(); ++i) {
    map.emplace_back(kKindTexts[i].plural, kinds_[i]);
  }
  map.emplace_back("attempts", attempts_);
  return map;
}

Result<RecordCounts> RecordCounts::FromMap(const Value& map) {
  RecordCounts counts;
  COORD_TRY(records, CountIn(map, "records"));
  COORD_TRY(attempts, CountIn(map, "attempts"));
  counts.records_ = records;
  counts.attempts_ = attempts;
  for (std::size_t i = 0; i < kKindTexts.size(); ++i) {
    COORD_TRY(count, CountIn(map, kKindTexts[i].plural));
    counts.kinds_[i] = count;
  }
  return counts;
}

std::string RecordCounts::ToText() const {
  std::string text = fmt::format("{} record{}", records_, records_ == 1 ? "" : "s");
  std::string_view before = ": ";
  const auto add = [&](std::uint64_t count, std::string_view one, std::string_view many) {
    if (count == 0) return;
    text += fmt::format("{}{} {}", before, count, count == 1 ? one : many);
    before = ", ";
  };
  for (std::size_t i = 0; i < kKindTexts.size(); ++i) {
    add(kinds_[i], kKindTexts[i].one, kKindTexts[i].many);
  }
  add(attempts_, "attempt", "attempts");
  return text;
}

// --- Header, footer, records ---------------------------------------------------------------------

std::string EncodeFileHeader(WallTime now, const Value& daemon) {
  return EncodeCbor(Map{{"kind", kHeaderKind},
                        {"format", "coordinate export"},
                        {"version", kRecordFileVersion},
                        {"time", std::int64_t{now.time_since_epoch().count()}},
                        {"daemon", TextOr(daemon, "version")},
                        {"backend", TextOr(daemon, "backend")}});
}

Result<void> CheckFileHeader(std::string_view record) {
  if (RecordKind(record) != kHeaderKind) {
    return InvalidError("this is no file that coordinate export wrote: there is no header");
  }
  const auto version = CborAsInteger(FindInCborMap(record, "version"));
  if (!version || *version < 1) return InvalidError("the header has no version");
  if (*version > kRecordFileVersion) {
    return InvalidError(fmt::format(
        "the file's version is {}, and this program knows those up to {}: use the newer program",
        *version, kRecordFileVersion));
  }
  return {};
}

Result<void> CheckRecord(std::string_view record) {
  Arena arena;
  COORD_TRY_VOID(TakeRecord(record, arena));
  return {};
}

std::string EncodeFileFooter(const RecordCounts& counts) {
  Map footer = counts.ToMap();
  footer.emplace(footer.begin(), "kind", kFooterKind);
  return EncodeCbor(Value(std::move(footer)));
}

std::string RecordKind(std::string_view record) {
  Arena arena;
  return std::string(CborAsString(FindInCborMap(record, "kind"), arena).value_or(""));
}

Result<std::string> FormatRecord(std::string_view record, RecordFormat format) {
  if (format == RecordFormat::kCbor) return std::string(record);
  const auto value = DecodeCbor(record, kRecordDepthMax);
  if (value.has_error()) return Error{ErrorCode::kCorrupt, value.error().detail, {}};
  return ToExactJson(*value) + "\n";
}

}  // namespace coord

// SPDX-License-Identifier: MIT
// Files of exported records (docs/moving.md): a header, the records, and a footer that counts them,
// each one CBOR map, as lines of JSON or one behind the other.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "value/value.h"

namespace coord {

enum class RecordFormat : std::uint8_t { kJsonLines, kCbor };

// "jsonl" and "cbor". Errors: kInvalid.
std::string_view ToText(RecordFormat format);
Result<RecordFormat> RecordFormatFromText(std::string_view text);

// How many records of each kind there are, and how many attempts are in them.
class RecordCounts {
 public:
  // Takes an encoded record into account; one of a kind that is not known only as a record.
  void Add(std::string_view record);

  std::uint64_t records() const { return records_; }
  std::uint64_t work_units() const { return kinds_[kWorkUnits]; }

  // As a map with a number for each kind, and back. Errors: kInvalid, a number that is missing.
  Map ToMap() const;
  static Result<RecordCounts> FromMap(const Value& map);

  // "7 records: 1 namespace, 2 work specs, ..." without what there is none of.
  std::string ToText() const;

  bool operator==(const RecordCounts&) const = default;

 private:
  enum Kind : std::uint8_t { kNamespaces, kWorkSpecs, kWorkers, kLocks, kWorkUnits, kKinds };

  std::uint64_t records_ = 0;
  std::array<std::uint64_t, kKinds> kinds_{};
  std::uint64_t attempts_ = 0;
};

// The version of the form of files and records. A reader takes those up to its own.
inline constexpr std::int64_t kRecordFileVersion = 1;

// The first record of a file; `daemon` is what server_info answered.
std::string EncodeFileHeader(WallTime now, const Value& daemon);
// Errors: kInvalid: it is no header, or of a newer version.
Result<void> CheckFileHeader(std::string_view record);

// Reads an encoded record as a daemon would. Errors: those of TakeRecord (domain/export_record.h).
Result<void> CheckRecord(std::string_view record);

// The last record of a file.
std::string EncodeFileFooter(const RecordCounts& counts);
// The kind of an encoded record; empty where it says none.
std::string RecordKind(std::string_view record);

// One record as it stands in a file. Errors: kCorrupt: it is no CBOR item.
Result<std::string> FormatRecord(std::string_view record, RecordFormat format);

}  // namespace coord

// SPDX-License-Identifier: MIT
// What a store holds, as records that mean the same in every store: what an export consists of and
// an import takes. docs/moving.md describes their form.
//
// A record names what it is about and needs no other record to be understood. Views are borrowed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/arena.h"
#include "base/clock.h"
#include "base/result.h"
#include "domain/command.h"
#include "domain/status.h"
#include "domain/work_spec.h"
#include "value/cbor_writer.h"
#include "value/data.h"

namespace coord {

struct NamespaceRecord {
  std::string_view name;
};

// The read-only fields of the meta follow from the definition and are not part of the record.
struct WorkSpecRecord {
  std::string_view name_space;
  std::string_view name;  // of the definition
  Data definition;
  WorkSpecMeta meta;
  RetentionLimits retention;           // follow from the definition
  std::uint64_t removed_finished = 0;  // units that retention removed
  std::uint64_t removed_failed = 0;
};

// A worker that is known; of others there is only the name, in their attempts.
struct WorkerRecord {
  std::string_view name_space;
  std::string_view name;
  std::optional<std::string_view> parent;
  bool active = false;
  bool heartbeat = false;  // has sent one since it became known
  std::string_view mode;   // one encoded CBOR item: a string, a number or null
  Data data;               // null: an empty map
  WallTime last_update = kNoTime;
  WallTime last_heartbeat = kNoTime;
  WallTime expiration = kNoTime;
  WallTime inactive_since = kNoTime;
};

struct LockRecord {
  std::string_view name_space;
  std::string_view path;  // an encoded CBOR list of canonical labels
  std::string_view locker;
  WallTime until = kNoTime;
};

// The highest number of an attempt that an import takes: it leaves room for those to come.
inline constexpr std::uint64_t kAttemptIdMax = std::uint64_t{1} << 52U;

struct AttemptRecord {
  AttemptId id{0};
  std::string_view worker;
  AttemptStatus status = AttemptStatus::kPending;  // one that lapsed by the clock is pending here
  bool listed = false;                             // pending, and in its worker's active list
  WallTime start = kNoTime;
  WallTime expiration = kNoTime;
  WallTime end = kNoTime;  // kNoTime while it is pending
  Data data;               // null: it has none of its own
};

// A unit with all its attempts, so that it is never half there. Its status follows from them.
struct WorkUnitRecord {
  std::string_view name_space;
  std::string_view spec;
  std::string_view name;
  Data data = Data::Empty();
  double priority = 0;
  WallTime not_before = kNoTime;
  bool has_active = false;                  // the last of the attempts is the active one
  std::uint32_t tries = 0;                  // attempts since it was last added or cleared
  std::span<const AttemptRecord> attempts;  // oldest first
};

using ExportRecord =
    std::variant<NamespaceRecord, WorkSpecRecord, WorkerRecord, LockRecord, WorkUnitRecord>;

// Appends a record as one CBOR map.
void EncodeRecord(const NamespaceRecord& record, CborWriter& writer);
void EncodeRecord(const WorkSpecRecord& record, CborWriter& writer);
void EncodeRecord(const WorkerRecord& record, CborWriter& writer);
void EncodeRecord(const LockRecord& record, CborWriter& writer);
void EncodeRecord(const WorkUnitRecord& record, CborWriter& writer);

// Containers and tags may nest this deep in a record: in its data as deep as in a message.
inline constexpr int kRecordDepthMax = 132;

// Takes the record at the front of a CBOR sequence (RFC 8742) off it. Views of the result point
// into the bytes and into the arena. Everything is checked as if it came from a client.
// Errors: kInvalid, with what the record is about as far as that could be read, and the key that is
// missing, unknown, of a wrong kind or out of range; `records` is then of no use.
Result<ExportRecord> TakeRecord(std::string_view& records, Arena& arena);

// Takes all records of a sequence. Errors: those of TakeRecord; kInvalid for two of the same thing;
// kOverLimit for more than may be imported at once (kExportLimitMax).
Result<std::vector<ExportRecord>> TakeRecords(std::string_view records, Arena& arena);

// "work unit 'a' of work spec 's' in namespace ''", for messages.
std::string DescribeRecord(const ExportRecord& record);

// True if both say the same. Data is compared by value: how it was encoded does not matter.
bool SameRecord(const WorkSpecRecord& left, const WorkSpecRecord& right);
bool SameRecord(const WorkerRecord& left, const WorkerRecord& right);
bool SameRecord(const LockRecord& left, const LockRecord& right);
// Attempts' numbers count only where they rise on both sides: see IdsRise().
bool SameRecord(const WorkUnitRecord& left, const WorkUnitRecord& right);

// The longest page of an export, and the most records that are imported at once: so many keep the
// others waiting for a few milliseconds.
struct ExportLimit {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
};
inline constexpr ExportLimit kExportLimitMax{2'000, std::uint64_t{4} << 20U};

// True if later attempts have higher numbers. Where several daemons give numbers they need not; a
// store whose order of attempts is that of their numbers gives such a unit's attempts new ones.
bool IdsRise(const WorkUnitRecord& record);

// The error of an import that finds something else under the name of a record.
Error DifferingRecordError(const ExportRecord& record);
// The error of one whose unit has an attempt with the number of another one.
Error UsedAttemptError(const WorkUnitRecord& record, AttemptId id);

}  // namespace coord

// SPDX-License-Identifier: MIT
// CBOR to records.
#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

#include "domain/export_record.h"
#include "domain/fields.h"
#include "domain/lock_paths.h"
#include "domain/names.h"
#include "domain/unit_items.h"
#include "value/cbor_reader.h"

namespace coord {

namespace {

// The entries of one map, which are taken by their keys until none is left.
class Fields {
 public:
  static Result<Fields> Open(std::string_view item, Arena& arena) {
    auto map = CborMap::Open(item);
    if (!map) return InvalidError("it is no map");
    Fields fields(arena);
    std::string_view key;
    std::string_view value;
    while (map->Next(key, value)) {
      const auto name = CborAsString(key, arena);
      if (!name) return InvalidError("a key is no string");
      if (fields.count_ == kFieldsMax) return InvalidError("it has too many keys");
      for (std::size_t i = 0; i < fields.count_; ++i) {
        if (fields.entries_[i].key == *name) return TextError(*name, "is there twice");
      }
      fields.entries_[fields.count_++] = {*name, value, false};
    }
    return fields;
  }

  Arena& arena() { return arena_; }

  // The value, or an empty view.
  std::string_view Optional(std::string_view key) {
    for (std::size_t i = 0; i < count_; ++i) {
      if (entries_[i].key != key) continue;
      entries_[i].taken = true;
      return entries_[i].value;
    }
    return {};
  }
  Result<std::string_view> Required(std::string_view key) {
    const std::string_view value = Optional(key);
    if (value.empty()) return TextError(key, "is missing");
    return value;
  }
  // What a newer version wrote would otherwise be lost in silence.
  Result<void> ExpectNoOthers() const {
    for (std::size_t i = 0; i < count_; ++i) {
      if (!entries_[i].taken) return TextError(entries_[i].key, "is a key that is not known");
    }
    return {};
  }

  Result<std::string_view> Name(std::string_view key) {
    COORD_TRY(value, Required(key));
    return ReadName(value, key, arena_);
  }
  Result<std::string_view> Text(std::string_view key) {
    COORD_TRY(value, Required(key));
    return ReadString(value, key, arena_);
  }
  Result<bool> Flag(std::string_view key) {
    const std::string_view value = Optional(key);
    if (value.empty()) return false;
    return ReadBool(value, key);
  }
  Result<std::uint64_t> Count(std::string_view key) {
    const std::string_view value = Optional(key);
    if (value.empty()) return std::uint64_t{0};
    CborHead head;
    std::size_t size = 0;
    const bool read = ReadCborHead(value, head, size) == CborScan::kDone;
    if (!read || head.kind != CborKind::kUnsigned || head.argument > INT64_MAX) {
      return MustBeError(key, "a count");
    }
    return head.argument;
  }
  // kNoTime where it is left out.
  Result<WallTime> Time(std::string_view key) {
    const std::string_view value = Optional(key);
    if (value.empty()) return kNoTime;
    COORD_TRY(micros, ReadInteger(value, key));
    const Duration since{micros};
    const Duration latest = kMaxTime.time_since_epoch();
    if (since > latest || since < -latest) return TextError(key, "is out of range");
    return WallTime(since);
  }
  Result<WallTime> RequiredTime(std::string_view key) {
    COORD_TRY_VOID(Required(key));
    return Time(key);
  }
  // Null data where it is left out.
  Result<Data> Map(std::string_view key) {
    const std::string_view value = Optional(key);
    if (value.empty()) return Data();
    COORD_TRY(data, Data::FromItem(value, key));
    if (data.is_null()) return MustBeError(key, "a map");
    return data;
  }

 private:
  static constexpr std::size_t kFieldsMax = 16;
  struct Entry {
    std::string_view key;
    std::string_view value;
    bool taken = false;
  };

  explicit Fields(Arena& arena) : arena_(arena) {}

  static Error TextError(std::string_view key, std::string_view what) {
    return InvalidError("'" + std::string(key.substr(0, kNameBytesMax)) + "' " + std::string(what));
  }

  Arena& arena_;
  std::array<Entry, kFieldsMax> entries_;
  std::size_t count_ = 0;
};

Result<NamespaceRecord> ReadNamespace(Fields& fields) {
  COORD_TRY(name, fields.Name("name"));
  return NamespaceRecord{name};
}

// --- Work specs ----------------------------------------------------------------------------------

// Sets the fields of a meta that follows from the definition to what they were set to later.
Result<void> ReadMeta(std::string_view item, Arena& arena, WorkSpecMeta& meta) {
  COORD_TRY(fields, Fields::Open(item, arena));
  WorkSpecMetaChange change;
  COORD_TRY(priority, fields.Required("priority"));
  COORD_TRY(weight, fields.Required("weight"));
  COORD_TRY(memory, fields.Required("min_memory_gb"));
  COORD_TRY(interval, fields.Required("interval"));
  COORD_TRY(priority_number, ReadInteger(priority, "priority"));
  COORD_TRY(weight_number, ReadInteger(weight, "weight"));
  COORD_TRY(memory_number, ReadNumber(memory, "min_memory_gb"));
  COORD_TRY(interval_micros, ReadInteger(interval, "interval"));
  COORD_TRY(paused, fields.Flag("paused"));
  COORD_TRY(continuous, fields.Flag("continuous"));
  COORD_TRY(next_continuous, fields.Time("next_continuous"));
  COORD_TRY(max_running, fields.Count("max_running"));
  COORD_TRY(max_attempts_returned, fields.Count("max_attempts_returned"));
  COORD_TRY(max_retries, fields.Count("max_retries"));
  COORD_TRY_VOID(fields.ExpectNoOthers());
  change.priority = priority_number;
  change.weight = weight_number;
  change.min_memory_gb = memory_number;
  change.interval = Duration(interval_micros);
  change.paused = paused;
  change.continuous = continuous;
  change.max_running = max_running;
  change.max_attempts_returned = max_attempts_returned;
  change.max_retries = max_retries;
  COORD_TRY_VOID(ApplyMetaChange(change, /*strict=*/true, meta));
  meta.next_continuous = next_continuous;
  return {};
}

Result<WorkSpecRecord> ReadWorkSpec(Fields& fields) {
  WorkSpecRecord record;
  COORD_TRY(name_space, fields.Name("namespace"));
  COORD_TRY(definition, fields.Map("definition"));
  COORD_TRY(meta, fields.Required("meta"));
  COORD_TRY(removed_finished, fields.Count("removed_finished"));
  COORD_TRY(removed_failed, fields.Count("removed_failed"));
  COORD_TRY(parsed, ParseDefinition(definition));
  record.name_space = name_space;
  record.name = fields.arena().Copy(parsed.name);
  record.definition = definition;
  record.meta = std::move(parsed.meta);
  record.retention = parsed.retention;
  record.removed_finished = removed_finished;
  record.removed_failed = removed_failed;
  COORD_TRY_VOID(ReadMeta(meta, fields.arena(), record.meta));
  return record;
}

// --- Workers and locks ---------------------------------------------------------------------------

Result<WorkerRecord> ReadWorker(Fields& fields) {
  WorkerRecord record;
  COORD_TRY(name_space, fields.Name("namespace"));
  COORD_TRY(name, fields.Name("name"));
  record.name_space = name_space;
  record.name = name;
  if (const std::string_view parent = fields.Optional("parent"); !parent.empty()) {
    COORD_TRY(parent_name, ReadName(parent, "parent", fields.arena()));
    if (parent_name == name) return InvalidError("a worker may not be its own parent");
    record.parent = parent_name;
  }
  COORD_TRY(mode, fields.Required("mode"));
  if (!IsCborString(mode) && !IsCborNull(mode) && !CborAsNumber(mode)) {
    return MustBeError("mode", "a string, a number or null");
  }
  COORD_TRY(active, fields.Flag("active"));
  COORD_TRY(heartbeat, fields.Flag("heartbeat"));
  COORD_TRY(data, fields.Map("data"));
  COORD_TRY(last_update, fields.RequiredTime("last_update"));
  COORD_TRY(last_heartbeat, fields.Time("last_heartbeat"));
  COORD_TRY(expiration, fields.RequiredTime("expiration"));
  COORD_TRY(inactive_since, fields.Time("inactive_since"));
  if (!active && inactive_since == kNoTime) return InvalidError("'inactive_since' is missing");
  record.mode = mode;
  record.active = active;
  record.heartbeat = heartbeat;
  record.data = data;
  record.last_update = last_update;
  record.last_heartbeat = last_heartbeat;
  record.expiration = expiration;
  record.inactive_since = inactive_since;
  return record;
}

Result<LockRecord> ReadLock(Fields& fields) {
  LockRecord record;
  COORD_TRY(name_space, fields.Name("namespace"));
  COORD_TRY(path, fields.Required("path"));
  COORD_TRY(locker, fields.Name("locker"));
  COORD_TRY(until, fields.RequiredTime("until"));
  COORD_TRY(labels, ReadLockPath(path, "path", fields.arena()));
  record.name_space = name_space;
  record.path = fields.arena().Copy(EncodeLockPath(labels));
  record.locker = locker;
  record.until = until;
  return record;
}

// --- Work units ----------------------------------------------------------------------------------

Result<AttemptRecord> ReadAttempt(std::string_view item, Arena& arena) {
  COORD_TRY(fields, Fields::Open(item, arena));
  AttemptRecord record;
  COORD_TRY(id, fields.Count("id"));
  COORD_TRY(worker, fields.Name("worker"));
  COORD_TRY(status_text, fields.Text("status"));
  COORD_TRY(listed, fields.Flag("listed"));
  COORD_TRY(start, fields.RequiredTime("start"));
  COORD_TRY(expiration, fields.RequiredTime("expiration"));
  COORD_TRY(end, fields.Time("end"));
  COORD_TRY(data, fields.Map("data"));
  COORD_TRY_VOID(fields.ExpectNoOthers());
  const auto status = AttemptStatusFromText(status_text);
  if (!status) return MustBeError("status", "that of an attempt");
  if (id == 0 || id > kAttemptIdMax) return InvalidError("'id' is out of range");
  const bool pending = *status == AttemptStatus::kPending;
  if (pending != (end == kNoTime)) {
    return InvalidError(pending ? "it is pending and has an 'end'" : "'end' is missing");
  }
  if (listed && !pending) return InvalidError("it is 'listed' and not pending");
  record.id = AttemptId{id};
  record.worker = worker;
  record.status = *status;
  record.listed = listed;
  record.start = start;
  record.expiration = expiration;
  record.end = end;
  record.data = data;
  return record;
}

Result<std::span<const AttemptRecord>> ReadAttempts(std::string_view item, Arena& arena) {
  if (item.empty()) return std::span<const AttemptRecord>();
  auto list = CborList::Open(item);
  if (!list) return MustBeError("attempts", "a list");
  const auto attempts = arena.NewArray<AttemptRecord>(list->CountLeft());
  std::string_view attempt;
  for (std::size_t i = 0; list->Next(attempt); ++i) {
    auto read = ReadAttempt(attempt, arena);
    if (read.has_error()) {
      Error error = read.error();
      error.detail.insert(0, "attempt " + std::to_string(i) + ": ");
      return error;
    }
    attempts[i] = *read;
  }
  return std::span<const AttemptRecord>(attempts);
}

// An active attempt is pending, finished or failed; the others rest in the history.
Result<void> CheckActive(const WorkUnitRecord& record) {
  if (record.tries > record.attempts.size()) {
    return InvalidError("there are fewer 'attempts' than 'tries'");
  }
  if (!record.has_active) return {};
  if (record.attempts.empty()) return InvalidError("it is 'active' and has no attempt");
  const AttemptStatus status = record.attempts.back().status;
  if (status == AttemptStatus::kExpired || status == AttemptStatus::kRetryable) {
    return InvalidError("its last attempt cannot be the active one");
  }
  return {};
}

Result<WorkUnitRecord> ReadWorkUnit(Fields& fields) {
  WorkUnitRecord record;
  COORD_TRY(name_space, fields.Name("namespace"));
  COORD_TRY(spec, fields.Name("work_spec"));
  COORD_TRY(name, fields.Text("name"));
  COORD_TRY_VOID(CheckWorkUnitName(name));
  COORD_TRY(data, fields.Map("data"));
  if (const std::string_view priority = fields.Optional("priority"); !priority.empty()) {
    COORD_TRY(number, ReadNumber(priority, "priority"));
    COORD_TRY_VOID(CheckPriority(number, name));
    record.priority = number;
  }
  COORD_TRY(not_before, fields.Time("not_before"));
  COORD_TRY(has_active, fields.Flag("active"));
  COORD_TRY(tries, fields.Count("tries"));
  COORD_TRY(attempts, ReadAttempts(fields.Optional("attempts"), fields.arena()));
  record.name_space = name_space;
  record.spec = spec;
  record.name = name;
  record.data = data.Or(Data::Empty());
  record.not_before = not_before;
  record.has_active = has_active;
  record.tries = static_cast<std::uint32_t>(std::min<std::uint64_t>(tries, UINT32_MAX));
  record.attempts = attempts;
  COORD_TRY_VOID(CheckActive(record));
  return record;
}

// --- Any record ----------------------------------------------------------------------------------

template <typename Record>
Result<ExportRecord> Whole(Fields& fields, Result<Record> (*read)(Fields&)) {
  COORD_TRY(record, read(fields));
  COORD_TRY_VOID(fields.ExpectNoOthers());
  return ExportRecord(std::move(record));
}

Result<ExportRecord> ReadRecord(std::string_view kind, Fields& fields) {
  if (kind == "work_unit") return Whole(fields, ReadWorkUnit);
  if (kind == "work_spec") return Whole(fields, ReadWorkSpec);
  if (kind == "worker") return Whole(fields, ReadWorker);
  if (kind == "lock") return Whole(fields, ReadLock);
  if (kind == "namespace") return Whole(fields, ReadNamespace);
  return InvalidError("a record of kind '" + std::string(kind.substr(0, kNameBytesMax)) +
                      "' is not known");
}

// What tells a record from all others, as bytes.
struct KeyWriter {
  std::string operator()(const NamespaceRecord& record) const { return Key('n', record.name); }
  std::string operator()(const WorkSpecRecord& record) const {
    return Key('s', record.name_space, record.name);
  }
  std::string operator()(const WorkerRecord& record) const {
    return Key('w', record.name_space, record.name);
  }
  std::string operator()(const LockRecord& record) const {
    return Key('l', record.name_space, record.path);
  }
  std::string operator()(const WorkUnitRecord& record) const {
    return Key('u', record.name_space, record.spec, record.name);
  }

 private:
  template <typename... Parts>
  static std::string Key(char kind, Parts... parts) {
    std::string key(1, kind);
    CborWriter writer(key);
    (writer.Bytes(parts), ...);
    return key;
  }
};

// What an error is about, as far as the record says it.
std::string Subject(std::string_view kind, Fields& fields) {
  const auto name = CborAsString(fields.Optional("name"), fields.arena());
  std::string subject(kind.substr(0, kNameBytesMax));
  if (name) subject += " '" + std::string(name->substr(0, kNameBytesMax)) + "'";
  return subject + ": ";
}

}  // namespace

Result<ExportRecord> TakeRecord(std::string_view& records, Arena& arena) {
  CborScanner scanner(kRecordDepthMax);
  const CborScan scanned = scanner.Scan(records);
  if (scanned != CborScan::kDone) {
    return InvalidError("not a record: " + std::string(CborScanner::Describe(scanned)));
  }
  const std::string_view item = records.substr(0, scanner.size());
  records.remove_prefix(scanner.size());
  COORD_TRY(fields, Fields::Open(item, arena));
  COORD_TRY(kind, fields.Text("kind"));
  auto record = ReadRecord(kind, fields);
  if (record.has_value()) return record;
  Error error = record.error();
  error.detail.insert(0, Subject(kind, fields));
  return error;
}

Result<std::vector<ExportRecord>> TakeRecords(std::string_view records, Arena& arena) {
  std::vector<ExportRecord> all;
  std::set<std::string> keys;
  while (!records.empty()) {
    if (all.size() == kExportLimitMax.records) {
      return Error{ErrorCode::kOverLimit,
                   "there are more than " + std::to_string(kExportLimitMax.records) + " records",
                   {}};
    }
    COORD_TRY(record, TakeRecord(records, arena));
    if (!keys.insert(std::visit(KeyWriter(), record)).second) {
      return InvalidError(DescribeRecord(record) + " is there twice");
    }
    all.push_back(std::move(record));
  }
  return all;
}

}  // namespace coord

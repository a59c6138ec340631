// SPDX-License-Identifier: MIT
// Records to CBOR. What is at its default is left out, but for what tells a reader most.
#include "domain/export_record.h"
#include "value/utf8.h"

namespace coord {

namespace {

// Counts entries as they are written, because the head of a map says how many there are.
class MapWriter {
 public:
  explicit MapWriter(CborWriter& writer) : writer_(writer), at_(writer.out().size()) {
    writer_.MapHead(0);
  }
  MapWriter(const MapWriter&) = delete;
  MapWriter& operator=(const MapWriter&) = delete;
  ~MapWriter() {
    static_assert(kEntriesMax < 24, "the head is one byte");
    writer_.out()[at_] = static_cast<char>(static_cast<unsigned char>(writer_.out()[at_]) + count_);
  }

  CborWriter& Key(std::string_view key) {
    ++count_;
    writer_.Text(key);
    return writer_;
  }
  void Text(std::string_view key, std::string_view text) { Key(key).Text(text); }
  // A unit's name: text where it can be, so that people can read it.
  void Name(std::string_view key, std::string_view name) {
    if (IsUtf8(name)) {
      Key(key).Text(name);
    } else {
      Key(key).Bytes(name);
    }
  }
  void Count(std::string_view key, std::uint64_t count) {
    if (count != 0) Key(key).Unsigned(count);
  }
  void Flag(std::string_view key, bool flag) {
    if (flag) Key(key).Bool(true);
  }
  void Time(std::string_view key, WallTime time) {
    if (time != kNoTime) Key(key).Integer(time.time_since_epoch().count());
  }
  void Map(std::string_view key, Data data) {
    if (!data.is_null()) Key(key).Raw(data.cbor());
  }

 private:
  static constexpr unsigned kEntriesMax = 16;
  CborWriter& writer_;
  std::size_t at_;
  unsigned count_ = 0;
};

void WriteMeta(const WorkSpecMeta& meta, CborWriter& writer) {
  MapWriter map(writer);
  map.Key("priority").Integer(meta.priority);
  map.Key("weight").Integer(meta.weight);
  map.Key("paused").Bool(meta.paused);
  map.Key("continuous").Bool(meta.continuous);
  map.Key("min_memory_gb").Double(meta.min_memory_gb);
  map.Key("interval").Integer(meta.interval.count());
  map.Time("next_continuous", meta.next_continuous);
  map.Key("max_running").Unsigned(meta.max_running);
  map.Key("max_attempts_returned").Unsigned(meta.max_attempts_returned);
  map.Key("max_retries").Unsigned(meta.max_retries);
}

void WriteAttempt(const AttemptRecord& attempt, CborWriter& writer) {
  MapWriter map(writer);
  map.Key("id").Unsigned(static_cast<std::uint64_t>(attempt.id));
  map.Text("worker", attempt.worker);
  map.Text("status", ToText(attempt.status));
  map.Flag("listed", attempt.listed);
  map.Time("start", attempt.start);
  map.Time("expiration", attempt.expiration);
  map.Time("end", attempt.end);
  map.Map("data", attempt.data);
}

}  // namespace

void EncodeRecord(const NamespaceRecord& record, CborWriter& writer) {
  MapWriter map(writer);
  map.Text("kind", "namespace");
  map.Text("name", record.name);
}

void EncodeRecord(const WorkSpecRecord& record, CborWriter& writer) {
  MapWriter map(writer);
  map.Text("kind", "work_spec");
  map.Text("namespace", record.name_space);
  map.Map("definition", record.definition);
  WriteMeta(record.meta, map.Key("meta"));
  map.Count("removed_finished", record.removed_finished);
  map.Count("removed_failed", record.removed_failed);
}

void EncodeRecord(const WorkerRecord& record, CborWriter& writer) {
  MapWriter map(writer);
  map.Text("kind", "worker");
  map.Text("namespace", record.name_space);
  map.Text("name", record.name);
  if (record.parent) map.Text("parent", *record.parent);
  map.Key("active").Bool(record.active);
  map.Key("heartbeat").Bool(record.heartbeat);
  map.Key("mode").Raw(record.mode);
  map.Map("data", record.data);
  map.Time("last_update", record.last_update);
  map.Time("last_heartbeat", record.last_heartbeat);
  map.Time("expiration", record.expiration);
  map.Time("inactive_since", record.inactive_since);
}

void EncodeRecord(const LockRecord& record, CborWriter& writer) {
  MapWriter map(writer);
  map.Text("kind", "lock");
  map.Text("namespace", record.name_space);
  map.Key("path").Raw(record.path);
  map.Text("locker", record.locker);
  map.Time("until", record.until);
}

void EncodeRecord(const WorkUnitRecord& record, CborWriter& writer) {
  MapWriter map(writer);
  map.Text("kind", "work_unit");
  map.Text("namespace", record.name_space);
  map.Text("work_spec", record.spec);
  map.Name("name", record.name);
  map.Map("data", record.data);
  if (record.priority != 0) map.Key("priority").Double(record.priority);
  map.Time("not_before", record.not_before);
  map.Flag("active", record.has_active);
  map.Count("tries", record.tries);
  if (record.attempts.empty()) return;
  map.Key("attempts").ArrayHead(record.attempts.size());
  for (const AttemptRecord& attempt : record.attempts) WriteAttempt(attempt, writer);
}

}  // namespace coord

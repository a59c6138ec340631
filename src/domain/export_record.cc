// SPDX-License-Identifier: MIT
#include "domain/export_record.h"

#include <algorithm>
#include <cstdio>

#include "value/utf8.h"
#include "value/value.h"

namespace coord {

namespace {

bool SameItem(std::string_view left, std::string_view right) {
  if (left == right) return true;
  const auto left_value = DecodeCbor(left, kRecordDepthMax);
  const auto right_value = DecodeCbor(right, kRecordDepthMax);
  return left_value.has_value() && right_value.has_value() && *left_value == *right_value;
}

bool SameData(Data left, Data right) {
  if (left.is_null() || right.is_null()) return left.is_null() && right.is_null();
  return SameItem(left.cbor(), right.cbor());
}

bool SameAttempt(const AttemptRecord& left, const AttemptRecord& right, bool compare_ids) {
  return (!compare_ids || left.id == right.id) && left.worker == right.worker &&
         left.status == right.status && left.listed == right.listed && left.start == right.start &&
         left.expiration == right.expiration && left.end == right.end &&
         SameData(left.data, right.data);
}

bool SameMeta(const WorkSpecMeta& left, const WorkSpecMeta& right) {
  return left.priority == right.priority && left.weight == right.weight &&
         left.paused == right.paused && left.continuous == right.continuous &&
         left.min_memory_gb == right.min_memory_gb && left.interval == right.interval &&
         left.next_continuous == right.next_continuous && left.max_running == right.max_running &&
         left.max_attempts_returned == right.max_attempts_returned &&
         left.max_retries == right.max_retries;
}

// A name between quotes; bytes that are not printable as \xNN.
std::string Quoted(std::string_view name) {
  std::string quoted = "'";
  const bool text = IsUtf8(name);
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !text)) {
      char escaped[5];
      std::snprintf(escaped, sizeof escaped, "\\x%02x", static_cast<unsigned>(byte));
      quoted += escaped;
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

struct Describer {
  std::string operator()(const NamespaceRecord& record) const {
    return "namespace " + Quoted(record.name);
  }
  std::string operator()(const WorkSpecRecord& record) const {
    return "work spec " + Quoted(record.name) + In(record.name_space);
  }
  std::string operator()(const WorkerRecord& record) const {
    return "worker " + Quoted(record.name) + In(record.name_space);
  }
  std::string operator()(const LockRecord& record) const {
    return "a lock held by " + Quoted(record.locker) + In(record.name_space);
  }
  std::string operator()(const WorkUnitRecord& record) const {
    return "work unit " + Quoted(record.name) + " of work spec " + Quoted(record.spec) +
           In(record.name_space);
  }

 private:
  static std::string In(std::string_view name_space) {
    return " in namespace " + Quoted(name_space);
  }
};

}  // namespace

std::string DescribeRecord(const ExportRecord& record) { return std::visit(Describer(), record); }

bool SameRecord(const WorkSpecRecord& left, const WorkSpecRecord& right) {
  return SameItem(left.definition.cbor(), right.definition.cbor()) &&
         SameMeta(left.meta, right.meta) && left.removed_finished == right.removed_finished &&
         left.removed_failed == right.removed_failed;
}

bool SameRecord(const WorkerRecord& left, const WorkerRecord& right) {
  return left.parent == right.parent && left.active == right.active &&
         left.heartbeat == right.heartbeat && SameItem(left.mode, right.mode) &&
         SameData(left.data.Or(Data::Empty()), right.data.Or(Data::Empty())) &&
         left.last_update == right.last_update && left.last_heartbeat == right.last_heartbeat &&
         left.expiration == right.expiration &&
         (left.active || left.inactive_since == right.inactive_since);
}

bool SameRecord(const LockRecord& left, const LockRecord& right) {
  return left.path == right.path && left.locker == right.locker && left.until == right.until;
}

bool SameRecord(const WorkUnitRecord& left, const WorkUnitRecord& right) {
  const bool compare_ids = IdsRise(left) && IdsRise(right);
  return left.priority == right.priority && left.not_before == right.not_before &&
         left.has_active == right.has_active && left.tries == right.tries &&
         SameData(left.data, right.data) &&
         std::equal(left.attempts.begin(), left.attempts.end(), right.attempts.begin(),
                    right.attempts.end(),
                    [&](const AttemptRecord& one, const AttemptRecord& other) {
                      return SameAttempt(one, other, compare_ids);
                    });
}

bool IdsRise(const WorkUnitRecord& record) {
  return std::adjacent_find(record.attempts.begin(), record.attempts.end(),
                            [](const AttemptRecord& one, const AttemptRecord& next) {
                              return one.id >= next.id;
                            }) == record.attempts.end();
}

Error DifferingRecordError(const ExportRecord& record) {
  return {
      ErrorCode::kInvalid, DescribeRecord(record) + " is there already, and is not the same", {}};
}

Error UsedAttemptError(const WorkUnitRecord& record, AttemptId id) {
  return InvalidError(
      DescribeRecord(record) + ": its attempt " + std::to_string(static_cast<std::uint64_t>(id)) +
      " has the number of another one, or of one that is still being deleted; import "
      "into a store that has made no attempts of its own");
}

}  // namespace coord

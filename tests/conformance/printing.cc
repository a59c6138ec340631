// SPDX-License-Identifier: MIT
#include "printing.h"

#include <array>
#include <cstdio>
#include <ostream>
#include <sstream>

namespace coord {

namespace {

std::string Quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c >= ' ' && c <= '~' && c != '\\' && c != '\'') {
      out.push_back(c);
    } else {
      std::array<char, 5> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\x%02x",
                    static_cast<unsigned>(static_cast<unsigned char>(c)));
      out.append(escaped.data());
    }
  }
  return out + "'";
}

std::string Joined(const std::vector<Value>& items, const char* open, const char* close) {
  std::string out = open;
  for (const Value& value : items) {
    if (&value != &items.front()) out += ", ";
    out += ToDebugText(value);
  }
  return out + close;
}

struct DebugText {
  std::string operator()(std::monostate) const { return "None"; }
  std::string operator()(bool value) const { return value ? "True" : "False"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(std::uint64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const { return std::to_string(value); }
  std::string operator()(const std::string& text) const { return Quoted(text); }
  std::string operator()(const Bytes& bytes) const { return "b" + Quoted(bytes.bytes); }
  std::string operator()(const List& list) const { return Joined(list, "[", "]"); }
  std::string operator()(const Tuple& tuple) const { return Joined(tuple.items, "(", ")"); }
  std::string operator()(const Map& map) const {
    std::string out = "{";
    for (const auto& [key, value] : map) {
      if (out.size() > 1) out += ", ";
      out += ToDebugText(key) + ": " + ToDebugText(value);
    }
    return out + "}";
  }
  std::string operator()(const Uuid& uuid) const {
    return "UUID(" + Quoted(std::string(uuid.bytes.begin(), uuid.bytes.end())) + ")";
  }
  std::string operator()(const Bignum& bignum) const {
    return (bignum.negative ? "bignum(-1 - " : "bignum(") + Quoted(bignum.magnitude) + ")";
  }
  std::string operator()(const Opaque& opaque) const { return "cbor(" + Quoted(opaque.cbor) + ")"; }
};

}  // namespace

std::string ToDebugText(const Value& value) { return std::visit(DebugText(), value.variant()); }

std::string ToDebugText(WallTime time) {
  if (time == kNoTime) return "no time";
  std::array<char, 40> text{};
  const std::int64_t micros = time.time_since_epoch().count();
  std::snprintf(text.data(), text.size(), "%lld.%06lld", static_cast<long long>(micros / 1'000'000),
                static_cast<long long>(micros % 1'000'000));
  return text.data();
}

void PrintTo(const Value& value, std::ostream* out) { *out << ToDebugText(value); }
void PrintTo(ErrorCode code, std::ostream* out) { *out << InfoOf(code).name; }
void PrintTo(WorkUnitStatus status, std::ostream* out) { *out << ToText(status); }
void PrintTo(AttemptStatus status, std::ostream* out) { *out << ToText(status); }
void PrintTo(AttemptId id, std::ostream* out) {
  *out << "attempt " << static_cast<std::uint64_t>(id);
}

}  // namespace coord

namespace coord::testing {

void PrintTo(const OwnedAttempt& attempt, std::ostream* out) {
  *out << "{attempt " << static_cast<std::uint64_t>(attempt.id) << " of " << attempt.spec << "/"
       << attempt.unit << " by " << attempt.worker << ": " << ToText(attempt.status) << ", start "
       << coord::ToDebugText(attempt.start) << ", expiration "
       << coord::ToDebugText(attempt.expiration) << ", end " << coord::ToDebugText(attempt.end)
       << ", data " << coord::ToDebugText(attempt.data) << "}";
}

void PrintTo(const OwnedUnit& unit, std::ostream* out) {
  *out << "{unit " << unit.name;
  if (!unit.exists) {
    *out << ": none}";
    return;
  }
  *out << ": " << ToText(unit.status) << ", priority " << unit.priority << ", not before "
       << coord::ToDebugText(unit.not_before) << ", data " << coord::ToDebugText(unit.data);
  if (unit.active) {
    *out << ", active ";
    PrintTo(*unit.active, out);
  }
  *out << "}";
}

void PrintTo(const OwnedUpdate& update, std::ostream* out) {
  *out << "(" << (update.ok ? "true" : "false") << ", " << update.message << ")";
}

void PrintTo(const OwnedWorker& worker, std::ostream* out) {
  *out << "{worker " << worker.name << ": parent " << worker.parent.value_or("(none)") << ", mode "
       << coord::ToDebugText(worker.mode) << (worker.active ? ", active" : ", inactive")
       << (worker.shown ? ", shown" : "") << ", update " << coord::ToDebugText(worker.last_update)
       << ", heartbeat " << coord::ToDebugText(worker.last_heartbeat) << ", expiration "
       << coord::ToDebugText(worker.expiration) << ", data " << coord::ToDebugText(worker.data)
       << ", " << worker.children.size() << " children}";
}

void PrintTo(const OwnedRecord& record, std::ostream* out) {
  *out << "{" << record.name_space << "/" << record.spec << " " << ToText(record.status) << ": "
       << record.count << "}";
}

namespace {

template <typename T>
void PrintAll(const std::vector<T>& items, std::ostream& out) {
  out << items.size() << " [";
  for (const T& item : items) {
    PrintTo(item, &out);
    out << " ";
  }
  out << "]";
}

struct OutcomeText {
  std::ostream& out;

  void operator()(const Error& error) const {
    out << "error " << InfoOf(error.code).name << ": " << error.detail;
  }
  void operator()(const Done&) const { out << "done"; }
  void operator()(const CountReply& reply) const { out << "count " << reply.count; }
  void operator()(const OwnedNames& names) const {
    for (const std::string& name : names) out << name << " ";
  }
  void operator()(const Value& value) const { out << coord::ToDebugText(value); }
  void operator()(const OwnedMeta& meta) const {
    out << "meta, available " << meta.available << ", pending " << meta.pending;
  }
  void operator()(const OwnedSpecs& specs) const { (*this)(specs.names); }
  void operator()(const StatusCountsReply& reply) const {
    for (const std::uint64_t count : reply.counts) out << count << " ";
  }
  void operator()(const OwnedAttempts& attempts) const { PrintAll(attempts, out); }
  void operator()(const OwnedUnits& units) const { PrintAll(units, out); }
  void operator()(const OwnedUpdates& updates) const { PrintAll(updates, out); }
  void operator()(const OwnedResults& results) const {
    for (const auto& result : results) out << (result ? InfoOf(result->code).name : "ok") << " ";
  }
  void operator()(const OwnedWork& work) const {
    out << "work of " << work.spec << ": ";
    for (const OwnedGrant& unit : work.units) out << unit.name << " ";
    PrintAll(work.updates, out);
  }
  void operator()(const OwnedWorkers& workers) const { PrintAll(workers, out); }
  void operator()(const OwnedChildUnits& children) const {
    for (const OwnedChildUnit& unit : children.units) {
      out << unit.child << ": " << unit.spec << "/" << unit.unit << " ";
    }
  }
  void operator()(const OwnedSummary& records) const { PrintAll(records, out); }
  void operator()(const OwnedPage& page) const { out << page.records.size() << " records"; }
  void operator()(const ImportReply& reply) const {
    out << reply.added << " added, " << reply.equal << " equal";
  }
  void operator()(const OwnedLocks& locks) const {
    for (const bool held : locks.held) out << (held ? "held " : "free ");
    for (const auto& holder : locks.holders) out << holder.value_or("(nobody)") << " ";
  }
};

}  // namespace

std::string ToDebugText(const OwnedOutcome& outcome) {
  std::ostringstream out;
  std::visit(OutcomeText{out}, outcome);
  return out.str();
}

}  // namespace coord::testing

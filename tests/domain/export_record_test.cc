// SPDX-License-Identifier: MIT
#include "domain/export_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "value/value.h"

namespace coord {
namespace {

using ::testing::HasSubstr;

WallTime At(std::int64_t micros) { return WallTime(Duration(micros)); }

template <typename Record>
std::string Encoded(const Record& record) {
  std::string bytes;
  CborWriter writer(bytes);
  EncodeRecord(record, writer);
  return bytes;
}

// Reads one record, all of the bytes.
template <typename Record>
Record ReadBack(const std::string& bytes, Arena& arena) {
  std::string_view rest = bytes;
  auto record = TakeRecord(rest, arena);
  EXPECT_TRUE(record.has_value()) << record.error().detail;
  EXPECT_TRUE(rest.empty());
  return std::get<Record>(*record);
}

std::string ErrorOf(const Map& map) {
  Arena arena;
  const std::string bytes = EncodeCbor(Value(map));
  std::string_view rest = bytes;
  const auto record = TakeRecord(rest, arena);
  return record.has_error() ? record.error().detail : "";
}

Map Changed(Map map, const char* key, const Value& value) {
  for (auto& [name, old] : map) {
    if (*name.AsString() == key) {
      old = value;
      return map;
    }
  }
  map.emplace_back(key, value);
  return map;
}

Map Without(Map map, const char* key) {
  std::erase_if(map, [&](const auto& entry) { return *entry.first.AsString() == key; });
  return map;
}

const Map kUnit{{"kind", "work_unit"}, {"namespace", "n"}, {"work_spec", "s"}, {"name", "u"}};
const Map kAttempt{{"id", 1},    {"worker", "w"},   {"status", "finished"},
                   {"start", 1}, {"expiration", 5}, {"end", 2}};
const Map kWorker{{"kind", "worker"}, {"namespace", "n"}, {"name", "w"},     {"active", true},
                  {"mode", "idle"},   {"last_update", 1}, {"expiration", 2}, {"heartbeat", false}};

std::string AttemptError(const Map& attempt) {
  return ErrorOf(Changed(kUnit, "attempts", List{attempt}));
}

TEST(ExportRecord, WorkUnitsReadBack) {
  const std::string data = EncodeCbor(Value(Map{{"x", 1}}));
  std::array<AttemptRecord, 2> attempts;
  attempts[0] = {AttemptId{7}, "v", AttemptStatus::kExpired, false, At(1), At(2), At(2), Data()};
  attempts[1] = {AttemptId{9}, "w",     AttemptStatus::kPending, true, At(3),
                 At(4),        kNoTime, Data::FromStored(data)};
  WorkUnitRecord record;
  record.name_space = "n";
  record.spec = "s";
  record.name = std::string_view("\xff\x00", 2);
  record.data = Data::FromStored(data);
  record.priority = -1.5;
  record.not_before = At(-5);
  record.has_active = true;
  record.tries = 1;
  record.attempts = attempts;
  Arena arena;
  const std::string bytes = Encoded(record);
  const auto read = ReadBack<WorkUnitRecord>(bytes, arena);
  EXPECT_TRUE(SameRecord(read, record));
  EXPECT_EQ(read.name, record.name);
  EXPECT_EQ(Encoded(read), bytes);
  EXPECT_EQ(DescribeRecord(read), "work unit '\\xff\\x00' of work spec 's' in namespace 'n'");
}

TEST(ExportRecord, WorkersReadBack) {
  WorkerRecord record;
  record.name = "w";
  record.parent = "p";
  record.mode = "\xf6";
  record.last_update = At(1);
  record.expiration = At(2);
  record.inactive_since = At(3);
  Arena arena;
  const std::string bytes = Encoded(record);
  EXPECT_TRUE(SameRecord(ReadBack<WorkerRecord>(bytes, arena), record));
}

TEST(ExportRecord, TheMetaOfASpecReadsBackAndTheRestFollowsFromItsDefinition) {
  const std::string definition = EncodeCbor(
      Value(Map{{"name", "s"}, {"then", "t"}, {"continuous", true}, {"limit_completed_count", 5}}));
  WorkSpecRecord record;
  record.definition = Data::FromStored(definition);
  record.meta.priority = -7;
  record.meta.weight = 0;
  record.meta.paused = true;
  record.meta.continuous = false;
  record.meta.min_memory_gb = 0.25;
  record.meta.interval = Duration(1);
  record.meta.next_continuous = At(8);
  record.meta.max_retries = 3;
  record.removed_failed = 4;
  Arena arena;
  const std::string bytes = Encoded(record);
  const auto read = ReadBack<WorkSpecRecord>(bytes, arena);
  EXPECT_TRUE(SameRecord(read, record));
  EXPECT_EQ(read.name, "s");
  EXPECT_EQ(read.meta.next_work_spec_name, "t");
  EXPECT_TRUE(read.meta.can_be_continuous);
  EXPECT_EQ(read.retention.completed_count, 5U);
}

TEST(ExportRecord, LabelsOfLocksBecomeCanonical) {
  Arena arena;
  const std::string bytes = EncodeCbor(Value(Map{{"kind", "lock"},
                                                 {"namespace", ""},
                                                 {"path", List{"text", 1}},
                                                 {"locker", "l"},
                                                 {"until", 3}}));
  const auto read = ReadBack<LockRecord>(bytes, arena);
  EXPECT_EQ(read.path, EncodeCbor(Value(List{Bytes{"text"}, 1})));
}

TEST(ExportRecord, WhatIsMissingOrOfAWrongKindIsNamed) {
  EXPECT_EQ(ErrorOf(kUnit), "");
  for (const char* const key : {"namespace", "work_spec", "name"}) {
    EXPECT_THAT(ErrorOf(Without(kUnit, key)), HasSubstr("'" + std::string(key) + "' is missing"));
    EXPECT_THAT(ErrorOf(Changed(kUnit, key, 1)), HasSubstr(std::string(key) + " must be a string"));
  }
  EXPECT_EQ(ErrorOf(Without(kUnit, "kind")), "'kind' is missing");
  EXPECT_EQ(ErrorOf(Changed(kUnit, "priority", "x")), "work_unit 'u': priority must be a number");
  EXPECT_THAT(ErrorOf(Changed(kUnit, "tries", -1)), HasSubstr("tries must be a count"));
  EXPECT_THAT(ErrorOf(Changed(kUnit, "data", List{})), HasSubstr("data must be a map"));
  EXPECT_THAT(ErrorOf(Changed(kUnit, "not_before", std::int64_t{INT64_MAX})),
              HasSubstr("out of range"));
  EXPECT_THAT(ErrorOf(Changed(kUnit, "name", std::string(2000, 'x'))), HasSubstr("1024"));
  EXPECT_EQ(ErrorOf(kWorker), "");
  EXPECT_THAT(ErrorOf(Changed(kWorker, "active", false)), HasSubstr("'inactive_since'"));
  EXPECT_THAT(ErrorOf(Changed(kWorker, "mode", List{})), HasSubstr("mode must be"));
  EXPECT_THAT(ErrorOf(Changed(kWorker, "parent", "w")), HasSubstr("its own parent"));
}

TEST(ExportRecord, AttemptsMustMakeSense) {
  EXPECT_EQ(AttemptError(kAttempt), "");
  EXPECT_THAT(AttemptError(Changed(kAttempt, "status", "lost")),
              HasSubstr("work_unit 'u': attempt 0: status"));
  EXPECT_THAT(AttemptError(Changed(kAttempt, "status", "pending")), HasSubstr("'end'"));
  EXPECT_THAT(AttemptError(Without(kAttempt, "end")), HasSubstr("'end' is missing"));
  EXPECT_THAT(AttemptError(Without(kAttempt, "id")), HasSubstr("'id' is out of range"));
  EXPECT_THAT(AttemptError(Changed(kAttempt, "listed", true)), HasSubstr("'listed'"));
  EXPECT_THAT(ErrorOf(Changed(kUnit, "active", true)), HasSubstr("has no attempt"));
  EXPECT_THAT(ErrorOf(Changed(kUnit, "tries", 1)), HasSubstr("fewer"));
  Map unit = Changed(kUnit, "attempts", List{Changed(kAttempt, "status", "expired")});
  EXPECT_THAT(ErrorOf(Changed(unit, "active", true)), HasSubstr("cannot be the active one"));
}

TEST(ExportRecord, BytesThatAreNoRecordAreRefused) {
  for (const std::string& bytes :
       {std::string("\xff"), std::string("\xa1"), std::string("\x80"), std::string("\xa1\x01\x01"),
        std::string(200, '\x81'),
        EncodeCbor(Value(Map{{"kind", "work_unit"}, {"kind", "lock"}}))}) {
    Arena arena;
    std::string_view rest = bytes;
    EXPECT_TRUE(TakeRecord(rest, arena).has_error());
  }
}

TEST(ExportRecord, ASequenceHasNoMoreThanMayBeImportedAtOnce) {
  std::string bytes;
  for (std::uint64_t i = 0; i <= kExportLimitMax.records; ++i) {
    bytes += EncodeCbor(Value(Changed(kUnit, "name", std::to_string(i))));
  }
  Arena arena;
  const auto records = TakeRecords(bytes, arena);
  ASSERT_TRUE(records.has_error());
  EXPECT_EQ(records.error().code, ErrorCode::kOverLimit);
}

TEST(ExportRecord, NumbersOfAttemptsCountWhereTheyRise) {
  std::array<AttemptRecord, 2> attempts;
  attempts[0].id = AttemptId{1};
  attempts[1].id = AttemptId{2};
  WorkUnitRecord rising;
  rising.attempts = attempts;
  std::array<AttemptRecord, 2> others = attempts;
  others[1].id = AttemptId{3};
  WorkUnitRecord other = rising;
  other.attempts = others;
  EXPECT_TRUE(IdsRise(other));
  EXPECT_FALSE(SameRecord(rising, other));
  others[0].id = AttemptId{9};
  EXPECT_FALSE(IdsRise(other));
  EXPECT_TRUE(SameRecord(rising, other));
}

}  // namespace
}  // namespace coord

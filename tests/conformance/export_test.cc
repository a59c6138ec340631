// SPDX-License-Identifier: MIT
// docs/moving.md: reading everything.
#include <algorithm>
#include <set>

#include "moving.h"
#include "suite.h"

namespace coord::testing {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace {

Value Decoded(const std::string& record) { return DecodeData(Data::FromStored(record)); }

std::string TextOf(const Value& record, const char* key) {
  const Value* const value = record.Find(key);
  return value == nullptr || value->AsString() == nullptr ? "" : *value->AsString();
}

// The names of the records of a kind, in the order of the export.
Strings NamesOf(const Strings& records, const std::string& kind) {
  Strings names;
  for (const std::string& record : records) {
    const Value value = Decoded(record);
    if (TextOf(value, "kind") == kind) names.push_back(TextOf(value, "name"));
  }
  return names;
}

}  // namespace

// C-MOV-01
TEST_P(ExportTest, AnEmptyStoreHasNothing) {
  const OwnedPage page = client().ExportPage();
  EXPECT_THAT(page.records, IsEmpty());
  EXPECT_EQ(page.cursor, std::nullopt);
  EXPECT_EQ(page.work_units, 0U);
}

// C-MOV-01
TEST_P(ExportTest, SaysWhatAUnitAndItsAttemptsAre) {
  GivenSpec();
  client().Add("s", {{.name = "a", .data = {{"n", 1}}, .priority = 2.5}});
  const Held first = client().Take({.lifetime = 60s});
  EXPECT_EQ(client().RetryAttempt(first, Duration(0)), kOk);
  const WallTime start = now();
  const Held second = client().Take({.lifetime = 60s});
  Advance(1s);
  EXPECT_EQ(client().Finish(second, Map{{"done", true}}), kOk);
  Strings units = client().ExportAll();
  std::erase_if(units, [](const std::string& record) {
    return TextOf(Decoded(record), "kind") != "work_unit";
  });
  ASSERT_THAT(units, SizeIs(1));
  const auto micros = [](WallTime time) {
    return Value(std::int64_t{time.time_since_epoch().count()});
  };
  const auto attempt = [&](const Held& held, const char* status, WallTime end) {
    return Map{{"id", static_cast<std::uint64_t>(held.id)},
               {"worker", "w"},
               {"status", status},
               {"start", micros(start)},
               {"expiration", micros(start + 60s)},
               {"end", micros(end)}};
  };
  Map finished = attempt(second, "finished", now());
  finished.emplace_back("data", Map{{"done", true}});
  EXPECT_EQ(Decoded(units.front()),
            Value(Map{{"kind", "work_unit"},
                      {"namespace", ""},
                      {"work_spec", "s"},
                      {"name", "a"},
                      {"data", Map{{"n", 1}}},
                      {"priority", 2.5},
                      {"not_before", micros(start)},
                      {"active", true},
                      {"tries", 2},
                      {"attempts", List{attempt(first, "retryable", start), finished}}}));
}

// C-MOV-01 C-MOV-02
TEST_P(ExportTest, HasEverythingOnceHoweverShortThePagesAre) {
  FillWithEverything(client(), [this](Duration by) { Advance(by); });
  const Strings whole = client().ExportAll();
  EXPECT_EQ(std::set<std::string>(whole.begin(), whole.end()).size(), whole.size());
  EXPECT_THAT(NamesOf(whole, "namespace"), ElementsAre("", "nothing in it", "other"));
  EXPECT_THAT(NamesOf(whole, "work_spec"), SizeIs(6));
  for (const std::uint64_t records : {1U, 2U, 7U}) {
    EXPECT_EQ(Readable(client().ExportAll(records)), Readable(whole));
  }
}

// C-MOV-02
TEST_P(ExportTest, PagesKeepTheLimitAndTheFirstCountsTheUnits) {
  GivenSpec();
  client().Add("s", {{.name = "a"}, {.name = "b"}, {.name = "c"}});
  client().In("other").SetWorkSpec({{"name", "t"}});
  client().In("other").Add("t", {{.name = "d"}});
  const OwnedPage first = client().ExportPage("", 3);
  EXPECT_THAT(first.records, SizeIs(3));
  EXPECT_EQ(first.work_units, 4U);
  ASSERT_TRUE(first.cursor.has_value());
  const OwnedPage second = client().ExportPage(*first.cursor, 2);
  EXPECT_THAT(second.records, SizeIs(2));
  EXPECT_EQ(second.work_units, std::nullopt);
  const OwnedOutcome bytes = client().Run(ExportRecords{.bytes_max = 1});
  EXPECT_THAT(std::get<OwnedPage>(bytes).records, SizeIs(1));
}

// C-MOV-02
TEST_P(ExportTest, GoesOnWhereThingsWereDeletedMeanwhile) {
  for (const char* const spec : {"r", "s", "t"}) {
    client().SetWorkSpec({{"name", spec}});
    client().Add(spec, {{.name = "a"}, {.name = "b"}});
  }
  // The namespace, three specs, two units, and one of the second spec.
  OwnedPage page = client().ExportPage("", 7);
  ASSERT_TRUE(page.cursor.has_value());
  client().Delete("s", {.names = Strings{"a"}});
  EXPECT_THAT(NamesOf(client().ExportPage(*page.cursor).records, "work_unit"),
              ElementsAre("b", "a", "b"));
  client().DeleteWorkSpec("s");
  EXPECT_THAT(NamesOf(client().ExportPage(*page.cursor).records, "work_unit"),
              ElementsAre("a", "b"));
  EXPECT_EQ(client().ErrorOf(DestroyNamespace{}), kOk);
  EXPECT_THAT(client().ExportPage(*page.cursor).records, IsEmpty());
}

// C-MOV-02
TEST_P(ExportTest, MissesNoUnitThatChangesMeanwhile) {
  GivenSpec();
  std::vector<NewUnit> units;
  for (char name = 'a'; name <= 'j'; ++name) units.push_back({.name = std::string(1, name)});
  client().Add("s", units);
  Strings records;
  std::string cursor;
  for (int i = 0; i < 20; ++i) {
    const OwnedPage page = client().ExportPage(cursor, 1);
    records.insert(records.end(), page.records.begin(), page.records.end());
    if (!page.cursor) break;
    cursor = *page.cursor;
    const OwnedWork work = client().Request();
    if (!work.units.empty()) {
      EXPECT_EQ(client().Finish({"s", work.units.front().name, work.units.front().attempt}), kOk);
    }
  }
  EXPECT_THAT(NamesOf(records, "work_unit"),
              ElementsAre("a", "b", "c", "d", "e", "f", "g", "h", "i", "j"));
}

// C-MOV-02
TEST_P(ExportTest, RefusesACursorThatNoStoreGave) {
  for (const char* const cursor : {"x", "\x80", "\x84\x05\x40\x40\xf6", "\x84\x00\x01\x40\xf6"}) {
    EXPECT_EQ(client().ErrorOf(ExportRecords{.cursor = cursor}), ErrorCode::kInvalid);
  }
}

// C-MOV-01
TEST_P(ExportTest, LeavesOutLocksThatHaveExpiredAndWorkersThatAreForgotten) {
  client().Beat("w", 1s);
  client().ChangeLocks(LockOperation::kLockAll, "l", {{"a"}}, 1s);
  Advance(1s);
  EXPECT_THAT(client().ExportAll(), SizeIs(2));  // the namespace and the worker
  Advance(25h);
  connection().Settle();
  EXPECT_THAT(client().ExportAll(), SizeIs(1));
}

}  // namespace coord::testing

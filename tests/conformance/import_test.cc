// SPDX-License-Identifier: MIT
// docs/moving.md: taking records.
#include <algorithm>

#include "memory_case.h"
#include "moving.h"
#include "suite.h"

namespace coord::testing {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

std::string Record(const Map& map) { return EncodeCbor(Value(map)); }

std::string UnitRecord(const std::string& name, Map more = {}) {
  Map map{{"kind", "work_unit"}, {"namespace", ""}, {"work_spec", "s"}, {"name", name}};
  map.insert(map.end(), more.begin(), more.end());
  return Record(map);
}

// A unit whose only attempt finished at that time.
std::string FinishedRecord(const std::string& name, int id, WallTime end) {
  const auto micros = [](WallTime time) { return std::int64_t{time.time_since_epoch().count()}; };
  return UnitRecord(name, {{"active", true},
                           {"tries", 1},
                           {"attempts", List{Map{{"id", id},
                                                 {"worker", "w"},
                                                 {"status", "finished"},
                                                 {"start", micros(kTestStart)},
                                                 {"expiration", micros(kTestStart + 1h)},
                                                 {"end", micros(end)}}}}});
}

// Moves everything through a memory store and back to an empty store of the kind under test.
class Move {
 public:
  explicit Move(ConformanceTest& test) : test_(test), when_(test.now()) {}

  Strings Through(const Strings& records) {
    const auto memory = MemoryCase().open({.test_name = "through", .options = {}});
    memory->clock().Set(when_);
    Connection connection(*memory);
    Client client(connection);
    client.Import(records);
    return client.ExportAll(5);
  }

  // The store of the test is another one afterwards.
  void Back(const Strings& records) {
    test_.Open({});
    test_.AdvanceTo(when_);
    test_.client().Import(records);
  }

 private:
  ConformanceTest& test_;
  WallTime when_;
};

}  // namespace

// C-MOV-03
TEST_P(ImportTest, EverythingIsAsItWasInTheOtherStore) {
  FillWithEverything(client(), [this](Duration by) { Advance(by); });
  const auto before = LookAtEverything(client());
  const Strings records = client().ExportAll();
  Move move(*this);
  const Strings moved = move.Through(records);
  EXPECT_EQ(Readable(moved), Readable(records));
  move.Back(moved);
  for (const auto& [what, answer] : LookAtEverything(client())) {
    EXPECT_EQ(answer, before.at(what)) << what;
  }
  EXPECT_EQ(Readable(client().ExportAll()), Readable(records));
}

// C-MOV-04
TEST_P(ImportTest, WhatIsThereAndEqualIsLeftAsItIs) {
  FillWithEverything(client(), [this](Duration by) { Advance(by); });
  const Strings records = client().ExportAll();
  Move move(*this);
  move.Back(records);
  const auto once = LookAtEverything(client());
  const ImportReply again = client().Import(records);
  EXPECT_EQ(again.added, 0U);
  EXPECT_EQ(again.equal, records.size());
  EXPECT_EQ(LookAtEverything(client()), once);
}

// C-MOV-04
TEST_P(ImportTest, APartMayBeThereAlready) {
  FillWithEverything(client(), [this](Duration by) { Advance(by); });
  const auto before = LookAtEverything(client());
  const Strings records = client().ExportAll();
  Move move(*this);
  move.Back(Strings(records.begin(), records.begin() + 9));
  const ImportReply rest = client().Import(records);
  EXPECT_EQ(rest.equal, 9U);
  EXPECT_EQ(rest.added, records.size() - 9);
  for (const auto& [what, answer] : LookAtEverything(client())) {
    EXPECT_EQ(answer, before.at(what)) << what;
  }
}

// C-MOV-04
TEST_P(ImportTest, DataIsComparedByValueNotByBytes) {
  GivenSpec();
  client().Import({UnitRecord("a", {{"data", Map{{"x", 1.5}}}})});
  // The same map with a half float and of indefinite length.
  const std::string other = std::string("\xbf\x61x\xf9\x3e\x00\xff", 7);
  EXPECT_EQ(client().Import({UnitRecord("a", {{"data", Opaque{other}}})}).equal, 1U);
}

// C-MOV-05
TEST_P(ImportTest, WhatDiffersIsRefusedByNameAndNothingHappens) {
  FillWithEverything(client(), [this](Duration by) { Advance(by); });
  const Strings records = client().ExportAll();
  client().SetMeta("first", {.priority = 9});
  EXPECT_THAT(client().ImportError(records).detail, HasSubstr("work spec 'first' in namespace ''"));
  client().SetMeta("first", {.priority = 0});
  client().Beat("child", 3h, {}, "parent", Value(7));
  EXPECT_THAT(client().ImportError(records).detail, HasSubstr("worker 'child' in namespace ''"));
  GivenSpec();
  client().Import({UnitRecord("a")});
  EXPECT_THAT(client().ImportError({UnitRecord("b"), UnitRecord("a", {{"priority", 1.0}})}).detail,
              HasSubstr("work unit 'a' of work spec 's' in namespace '' is there already"));
  EXPECT_THAT(client().Names("s"), ElementsAre("a"));
}

// C-MOV-05
TEST_P(ImportTest, ALockThatIsInTheWayIsRefused) {
  client().ChangeLocks(LockOperation::kLockAll, "me", {{1, 2}}, 1h);
  const Strings records = client().ExportAll();
  Move move(*this);
  move.Back({});
  client().ChangeLocks(LockOperation::kLockAll, "me", {{1}}, 1h);
  EXPECT_THAT(client().ImportError(records).detail, HasSubstr("a lock held by 'me'"));
  EXPECT_THAT(client().ReadLocks({{1}, {1, 2}}), ElementsAre("me", std::nullopt));
}

// C-MOV-05
TEST_P(ImportTest, AnAttemptsNumberMustNotBeAnothers) {
  const Held own = GivenPending();
  const int id = static_cast<int>(own.id);
  const Map pending{
      {"id", id}, {"worker", "w"}, {"status", "pending"}, {"start", 1}, {"expiration", 2}};
  const Strings records{
      FinishedRecord("b", id + 1, now()),
      UnitRecord("c", {{"tries", 1}, {"active", true}, {"attempts", List{pending}}})};
  EXPECT_THAT(client().ImportError(records).detail, HasSubstr("has the number of another one"));
  EXPECT_THAT(client().Names("s"), ElementsAre("a"));
}

// C-MOV-05
TEST_P(ImportTest, NamesWhatIsWrongWithARecord) {
  GivenSpec();
  EXPECT_THAT(client().ImportError({UnitRecord("a", {{"priority", "high"}})}).detail,
              HasSubstr("work_unit 'a': priority must be a number"));
  EXPECT_THAT(client().ImportError({UnitRecord("a", {{"colour", "red"}})}).detail,
              HasSubstr("'colour' is a key that is not known"));
  EXPECT_THAT(client().ImportError({Record({{"kind", "horse"}})}).detail, HasSubstr("'horse'"));
  EXPECT_THAT(client().ImportError({"\xa1"}).detail, HasSubstr("not a record"));
  EXPECT_THAT(client().ImportError({UnitRecord("a"), UnitRecord("a")}).detail,
              HasSubstr("is there twice"));
  EXPECT_THAT(
      client()
          .ImportError({Record(
              {{"kind", "work_unit"}, {"namespace", "none"}, {"work_spec", "s"}, {"name", "a"}})})
          .detail,
      HasSubstr("there is no such work spec"));
  EXPECT_THAT(client().Names("s"), IsEmpty());
}

// C-MOV-06
TEST_P(ImportTest, LeasesAndDelaysGoOn) {
  const Held held = GivenPending({{"n", 1}});
  client().Add("s", {{.name = "b", .delay = 30s}});
  const Strings records = client().ExportAll();
  Move move(*this);
  move.Back(records);
  EXPECT_THAT(client().RequestNames(), IsEmpty());
  Advance(30s);
  EXPECT_THAT(client().RequestNames(), ElementsAre("b"));
  EXPECT_EQ(client().Renew(held, 60s), kOk);
  Advance(60s);
  EXPECT_EQ(client().StatusOf("s", "a"), kAvailable);
  EXPECT_EQ(client().Finish(held, Map{{"n", 2}}), kOk);
  EXPECT_EQ(UnitA().data, Value(Map{{"n", 2}}));
}

// C-MOV-06
TEST_P(ImportTest, TriesAreCountedOn) {
  GivenSpec({{"max_retries", 2}});
  client().Add("s", {{.name = "a"}});
  for (int i = 0; i < 2; ++i) EXPECT_EQ(client().Expire(client().Take()), kOk);
  const Strings records = client().ExportAll();
  Move move(*this);
  move.Back(records);
  EXPECT_THAT(client().RequestNames(), IsEmpty());
  EXPECT_EQ(client().StatusOf("s", "a"), kFailed);
}

// C-MOV-07
TEST_P(ImportTest, NoNumberOfAnAttemptIsGivenAgain) {
  GivenSpec();
  client().Add("s", {{.name = "z"}});
  client().Import({FinishedRecord("a", 5000, now()), FinishedRecord("b", 17, now())});
  const Held own = client().Take();
  EXPECT_GT(static_cast<std::uint64_t>(own.id), 5000U);
}

// C-MOV-07
TEST_P(ImportTest, MayBeRepeatedAfterWhatWasImportedIsDeleted) {
  GivenSpec();
  const Strings records{FinishedRecord("a", 7, now()), FinishedRecord("b", 8, now())};
  client().Import(records);
  EXPECT_EQ(client().Delete("s", {.names = Strings{"a", "b"}}), 2U);
  connection().Settle();
  EXPECT_EQ(client().Import(records).added, 2U);
  client().DeleteWorkSpec("s");
  connection().Settle();
  GivenSpec();
  // What was deleted as a whole is freed when nothing that is being written can bring it back.
  connection().Settle();
  EXPECT_EQ(client().Import(records).added, 2U);
  EXPECT_EQ(client().StatusOf("s", "b"), kFinished);
}

// C-MOV-08
TEST_P(ImportTest, RetentionKeepsTheNewestWhateverTheOrderOfTheRecords) {
  GivenSpec({{"limit_completed_count", 3}});
  Advance(1h);
  const WallTime end = now() - 1h;
  client().Import({FinishedRecord("a", 1, end + 5s), FinishedRecord("b", 2, end + 1s),
                   FinishedRecord("c", 3, end + 4s), FinishedRecord("d", 4, end + 2s),
                   FinishedRecord("e", 5, end + 3s)});
  connection().Settle();
  EXPECT_THAT(client().Names("s"), ElementsAre("a", "c", "e"));
  client().Add("s", {{.name = "f"}});
  EXPECT_EQ(client().Finish(client().Take()), kOk);
  connection().Settle();
  EXPECT_THAT(client().Names("s"), ElementsAre("a", "c", "f"));
  EXPECT_EQ(client().Counts("s")[IndexOf(kFinished)], 6U);
}

// C-MOV-03
TEST_P(ImportTest, AUnitWhoseAttemptsNumbersDoNotRiseKeepsTheirOrder) {
  GivenSpec();
  const auto attempt = [](int id, int start, const char* status) {
    Map map{{"id", id}, {"worker", "w"}, {"status", status}, {"start", start}, {"expiration", 90}};
    map.emplace_back("end", start + 1);
    return map;
  };
  const Strings records{UnitRecord(
      "a", {{"active", true},
            {"tries", 2},
            {"attempts", List{attempt(2000, 10, "expired"), attempt(1005, 20, "finished")}}})};
  client().Import(records);
  EXPECT_EQ(client().StatusOf("s", "a"), kFinished);
  const OwnedAttempts attempts = client().UnitAttempts("s", "a");
  ASSERT_EQ(attempts.size(), 2U);
  EXPECT_EQ(attempts.back().status, AttemptStatus::kFinished);
  EXPECT_EQ(client().Import(records).equal, 1U);
}

}  // namespace coord::testing

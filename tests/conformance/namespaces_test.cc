// SPDX-License-Identifier: MIT
// spec/domain.md, section 1: namespaces and names.
#include "suite.h"

namespace coord::testing {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

namespace {

Strings Namespaces(Client client) { return std::get<OwnedNames>(client.Run(ListNamespaces{})); }

}  // namespace

// C-NS-01
TEST_P(NamespaceTest, ANameMayBeEmpty) {
  Client empty = client().In("");
  EXPECT_EQ(empty.ErrorOf(CreateNamespace{}), kOk);
  EXPECT_THAT(Namespaces(empty), Contains(""));
  empty.SetWorkSpec({{"name", "s"}});
  EXPECT_THAT(empty.ListWorkSpecs().names, ElementsAre("s"));
}

// C-NS-02
TEST_P(NamespaceTest, SpecsUnitsAndAttemptsAreNotShared) {
  Client one = client().In("one");
  Client two = client().In("two");
  one.SetWorkSpec({{"name", "s"}});
  one.Add("s", {{.name = "a"}});
  EXPECT_THAT(two.ListWorkSpecs().names, IsEmpty());
  EXPECT_THAT(two.Request().units, IsEmpty());
  two.SetWorkSpec({{"name", "s"}});
  EXPECT_THAT(two.Names("s"), IsEmpty());
  const Held held = one.Take();
  EXPECT_EQ(two.ErrorOf(GetAttempt{.key = held.key()}), Failure(ErrorCode::kNoSuchWorkUnit));
  two.Add("s", {{.name = "a"}});
  EXPECT_EQ(two.Finish(held), Failure(ErrorCode::kGone));
  EXPECT_EQ(one.StatusOf("s", "a"), kPending);
  EXPECT_EQ(two.StatusOf("s", "a"), kAvailable);
}

// C-NS-02
TEST_P(NamespaceTest, WorkersAreNotShared) {
  Client one = client().In("one");
  Client two = client().In("two");
  one.Beat("w", 60s, {{"host", "h"}});
  EXPECT_FALSE(two.FindWorker("w").has_value());
  EXPECT_EQ(two.Worker("w").data, Value(Map{}));
  EXPECT_EQ(one.Worker("w").data, Value(Map{{"host", "h"}}));
}

// C-NS-03
TEST_P(NamespaceTest, AskingForOneCreatesIt) {
  EXPECT_THAT(Namespaces(client()), Not(Contains("made")));
  EXPECT_EQ(client().In("made").ErrorOf(CreateNamespace{}), kOk);
  EXPECT_THAT(Namespaces(client()), Contains("made"));
  client().In("used").SetWorkSpec({{"name", "s"}});
  EXPECT_THAT(Namespaces(client()), Contains("used"));
}

// C-NS-07
TEST_P(NamespaceTest, AskingAboutAllCreatesNone) {
  Client other = client().In("other");
  EXPECT_THAT(Namespaces(other), Not(Contains("other")));
  other.Run(GetSummary{.all_namespaces = true, .spec = {}});
  EXPECT_THAT(Namespaces(other), Not(Contains("other")));
}

// C-NS-03
TEST_P(NamespaceTest, AskingForOneAgainKeepsWhatItHolds) {
  Client one = client().In("one");
  one.SetWorkSpec({{"name", "s"}});
  EXPECT_EQ(one.ErrorOf(CreateNamespace{}), kOk);
  EXPECT_THAT(one.ListWorkSpecs().names, ElementsAre("s"));
}

// C-NS-04
TEST_P(NamespaceTest, DestroyingOneDestroysAllThatItHolds) {
  Client one = client().In("one");
  Client two = client().In("two");
  one.SetWorkSpec({{"name", "s"}});
  one.Add("s", {{.name = "a"}});
  const Held held = one.Take();
  one.Beat("w", 60s);
  one.ChangeLocks(LockOperation::kLockAll, "me", {{"key"}});
  two.SetWorkSpec({{"name", "t"}});

  EXPECT_EQ(one.ErrorOf(DestroyNamespace{}), kOk);
  EXPECT_THAT(Namespaces(client()), Not(Contains("one")));

  EXPECT_THAT(one.ListWorkSpecs().names, IsEmpty());
  EXPECT_FALSE(one.FindWorker("w").has_value());
  EXPECT_THAT(one.WorkerAttemptsOf("w", WorkerAttempts::kAll), IsEmpty());
  EXPECT_THAT(one.ReadLocks({{"key"}}), ElementsAre(std::nullopt));
  one.SetWorkSpec({{"name", "s"}});
  one.Add("s", {{.name = "a"}});
  EXPECT_EQ(one.Finish(held), Failure(ErrorCode::kGone));
  EXPECT_THAT(two.ListWorkSpecs().names, ElementsAre("t"));
}

// C-NS-05
TEST_P(NamespaceTest, DestroyingALargeOneTakesEffectAtOneInstant) {
  Client one = client().In("one");
  one.SetWorkSpec({{"name", "s"}});
  std::vector<NewUnit> units;
  for (int i = 0; i < 25'000; ++i) units.push_back({.name = std::to_string(i)});
  one.Add("s", units);
  const std::vector<OwnedOutcome> outcomes = one.RunBatch(
      {DestroyNamespace{}, CreateNamespace{}, GetSummary{.all_namespaces = true, .spec = {}}});
  EXPECT_THAT(std::get<OwnedSummary>(outcomes[2]), IsEmpty());
}

// C-NS-06
TEST_P(NamespaceTest, TheyAreListedInTheOrderOfTheirNames) {
  for (const char* const name : {"b", "c", "a"}) client().In(name).Run(CreateNamespace{});
  Strings names = Namespaces(client().In("a"));
  std::erase(names, "");  // whether it is there depends on what was asked of it
  EXPECT_THAT(names, ElementsAre("a", "b", "c"));
}

// C-NAME-01
TEST_P(NameTest, AUnitsNameIsAnyBytes) {
  GivenSpec();
  const Strings names = {"", std::string("\0", 1), std::string("a\0b", 3), "\xff\xfe", "ä"};
  std::vector<NewUnit> units;
  for (const std::string& name : names)
    units.push_back({.name = name, .data = {{"n", Bytes{name}}}});
  client().Add("s", units);
  for (const std::string& name : names) {
    const OwnedUnit unit = client().Unit("s", name);
    EXPECT_TRUE(unit.exists);
    EXPECT_EQ(unit.name, name);
    EXPECT_EQ(unit.data, Value(Map{{"n", Bytes{name}}}));
  }
  EXPECT_EQ(client().RequestNames({.count = 10}).size(), names.size());
}

// C-NAME-02
TEST_P(NameTest, ASpecsNameHasAtMost1024Bytes) {
  const std::string longest(1024, 'n');
  client().SetWorkSpec({{"name", longest}});
  EXPECT_THAT(client().ListWorkSpecs().names, ElementsAre(longest));
  EXPECT_EQ(client().SetWorkSpecError({{"name", longest + "n"}}).code, ErrorCode::kBadWorkSpecName);
}

// C-NAME-02
TEST_P(NameTest, AUnitsNameHasAtMost1024Bytes) {
  client().SetWorkSpec({{"name", "s"}, {"then", "next"}});
  client().SetWorkSpec({{"name", "next"}});
  client().Add("s", {{.name = "a"}});
  const std::string longest(1024, 'n');
  EXPECT_EQ(client().Finish(client().Take(), Map{{"output", List{longest, longest + "n"}}}), kOk);
  EXPECT_THAT(client().Names("next"), ElementsAre(longest));
}

// C-NAME-03
TEST_P(NameTest, ASpecNeedsAName) {
  EXPECT_EQ(client().SetWorkSpecError({{"weight", 1}}).code, ErrorCode::kNoWorkSpecName);
  EXPECT_EQ(client().SetWorkSpecError({{"name", ""}}).code, ErrorCode::kNoWorkSpecName);
  EXPECT_EQ(client().SetWorkSpecError({{"name", Value()}}).code, ErrorCode::kNoWorkSpecName);
  EXPECT_THAT(client().ListWorkSpecs().names, IsEmpty());
}

// C-NAME-04
TEST_P(NameTest, ASpecsNameIsUtf8Text) {
  EXPECT_EQ(client().SetWorkSpecError({{"name", 17}}).code, ErrorCode::kBadWorkSpecName);
  EXPECT_EQ(client().SetWorkSpecError({{"name", List{"s"}}}).code, ErrorCode::kBadWorkSpecName);
  EXPECT_EQ(client().SetWorkSpecError({{"name", Bytes{"\xff"}}}).code, ErrorCode::kBadWorkSpecName);
  client().SetWorkSpec({{"name", "überall"}});
  EXPECT_THAT(client().ListWorkSpecs().names, ElementsAre("überall"));
}

// C-NAME-06
TEST_P(NameTest, ANamespacesAndAWorkersNameIsUtf8OfAtMost1024Bytes) {
  GivenUnit();
  const Failure invalid(ErrorCode::kInvalid);
  for (const std::string& name : {std::string("\xff"), std::string(1025, 'x')}) {
    EXPECT_EQ(client().In(name).ErrorOf(CreateNamespace{}), invalid);
    EXPECT_EQ(client().ErrorOf(RequestWork{.worker = name}), invalid);
    EXPECT_EQ(client().ErrorOf(MakeAttempt{.spec = "s", .unit = "a", .worker = name}), invalid);
    EXPECT_EQ(client().ErrorOf(GetWorker{.worker = name, .create = true}), invalid);
    EXPECT_EQ(client().ErrorOf(UpdateWorker{.worker = name}), invalid);
    EXPECT_EQ(client().ErrorOf(UpdateWorker{.worker = "w", .parent = name}), invalid);
    EXPECT_EQ(client().ErrorOf(Heartbeat{.worker = name, .mode = "\x60"}), invalid);
    EXPECT_EQ(client().ErrorOf(Heartbeat{.worker = "w", .mode = "\x60", .parent = name}), invalid);
    EXPECT_FALSE(
        client()
            .Apply({.spec = "s", .unit = "a", .status = AskedStatus::kFinished, .worker = name})
            .ok);
  }
  EXPECT_THAT(client().WorkerNames(), IsEmpty());
  EXPECT_EQ(UnitA().status, kAvailable);
  const std::string longest(1024, 'x');
  EXPECT_EQ(client().Worker(longest).name, longest);
  EXPECT_EQ(client().In(longest).ErrorOf(CreateNamespace{}), kOk);
}

// C-NAME-05
TEST_P(NameTest, TwoSpecsMayUseTheSameUnitName) {
  client().SetWorkSpec({{"name", "s"}});
  client().SetWorkSpec({{"name", "t"}});
  client().Add("s", {{.name = "a", .data = {{"of", "s"}}}});
  client().Add("t", {{.name = "a", .data = {{"of", "t"}}}});
  client().Add("s", {{.name = "a", .data = {{"of", "s again"}}}});
  EXPECT_THAT(client().Names("s"), ElementsAre("a"));
  EXPECT_EQ(client().Unit("s", "a").data, Value(Map{{"of", "s again"}}));
  EXPECT_EQ(client().Unit("t", "a").data, Value(Map{{"of", "t"}}));
}

}  // namespace coord::testing

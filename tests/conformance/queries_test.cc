// SPDX-License-Identifier: MIT
// spec/domain.md, section 3, "Queries".
#include "suite.h"

namespace coord::testing {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace {

StatusSet Set(std::initializer_list<WorkUnitStatus> statuses) {
  StatusSet set;
  for (const WorkUnitStatus status : statuses) set.Add(status);
  return set;
}

// Gives "s" one unit of each status, named after it, and "delayed".
void AddOneOfEach(Client& client) {
  client.Add("s", {{.name = "failed"}, {.name = "finished"}, {.name = "pending"}});
  for (const auto& grant : client.Request({.count = 3, .lifetime = 1h}).units) {
    const Held held{"s", grant.name, grant.attempt};
    if (grant.name == "failed") {
      EXPECT_EQ(client.Fail(held), kOk);
    } else if (grant.name == "finished") {
      EXPECT_EQ(client.Finish(held), kOk);
    }
  }
  client.Add("s", {{.name = "available"}, {.name = "delayed", .delay = 1h}});
}

}  // namespace

// C-UNIT-12
TEST_P(QueryTest, SelectsByNamesAndSkipsUnknownOnes) {
  GivenSpec();
  client().Add("s", {{.name = "a"}, {.name = "b"}, {.name = "c"}});
  EXPECT_THAT(client().Names("s", {.names = Strings{"c", "none", "a"}}), ElementsAre("a", "c"));
  EXPECT_THAT(client().Names("s", {.names = Strings{"none"}}), IsEmpty());
}

// C-UNIT-13
TEST_P(QueryTest, SelectsByStatuses) {
  GivenSpec();
  AddOneOfEach(client());
  for (const WorkUnitStatus status : kWorkUnitStatuses) {
    EXPECT_THAT(client().Names("s", {.statuses = status}), ElementsAre(ToText(status)));
  }
  EXPECT_THAT(client().Names("s", {.statuses = Set({kFailed, kAvailable, kDelayed})}),
              ElementsAre("available", "delayed", "failed"));
}

// C-UNIT-12 C-UNIT-13
TEST_P(QueryTest, NamesAndStatusesBothHaveToFit) {
  GivenSpec();
  AddOneOfEach(client());
  EXPECT_THAT(client().Names("s", {.names = Strings{"available", "failed", "pending"},
                                   .statuses = Set({kFailed, kFinished, kPending})}),
              ElementsAre("failed", "pending"));
}

// C-UNIT-14
TEST_P(QueryTest, SelectsAfterANameOrFromOne) {
  GivenSpec();
  client().Add("s", {{.name = "a"}, {.name = "b"}, {.name = "c"}, {.name = "d"}});
  EXPECT_THAT(client().Names("s", {.after = "b"}), ElementsAre("c", "d"));
  EXPECT_THAT(client().Names("s", {.after = "bb"}), ElementsAre("c", "d"));
  EXPECT_THAT(client().Names("s", {.after = "d"}), IsEmpty());
  EXPECT_THAT(client().Names("s", {.from = "b"}), ElementsAre("b", "c", "d"));
  EXPECT_THAT(client().Names("s", {.from = "bb"}), ElementsAre("c", "d"));
  EXPECT_THAT(client().Names("s", {.names = Strings{"a", "b", "d"}, .after = "a"}),
              ElementsAre("b", "d"));
}

// C-UNIT-14
TEST_P(QueryTest, TheEmptyNameIsAName) {
  GivenSpec();
  client().Add("s", {{.name = ""}, {.name = "a"}});
  EXPECT_THAT(client().Names("s"), ElementsAre("", "a"));
  EXPECT_THAT(client().Names("s", {.after = ""}), ElementsAre("a"));
  EXPECT_THAT(client().Names("s", {.from = ""}), ElementsAre("", "a"));
}

// C-UNIT-15
TEST_P(QueryTest, ALimitKeepsTheFirstSoMany) {
  GivenSpec();
  client().Add("s", {{.name = "a"}, {.name = "b"}, {.name = "c"}});
  EXPECT_THAT(client().Names("s", {.limit = 2}), ElementsAre("a", "b"));
  EXPECT_THAT(client().Names("s", {.limit = 3}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(client().Names("s", {.limit = 0}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(client().Names("s", {.names = Strings{"c", "b"}, .limit = 1}), ElementsAre("b"));
}

// C-UNIT-14 C-UNIT-15
TEST_P(QueryTest, PagingSeesEveryUnitOnce) {
  GivenSpec();
  std::vector<NewUnit> units;
  for (int i = 0; i < 100; ++i) units.push_back({.name = "unit " + std::to_string(i)});
  client().Add("s", units);
  Strings seen;
  Query page{.statuses = kAvailable, .limit = 7};
  for (Strings names = client().Names("s", page); !names.empty();
       names = client().Names("s", page)) {
    seen.insert(seen.end(), names.begin(), names.end());
    page.after = names.back();
  }
  EXPECT_EQ(seen, client().Names("s"));
  EXPECT_EQ(seen.size(), 100U);
}

// C-UNIT-15
TEST_P(QueryTest, ALimitCountsOnlyWhatTheStatusesLet) {
  GivenSpec();
  AddOneOfEach(client());
  EXPECT_THAT(client().Names("s", {.statuses = Set({kFinished, kPending}), .limit = 1}),
              ElementsAre("finished"));
}

// C-UNIT-16
TEST_P(QueryTest, AnAbsentListSelectsAllAnEmptyOneNothing) {
  GivenSpec();
  client().Add("s", {{.name = "a"}, {.name = "b"}});
  EXPECT_THAT(client().Names("s", {}), ElementsAre("a", "b"));
  EXPECT_THAT(client().Names("s", {.names = Strings{}}), IsEmpty());
  EXPECT_THAT(client().Names("s", {.statuses = StatusSet()}), IsEmpty());
  EXPECT_EQ(client().Delete("s", {.names = Strings{}}), 0U);
  EXPECT_EQ(client().Delete("s", {.statuses = StatusSet()}), 0U);
  EXPECT_EQ(client().Prioritize("s", {.names = Strings{}}, 1), 0U);
  EXPECT_EQ(client().Retry("s", {.names = Strings{}}), 0U);
  EXPECT_THAT(client().Names("s"), ElementsAre("a", "b"));
}

// C-UNIT-17
TEST_P(QueryTest, ResultsAreInByteOrder) {
  GivenSpec();
  const Strings names = {"b", "\xff", "B", "a", "aa", "\x80", std::string("a\0", 2), ""};
  std::vector<NewUnit> units;
  for (const std::string& name : names) units.push_back({.name = name});
  client().Add("s", units);
  EXPECT_THAT(client().Names("s"),
              ElementsAre("", "B", "a", std::string("a\0", 2), "aa", "b", "\x80", "\xff"));
  EXPECT_THAT(client().Names("s", {.names = names, .limit = 3}), ElementsAre("", "B", "a"));
}

// C-UNIT-18
TEST_P(QueryTest, UnitsAreCountedByStatus) {
  GivenSpec();
  EXPECT_EQ(client().Counts("s"), (StatusCounts{0, 0, 0, 0, 0}));
  AddOneOfEach(client());
  client().Add("s", {{.name = "one more"}});
  EXPECT_EQ(client().Counts("s"), (StatusCounts{2, 1, 1, 1, 1}));
}

// C-UNIT-25
TEST_P(QueryTest, UnitsAskedForByNameComeInTheOrderAsked) {
  GivenSpec();
  client().Add("s", {{.name = "a", .data = {{"n", 1}}}, {.name = "b"}});
  const OwnedUnits units = client().Get("s", {"b", "none", "a", "b"});
  ASSERT_EQ(units.size(), 4U);
  EXPECT_EQ(units[0].name, "b");
  EXPECT_FALSE(units[1].exists);
  EXPECT_EQ(units[1].name, "none");
  EXPECT_EQ(units[2].data, Value(Map{{"n", 1}}));
  EXPECT_EQ(units[3].name, "b");
}

}  // namespace coord::testing

// SPDX-License-Identifier: MIT
// spec/domain.md, section 9.
#include <algorithm>

#include "suite.h"

namespace coord::testing {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

namespace {

OwnedSummary SummaryOf(Client& client, const GetSummary& command) {
  return std::get<OwnedSummary>(client.Run(command));
}

}  // namespace

// C-SUM-01 C-SUM-02
TEST_P(SummaryTest, IsOfANamespaceOrASpecOrAll) {
  Client one = client().In("one");
  Client two = client().In("two");
  one.SetWorkSpec({{"name", "s"}});
  one.SetWorkSpec({{"name", "t"}});
  one.SetWorkSpec({{"name", "empty"}});
  two.SetWorkSpec({{"name", "s"}});
  one.Add("s", {{.name = "a"}, {.name = "b"}});
  one.Add("t", {{.name = "a", .delay = 60s}});
  two.Add("s", {{.name = "a"}});
  two.Take();
  EXPECT_THAT(SummaryOf(one, {}), UnorderedElementsAre(OwnedRecord{"one", "s", kAvailable, 2},
                                                       OwnedRecord{"one", "t", kDelayed, 1}));
  EXPECT_THAT(SummaryOf(one, {.spec = "t"}), ElementsAre(OwnedRecord{"one", "t", kDelayed, 1}));
  EXPECT_THAT(SummaryOf(one, {.spec = "empty"}), IsEmpty());
  EXPECT_THAT(SummaryOf(client(), {.all_namespaces = true}),
              UnorderedElementsAre(OwnedRecord{"one", "s", kAvailable, 2},
                                   OwnedRecord{"one", "t", kDelayed, 1},
                                   OwnedRecord{"two", "s", kPending, 1}));
}

// C-SUM-03
TEST_P(SummaryTest, IsExactByTheClock) {
  GivenSpec();
  client().Add("s", {{.name = "a"}, {.name = "b"}, {.name = "c"}, {.name = "d", .delay = 10s}});
  EXPECT_EQ(client().Finish(client().Take()), kOk);
  EXPECT_EQ(client().Fail(client().Take()), kOk);
  client().Take({.lifetime = 20s});
  EXPECT_THAT(
      client().Summary(),
      UnorderedElementsAre(OwnedRecord{"", "s", kFinished, 1}, OwnedRecord{"", "s", kFailed, 1},
                           OwnedRecord{"", "s", kPending, 1}, OwnedRecord{"", "s", kDelayed, 1}));
  Advance(10s);
  EXPECT_THAT(
      client().Summary(),
      UnorderedElementsAre(OwnedRecord{"", "s", kFinished, 1}, OwnedRecord{"", "s", kFailed, 1},
                           OwnedRecord{"", "s", kPending, 1}, OwnedRecord{"", "s", kAvailable, 1}));
  Advance(10s);
  EXPECT_THAT(client().Summary(), UnorderedElementsAre(OwnedRecord{"", "s", kFinished, 1},
                                                       OwnedRecord{"", "s", kFailed, 1},
                                                       OwnedRecord{"", "s", kAvailable, 2}));
}

}  // namespace coord::testing

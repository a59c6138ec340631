// SPDX-License-Identifier: MIT
// spec/domain.md, section 3: changes by query that select more than 10,000 units.
#include "suite.h"

namespace coord::testing {

using ::testing::IsEmpty;

namespace {

constexpr std::uint64_t kUnits = 25'000;

std::string NameOf(std::uint64_t index) { return "unit " + std::to_string(index); }

void AddMany(Client& client, const std::string& spec) {
  std::vector<NewUnit> units;
  for (std::uint64_t i = 0; i < kUnits; ++i) units.push_back({.name = NameOf(i)});
  client.Add(spec, units);
}

std::uint64_t Total(const StatusCounts& counts) {
  std::uint64_t total = 0;
  for (const std::uint64_t count : counts) total += count;
  return total;
}

// What was seen between the steps of a long command.
struct Watched {
  std::uint64_t count = 0;    // its answer
  bool seen_partly = false;   // others saw it half done
  bool never_shrank = true;   // and only ever growing
  std::uint64_t answers = 0;  // given to others meanwhile
};

// Submits a long command and asks `done` of others between its steps: how many units it has
// changed.
template <typename Done>
Watched Watch(Client& client, const Command& command, Done done) {
  Connection& connection = client.connection();
  const std::uint64_t token = connection.Submit("", {command}).front();
  Watched watched;
  std::uint64_t last = 0;
  std::optional<OwnedOutcome> outcome = connection.Take(token);
  while (!outcome) {
    const std::uint64_t now_done = done();
    ++watched.answers;
    watched.seen_partly = watched.seen_partly || (now_done > 0 && now_done < kUnits);
    watched.never_shrank = watched.never_shrank && now_done >= last;
    last = now_done;
    outcome = connection.Take(token);
    if (outcome) break;
    connection.Step();
    outcome = connection.Take(token);
  }
  watched.count = std::get<CountReply>(*outcome).count;
  return watched;
}

void ExpectInSteps(const Watched& watched) {
  EXPECT_EQ(watched.count, kUnits);
  EXPECT_TRUE(watched.seen_partly);
  EXPECT_TRUE(watched.never_shrank);
  EXPECT_GE(watched.answers, 2U);
}

}  // namespace

// C-UNIT-21
TEST_P(LargeSelectionTest, DeletingAllUnitsTakesEffectAtOneInstant) {
  GivenSpec();
  AddMany(client(), "s");
  const Held held = client().Take();
  const auto outcomes =
      client().RunBatch({DeleteWorkUnits{.spec = "s", .query = {}}, CountWorkUnits{"s"},
                         ListWorkUnits{.spec = "s", .query = {}}, GetSummary{}});
  EXPECT_EQ(std::get<CountReply>(outcomes[0]).count, kUnits);
  EXPECT_EQ(Total(std::get<StatusCountsReply>(outcomes[1]).counts), 0U);
  EXPECT_THAT(std::get<OwnedUnits>(outcomes[2]), IsEmpty());
  EXPECT_THAT(std::get<OwnedSummary>(outcomes[3]), IsEmpty());
  EXPECT_EQ(client().Finish(held), Failure(ErrorCode::kNoSuchWorkUnit));
  connection().Settle();
  EXPECT_EQ(Total(client().Counts("s")), 0U);
}

// C-SPEC-27 C-UNIT-24
TEST_P(LargeSelectionTest, DeletingASpecTakesEffectAtOneInstantAndANamesakeIsEmpty) {
  GivenSpec();
  AddMany(client(), "s");
  Keeper keeper;
  const auto outcomes =
      client().RunBatch({DeleteWorkSpec{"s"},
                         SetWorkSpec{.definition = keeper.Keep(Map{{"name", "s"}}), .replaces = {}},
                         CountWorkUnits{"s"}});
  EXPECT_EQ(Total(std::get<StatusCountsReply>(outcomes[2]).counts), 0U);
  client().Add("s", {{.name = NameOf(7)}});
  connection().Settle();
  EXPECT_EQ(client().Names("s"), Strings{NameOf(7)});
}

// C-SPEC-27 C-UNIT-24
TEST_P(LargeSelectionTest, DeletingAllSpecsTakesEffectAtOneInstant) {
  GivenSpec();
  client().SetWorkSpec({{"name", "t"}});
  AddMany(client(), "s");
  const Held held = client().Take();
  AddMany(client(), "t");
  Keeper keeper;
  const auto outcomes =
      client().RunBatch({ClearWorkSpecs{}, ListWorkSpecs{}, GetSummary{},
                         SetWorkSpec{.definition = keeper.Keep(Map{{"name", "s"}}), .replaces = {}},
                         CountWorkUnits{"s"}});
  EXPECT_EQ(std::get<CountReply>(outcomes[0]).count, 2U);
  EXPECT_THAT(std::get<OwnedSpecs>(outcomes[1]).names, IsEmpty());
  EXPECT_THAT(std::get<OwnedSummary>(outcomes[2]), IsEmpty());
  EXPECT_EQ(Total(std::get<StatusCountsReply>(outcomes[4]).counts), 0U);
  EXPECT_THAT(client().WorkerAttemptsOf("w", WorkerAttempts::kAll), IsEmpty());
  client().Add("s", {{.name = held.unit}});
  EXPECT_EQ(client().Finish(held), Failure(ErrorCode::kGone));
  connection().Settle();
  EXPECT_EQ(client().Names("s"), Strings{held.unit});
}

// C-UNIT-22
TEST_P(LargeSelectionTest, DeletingByStatusRunsInSteps) {
  GivenSpec();
  AddMany(client(), "s");
  const Watched watched =
      Watch(client(), DeleteWorkUnits{.spec = "s", .query = {.statuses = kAvailable}},
            [this] { return kUnits - Total(client().Counts("s")); });
  ExpectInSteps(watched);
  EXPECT_THAT(client().Names("s"), IsEmpty());
}

// C-UNIT-22
TEST_P(LargeSelectionTest, PrioritizingRunsInSteps) {
  GivenSpec();
  AddMany(client(), "s");
  const Watched watched =
      Watch(client(), PrioritizeWorkUnits{.spec = "s", .query = {}, .priority = 5}, [this] {
        std::uint64_t changed = 0;
        for (const OwnedUnit& unit : client().List("s")) changed += unit.priority == 5 ? 1 : 0;
        return changed;
      });
  ExpectInSteps(watched);
  for (const OwnedUnit& unit : client().List("s")) ASSERT_EQ(unit.priority, 5) << unit.name;
}

// C-UNIT-22
TEST_P(LargeSelectionTest, AdjustingTakesEachUnitOnce) {
  GivenSpec();
  AddMany(client(), "s");
  EXPECT_EQ(client().AdjustPriority("s", {}, 1.5), kUnits);
  for (const OwnedUnit& unit : client().List("s")) ASSERT_EQ(unit.priority, 1.5) << unit.name;
}

// C-UNIT-22
TEST_P(LargeSelectionTest, RetryingRunsInSteps) {
  GivenSpec();
  AddMany(client(), "s");
  std::vector<AttemptChange> changes;
  const OwnedWork work = client().Request({.count = kUnits});
  ASSERT_EQ(work.units.size(), kUnits);
  for (const OwnedGrant& unit : work.units) {
    changes.push_back({.key = {"s", unit.name, unit.attempt},
                       .event = AttemptEvent::kFail,
                       .data = {},
                       .duration = Duration(0)});
  }
  client().Run(ChangeAttempts{.changes = changes});
  ASSERT_EQ(client().Counts("s")[IndexOf(kFailed)], kUnits);
  const Watched watched =
      Watch(client(), RetryWorkUnits{.spec = "s", .query = {.statuses = kFailed}},
            [this] { return client().Counts("s")[IndexOf(kAvailable)]; });
  ExpectInSteps(watched);
  EXPECT_EQ(client().Counts("s")[IndexOf(kAvailable)], kUnits);
}

// C-UNIT-22
TEST_P(LargeSelectionTest, OthersAreAnsweredInBetween) {
  GivenSpec();
  AddMany(client(), "s");
  client().SetWorkSpec({{"name", "t"}, {"priority", 1}});
  client().Add("t", {{.name = "a"}});
  const std::uint64_t token =
      connection()
          .Submit("", {DeleteWorkUnits{.spec = "s", .query = {.statuses = kAvailable}}})
          .front();
  EXPECT_EQ(client().RequestNames(), Strings{"a"});
  EXPECT_FALSE(connection().Take(token).has_value()) << "the long command is not over yet";
  EXPECT_EQ(std::get<CountReply>(connection().Await(token)).count, kUnits);
}

// C-UNIT-22
TEST_P(LargeSelectionTest, AUnitThatIsTakenMeanwhileIsNotDeletedAsAvailable) {
  GivenSpec();
  AddMany(client(), "s");
  client().Prioritize("s", {.names = Strings{NameOf(9'999)}}, 1);
  const std::uint64_t token =
      connection()
          .Submit("", {DeleteWorkUnits{.spec = "s", .query = {.statuses = kAvailable}}})
          .front();
  // The last one by name order: a command that goes by name has not come so far.
  EXPECT_EQ(client().RequestNames(), Strings{NameOf(9'999)});
  EXPECT_EQ(std::get<CountReply>(connection().Await(token)).count, kUnits - 1);
  EXPECT_EQ(client().Names("s"), Strings{NameOf(9'999)});
}

// C-UNIT-22 C-UNIT-24
TEST_P(LargeSelectionTest, ALongCommandDoesNotGoOnInANamesakeOfItsSpec) {
  if (!connection().harness().capabilities().begins_long_commands_in_order) {
    GTEST_SKIP() << "the long command may come after all that follows it here";
  }
  GivenSpec();
  AddMany(client(), "s");
  const std::uint64_t token =
      connection()
          .Submit("", {DeleteWorkUnits{.spec = "s", .query = {.statuses = kAvailable}}})
          .front();
  client().DeleteWorkSpec("s");
  GivenSpec();
  client().Add("s", {{.name = NameOf(9'999)}});
  connection().Await(token);
  EXPECT_EQ(client().Names("s"), Strings{NameOf(9'999)});
}

}  // namespace coord::testing

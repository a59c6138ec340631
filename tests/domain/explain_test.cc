// SPDX-License-Identifier: MIT
// What the tests of the command line and of REST cannot set up, and what the text says.
#include "domain/explain.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace coord {
namespace {

ExplainedSpec SpecOf(std::string name, std::uint64_t available, std::uint64_t pending = 0) {
  ExplainedSpec spec;
  spec.name = std::move(name);
  spec.counts[IndexOf(WorkUnitStatus::kAvailable)] = available;
  spec.counts[IndexOf(WorkUnitStatus::kPending)] = pending;
  return spec;
}

ExplainInput InputOf(std::vector<ExplainedSpec> specs) {
  ExplainInput input;
  input.name = specs.front().name;
  input.specs = std::move(specs);
  input.live_workers = 1;
  return input;
}

std::vector<std::string> CodesOf(const ExplainInput& input) {
  std::vector<std::string> codes;
  for (const Reason& reason : Explain(input)) codes.push_back(reason.code);
  return codes;
}

TEST(ExplainTest, NothingHoldsItBack) {
  const ExplainInput input = InputOf({SpecOf("s", 1), SpecOf("other", 1)});
  EXPECT_TRUE(Explain(input).empty());
  EXPECT_TRUE(GivesWork(Explain(input)));
}

TEST(ExplainTest, ReasonsThatBlockComeFirst) {
  ExplainInput input = InputOf({SpecOf("s", 1)});
  input.specs[0].meta.min_memory_gb = 1;
  input.specs[0].meta.paused = true;
  input.live_workers = 0;
  EXPECT_EQ(CodesOf(input), (std::vector<std::string>{"paused", "no_workers", "memory"}));
  EXPECT_FALSE(GivesWork(Explain(input)));
}

// The rule is the scheduler's: with 20 of 40 in weight, and 11 of 11 pending, it has its share.
TEST(ExplainTest, ASpecWithMoreThanItsShareWaits) {
  EXPECT_EQ(CodesOf(InputOf({SpecOf("s", 1, 11), SpecOf("other", 1, 0)})),
            std::vector<std::string>{"share"});
  EXPECT_TRUE(CodesOf(InputOf({SpecOf("s", 1, 11), SpecOf("other", 1, 11)})).empty());
}

// A spec that cannot give work takes nothing from the others.
TEST(ExplainTest, OnlyCandidatesGoFirst) {
  ExplainInput input = InputOf({SpecOf("s", 1), SpecOf("first", 1)});
  input.specs[1].meta.priority = 1;
  EXPECT_EQ(CodesOf(input), std::vector<std::string>{"priority"});
  input.specs[1].meta.paused = true;
  EXPECT_TRUE(CodesOf(input).empty());
}

TEST(ExplainTest, AContinuousSpecThatIsNotDue) {
  ExplainInput input = InputOf({SpecOf("s", 0)});
  input.specs[0].meta.continuous = true;
  input.specs[0].meta.interval = std::chrono::seconds(60);
  input.specs[0].meta.next_continuous = WallTime(std::chrono::seconds(60));
  EXPECT_EQ(Explain(input).front().text,
            "it is continuous, and the next unit is due at 1970-01-01T00:01:00Z, in 1m00s");
  input.knows_next_continuous = false;
  EXPECT_EQ(Explain(input).front().weight, ReasonWeight::kMay);
}

TEST(ExplainTest, SpecsThatAreNotTold) {
  ExplainInput input = InputOf({SpecOf("s", 1)});
  input.specs[0].meta.next_work_spec_name = "elsewhere";
  EXPECT_EQ(CodesOf(input), std::vector<std::string>{"then"});
  input.more_specs = true;
  EXPECT_EQ(CodesOf(input), std::vector<std::string>{"more_specs"});
}

TEST(NamesRuntimeTest, OneOrSeveral) {
  const auto data = [](std::string_view cbor) { return Data::FromStored(cbor); };
  EXPECT_TRUE(NamesRuntime(data("\xa1\x67runtime\x62go"), "go"));
  EXPECT_TRUE(NamesRuntime(data("\xa1\x68runtimes\x82\x61x\x62go"), "go"));
  EXPECT_FALSE(NamesRuntime(data("\xa1\x67runtime\x62go"), "g"));
  EXPECT_FALSE(NamesRuntime(data("\xa1\x68runtimes\x05"), "go"));
  EXPECT_FALSE(NamesRuntime(Data::Empty(), "go"));
}

}  // namespace
}  // namespace coord

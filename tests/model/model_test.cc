// SPDX-License-Identifier: MIT
#include "model_test.h"

#include <cstdlib>

#include "checker.h"

namespace coord::testing {

namespace {

constexpr std::uint64_t kFirstSeed = 1;
constexpr std::uint64_t kSeeds = 20;
constexpr std::uint64_t kSteps = 800;

std::uint64_t FromEnvironment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace

std::string ThisTest() {
  const ::testing::TestInfo* const test = ::testing::UnitTest::GetInstance()->current_test_info();
  return ::testing::internal::GetArgvs().front() + " --gtest_filter=" + test->test_suite_name() +
         "." + test->name();
}

TEST_P(ModelTest, StoreAndModelAgree) {
  const bool chosen = std::getenv("COORD_SEED") != nullptr;
  const std::uint64_t first = FromEnvironment("COORD_SEED", kFirstSeed);
  const std::uint64_t count = FromEnvironment("COORD_SEEDS", chosen ? 1 : kSeeds);
  const std::uint64_t steps = FromEnvironment("COORD_STEPS", kSteps);
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const std::optional<std::string> report = CheckSeed(GetParam(), seed, steps, ThisTest());
    ASSERT_FALSE(report.has_value()) << *report;
  }
}

}  // namespace coord::testing

// SPDX-License-Identifier: MIT
// A check that never failed is unproven: stores that now and then answer wrongly are found out, and
// what shows it is short.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "checker.h"
#include "model_test.h"
#include "wrong_store.h"

namespace coord::testing {

class WrongStoreTest : public ::testing::TestWithParam<StoreCase> {};

TEST_P(WrongStoreTest, IsFoundOut) {
  std::optional<std::string> report;
  for (std::uint64_t seed = 1; seed <= 20 && !report; ++seed) {
    report = CheckSeed(GetParam(), seed, 300, ThisTest());
  }
  ASSERT_TRUE(report.has_value());
  EXPECT_NE(report->find("To repeat: COORD_SEED="), std::string::npos);
  EXPECT_NE(report->find("Shrunk to "), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(With, WrongStoreTest, ::testing::ValuesIn(WrongCases()), StoreCaseName);

}  // namespace coord::testing

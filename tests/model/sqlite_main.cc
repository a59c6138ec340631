// SPDX-License-Identifier: MIT
// The model test on the embedded store.
#include "model_test.h"
#include "sqlite_case.h"

namespace coord::testing {

INSTANTIATE_TEST_SUITE_P(On, ModelTest, ::testing::Values(SqliteCase()), StoreCaseName);

}  // namespace coord::testing

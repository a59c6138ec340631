// SPDX-License-Identifier: MIT
// The model test on PostgreSQL.
#include "model_test.h"
#include "postgres_case.h"

namespace coord::testing {

INSTANTIATE_TEST_SUITE_P(On, ModelTest, ::testing::Values(PostgresCase()), StoreCaseName);

}  // namespace coord::testing

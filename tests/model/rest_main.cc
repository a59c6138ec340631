// SPDX-License-Identifier: MIT
// The model test on the store that speaks to another daemon.
#include "model_test.h"
#include "rest_case.h"

namespace coord::testing {

INSTANTIATE_TEST_SUITE_P(On, ModelTest, ::testing::Values(RestCase()), StoreCaseName);

}  // namespace coord::testing

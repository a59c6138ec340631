// SPDX-License-Identifier: MIT
// The model test on the in-memory store.
#include "memory_case.h"
#include "model_test.h"

namespace coord::testing {

INSTANTIATE_TEST_SUITE_P(On, ModelTest, ::testing::Values(MemoryCase()), StoreCaseName);

}  // namespace coord::testing

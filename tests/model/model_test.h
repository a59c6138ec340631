// SPDX-License-Identifier: MIT
// Stores against the model. COORD_SEED chooses one seed, COORD_SEEDS how many from there on, and
// COORD_STEPS how many operations each runs. A program of its own for each store instantiates it.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "store_case.h"

namespace coord::testing {

class ModelTest : public ::testing::TestWithParam<StoreCase> {};

inline std::string StoreCaseName(const ::testing::TestParamInfo<StoreCase>& tested) {
  return tested.param.name;
}

// This program and the flag that runs the present test, for reports.
std::string ThisTest();

}  // namespace coord::testing

// SPDX-License-Identifier: MIT
// The methods by area; method_table.cc puts them together.
#pragma once

#include <span>

#include "rpc/method.h"

namespace coord {

std::span<const Method> WorkMethods();      // get_work, update_work_unit, update_work_units
std::span<const Method> SpecMethods();      // work specs
std::span<const Method> UnitMethods();      // changing work units
std::span<const Method> UnitReadMethods();  // reading work units and their attempts
std::span<const Method> WorkerMethods();    // workers
std::span<const Method> LockMethods();      // locks
std::span<const Method> MovingMethods();    // export and import
std::span<const Method> ServerMethods();    // the daemon itself

}  // namespace coord

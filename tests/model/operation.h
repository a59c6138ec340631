// SPDX-License-Identifier: MIT
// Random operations, in swarm style: a run uses only some kinds, each with a weight of its own.
#pragma once

#include <cstdint>
#include <vector>

namespace coord::testing {

enum class OperationKind : std::uint8_t {
  kSetSpec,
  kAdd,
  kRequest,
  kAdvance,  // those up to here are in every run
  kSetMeta,
  kDeleteSpec,
  kClearSpecs,
  kUpdate,
  kChange,
  kMakeAttempt,
  kSetUnitMeta,
  kRetryUnits,
  kPrioritize,
  kDelete,
  kList,
  kBeat,
  kUnregister,
  kGetWorker,
  kRelease,
  kLocks,
  kDestroyNamespace,
  kSettle,
  kReopen,  // where the store is durable
};
inline constexpr std::size_t kOperationKinds = 23;

// One operation. All its details come from `seed` and the state of the model when it is run, so
// that any sequence of operations can be run, and operations can be left out.
struct Operation {
  OperationKind kind = OperationKind::kAdvance;
  std::uint64_t seed = 0;
};

// The operations of a run: which kinds, in which proportion, and each one, follow from the seed.
std::vector<Operation> MakeOperations(std::uint64_t seed, std::size_t count);

}  // namespace coord::testing

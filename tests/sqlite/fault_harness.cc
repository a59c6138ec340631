// SPDX-License-Identifier: MIT
#include "fault_harness.h"

#include <utility>

#include "base/check.h"

namespace coord::testing {

FaultHarness::FaultHarness(std::uint64_t seed, const SqliteOptions& limits)
    : rng_(seed), path_(folder_.File("store.db")), options_(limits) {
  options_.path = path_;
  options_.events = this;
  options_.vfs = vfs_.name();
  clock_.Set(kTestStart);
  COORD_CHECK(TryOpen().has_value());
}

FaultHarness::~FaultHarness() = default;

void FaultHarness::Reopen() {
  Close();
  if (vfs_.is_off()) vfs_.PowerOn(rng_);
  COORD_CHECK(TryOpen().has_value());
}

Result<void> FaultHarness::TryOpen() {
  COORD_TRY(store, OpenSqliteStore(clock_, options_, StoreOptions()));
  store_ = std::move(store);
  return {};
}

void FaultHarness::WaitForProbe() {
  clock_.Advance(std::chrono::seconds(1));
  while (Pump()) {
  }
}

}  // namespace coord::testing

// SPDX-License-Identifier: MIT
#include "fault_harness.h"

#include <utility>

#include "base/check.h"

namespace coord::testing {

FaultHarness::FaultHarness(std::uint64_t seed, std::uint64_t log_bytes)
    : rng_(seed), path_(folder_.File("store.db")), log_bytes_(log_bytes) {
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
  SqliteOptions options;
  options.path = path_;
  options.events = this;
  options.log_bytes = log_bytes_;
  options.vfs = vfs_.name();
  COORD_TRY(store, OpenSqliteStore(clock_, options, StoreOptions()));
  store_ = std::move(store);
  return {};
}

void FaultHarness::WaitForProbe() {
  clock_.Advance(std::chrono::seconds(1));
  while (Pump()) {
  }
}

}  // namespace coord::testing

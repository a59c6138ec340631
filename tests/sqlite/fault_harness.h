// SPDX-License-Identifier: MIT
// The embedded store on a disk that fails.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/rng.h"
#include "fault_vfs.h"
#include "store_case.h"
#include "stores/sqlite/sqlite_store.h"
#include "test_folder.h"

namespace coord::testing {

class FaultHarness final : public StoreHarness, private SqliteEvents {
 public:
  // `seed`: of what a power cut leaves. `limits`: what it says of the log is taken.
  explicit FaultHarness(std::uint64_t seed = 0, const SqliteOptions& limits = {});
  ~FaultHarness() override;

  Store& store() override { return *store_; }
  ManualClock& clock() override { return clock_; }
  Capabilities capabilities() const override { return {.durable = true}; }
  bool Pump() override { return store_->Flush() || store_->Step() || store_->Flush(); }
  // Where the power is off it comes back in between.
  void Reopen() override;

  FaultVfs& vfs() { return vfs_; }
  const std::string& path() const { return path_; }
  void Close() { store_.reset(); }
  // Only where it is closed.
  Result<void> TryOpen();
  // Lets so much time pass that the store tries again whether it can write.
  void WaitForProbe();
  // What the store has told, in words: "unavailable", "available".
  const std::vector<std::string>& told() const { return told_; }
  // The size of a log that a reader holds, as it was told last; 0: never.
  std::uint64_t held_log_bytes() const { return held_log_bytes_; }

 private:
  void OnLoading(std::uint64_t) override {}
  void OnLoaded(std::uint64_t, std::uint64_t) override {}
  void OnMigrated(int, int, const std::string&) override {}
  void OnUnavailable(const std::string&) override { told_.emplace_back("unavailable"); }
  void OnAvailable() override { told_.emplace_back("available"); }
  void OnLogHeld(std::uint64_t bytes) override { held_log_bytes_ = bytes; }

  TestFolder folder_;
  Rng rng_;
  const std::string path_;
  SqliteOptions options_;
  FaultVfs vfs_;
  ManualClock clock_;
  std::vector<std::string> told_;
  std::atomic<std::uint64_t> held_log_bytes_{0};
  std::unique_ptr<Store> store_;
};

}  // namespace coord::testing

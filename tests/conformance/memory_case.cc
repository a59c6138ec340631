// SPDX-License-Identifier: MIT
#include "memory_case.h"

#include "base/check.h"
#include "stores/memory/memory_store.h"

namespace coord::testing {

namespace {

class MemoryHarness final : public StoreHarness {
 public:
  explicit MemoryHarness(const TestEnv& env) {
    clock_.Set(kTestStart);
    store_ = OpenMemoryStore(clock_, env.options);
  }

  Store& store() override { return *store_; }
  ManualClock& clock() override { return clock_; }
  Capabilities capabilities() const override { return {.durable = false}; }
  void Reopen() override { COORD_CHECK(!"the memory store keeps nothing"); }

 private:
  ManualClock clock_;
  std::unique_ptr<Store> store_;
};

std::unique_ptr<StoreHarness> Open(const TestEnv& env) {
  return std::make_unique<MemoryHarness>(env);
}

}  // namespace

StoreCase MemoryCase() { return {.name = "Memory", .open = &Open}; }

}  // namespace coord::testing

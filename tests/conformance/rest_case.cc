// SPDX-License-Identifier: MIT
#include "rest_case.h"

#include <utility>

#include "base/check.h"
#include "memory_case.h"
#include "postgres_case.h"
#include "server_thread.h"
#include "stores/rest/rest_store.h"

namespace coord::testing {

namespace {

class RestHarness final : public StoreHarness {
 public:
  explicit RestHarness(std::unique_ptr<StoreHarness> behind)
      : server_(std::move(behind), ServerThread::Steps::kPump) {
    clock_.Set(kTestStart);
    OpenStore();
  }

  // Whoever uses the store does so at the time that the test has set.
  Store& store() override {
    if (told_ != clock_.Now()) {
      told_ = clock_.Now();
      server_.SetTime(told_);
    }
    return *store_;
  }
  ManualClock& clock() override { return clock_; }
  Capabilities capabilities() const override {
    return {.durable = true, .begins_long_commands_in_order = false};
  }
  // What was asked comes first, then what either side does by itself.
  bool Pump() override {
    store().Poll();
    return store().Flush() || server_.Pump() || store().Step() || store().Flush();
  }
  void Reopen() override {
    store_.reset();
    OpenStore();
  }

 private:
  void OpenStore() {
    RestOptions options;
    options.url = server_.url();
    auto opened = OpenRestStore(clock_, options);
    COORD_CHECK(opened.has_value());
    store_ = std::move(*opened);
  }

  ManualClock clock_;
  WallTime told_ = kTestStart;  // as far as the server knows
  ServerThread server_;
  std::unique_ptr<Store> store_;
};

template <StoreCase (*behind)()>
std::unique_ptr<StoreHarness> Open(const TestEnv& env) {
  return std::make_unique<RestHarness>(behind().open(env));
}

}  // namespace

StoreCase RestCase() { return {.name = "Rest", .open = &Open<MemoryCase>}; }
StoreCase RestOverPostgresCase() {
  return {.name = "RestOverPostgres", .open = &Open<PostgresCase>};
}

}  // namespace coord::testing

// SPDX-License-Identifier: MIT
#include "sqlite_case.h"

#include <utility>

#include "base/check.h"
#include "stores/sqlite/sqlite_store.h"
#include "test_folder.h"

namespace coord::testing {

namespace {

class SqliteHarness : public StoreHarness {
 public:
  explicit SqliteHarness(const TestEnv& env) : options_(env.options) {
    clock_.Set(kTestStart);
    OpenStore();
  }

  Store& store() override { return *store_; }
  ManualClock& clock() override { return clock_; }
  Capabilities capabilities() const override { return {.durable = true}; }
  // What was asked comes before what the store does by itself, as on the memory store.
  bool Pump() override { return store_->Flush() || store_->Step() || store_->Flush(); }
  void Reopen() override {
    store_.reset();
    OpenStore();
  }

 private:
  void OpenStore() {
    SqliteOptions sqlite;
    sqlite.path = folder_.File("store.db");
    auto opened = OpenSqliteStore(clock_, sqlite, options_);
    ++options_.seed;  // the next one does not choose as this one did
    COORD_CHECK(opened.has_value());
    store_ = std::move(*opened);
  }

  TestFolder folder_;
  StoreOptions options_;
  ManualClock clock_;
  std::unique_ptr<Store> store_;
};

class ReopenedSqliteHarness final : public SqliteHarness {
 public:
  using SqliteHarness::SqliteHarness;
  Capabilities capabilities() const override {
    return {.durable = true, .reopen_after_each_command = true};
  }
};

template <typename Harness>
std::unique_ptr<StoreHarness> Open(const TestEnv& env) {
  return std::make_unique<Harness>(env);
}

}  // namespace

StoreCase SqliteCase() { return {.name = "Sqlite", .open = &Open<SqliteHarness>}; }
StoreCase ReopenedSqliteCase() {
  return {.name = "SqliteReopened", .open = &Open<ReopenedSqliteHarness>};
}

}  // namespace coord::testing

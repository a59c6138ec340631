// SPDX-License-Identifier: MIT
#include "postgres_case.h"

#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "base/check.h"
#include "stores/postgres/connection.h"
#include "stores/postgres/postgres_store.h"

namespace coord::testing {

namespace {

std::string Conninfo() {
  const char* const given = std::getenv("COORD_POSTGRES");
  if (given != nullptr) return given;
  internal::CheckFailed(__FILE__, __LINE__,
                        "COORD_POSTGRES is not set: run this by scripts/with-postgres");
}

// A schema of this process's own.
std::string NewSchema() {
  static int last = 0;
  return "test_" + std::to_string(getpid()) + "_" + std::to_string(++last);
}

void RunSql(const std::string& sql) {
  auto connection = PgConnection::Open(Conninfo());
  COORD_CHECK(connection.has_value());
  COORD_CHECK(connection->Run(sql).has_value());
}

class PostgresHarness : public StoreHarness {
 public:
  explicit PostgresHarness(const TestEnv& env) : options_(env.options), schema_(NewSchema()) {
    RunSql("SET client_min_messages = warning; DROP SCHEMA IF EXISTS " + schema_ +
           " CASCADE; CREATE SCHEMA " + schema_);
    clock_.Set(kTestStart);
    OpenStore();
  }
  ~PostgresHarness() override {
    store_.reset();
    RunSql("SET client_min_messages = warning; DROP SCHEMA " + schema_ + " CASCADE");
  }

  Store& store() override { return *store_; }
  ManualClock& clock() override { return clock_; }
  Capabilities capabilities() const override { return {.durable = true}; }
  // A step only starts what the session then does.
  bool Pump() override { return store_->Flush() || store_->Step() || store_->Flush(); }
  void Reopen() override {
    store_.reset();
    OpenStore();
  }

 private:
  void OpenStore() {
    PostgresOptions postgres;
    postgres.conninfo = Conninfo() + " options='-c search_path=" + schema_ + "'";
    postgres.divide_from = 2;
    auto opened = OpenPostgresStore(clock_, postgres, options_);
    ++options_.seed;  // the next one does not choose as this one did
    COORD_CHECK(opened.has_value());
    store_ = std::move(*opened);
  }

  StoreOptions options_;
  const std::string schema_;
  ManualClock clock_;
  std::unique_ptr<Store> store_;
};

class ReopenedPostgresHarness final : public PostgresHarness {
 public:
  using PostgresHarness::PostgresHarness;
  Capabilities capabilities() const override {
    return {.durable = true, .reopen_after_each_command = true};
  }
};

template <typename Harness>
std::unique_ptr<StoreHarness> Open(const TestEnv& env) {
  return std::make_unique<Harness>(env);
}

}  // namespace

StoreCase PostgresCase() { return {.name = "Postgres", .open = &Open<PostgresHarness>}; }
StoreCase ReopenedPostgresCase() {
  return {.name = "PostgresReopened", .open = &Open<ReopenedPostgresHarness>};
}

}  // namespace coord::testing

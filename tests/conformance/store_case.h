// SPDX-License-Identifier: MIT
// What a store brings along so that the conformance suite and the model test can run on it.
#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>

#include "base/clock.h"
#include "domain/store.h"

namespace coord::testing {

// What a store is opened with.
struct TestEnv {
  std::string test_name;  // unlike every other test's: for database and directory names
  StoreOptions options;   // the seed among them
};

struct Capabilities {
  // Reopen() works, and finds everything that was answered.
  bool durable = false;
  // The connection is to call Reopen() whenever all that was submitted has been answered.
  bool reopen_after_each_command = false;
  // A long command has begun before those that are submitted after it are executed. False: it takes
  // effect some time between its submission and its outcome.
  bool begins_long_commands_in_order = true;
};

// An open store and what belongs to it: its clock, its files, its database. Opened for one test and
// empty at the start. Used from one thread.
class StoreHarness {
 public:
  StoreHarness() = default;
  StoreHarness(const StoreHarness&) = delete;
  StoreHarness& operator=(const StoreHarness&) = delete;
  virtual ~StoreHarness() = default;

  virtual Store& store() = 0;
  // The store's only source of time.
  virtual ManualClock& clock() = 0;
  virtual Capabilities capabilities() const = 0;

  // Lets the store get on with what it owes and returns true if it did or may do more at once. A
  // store with threads waits here for a sign of them, so that callers need not spin.
  virtual bool Pump() { return store().Step(); }

  // Closes the store in an orderly way and opens it again; store() is another object afterwards.
  // Only where it is durable.
  virtual void Reopen() = 0;
};

// A store under test.
struct StoreCase {
  std::string name;  // letters and digits
  std::unique_ptr<StoreHarness> (*open)(const TestEnv& env) = nullptr;
};

// How GoogleTest shows it.
inline void PrintTo(const StoreCase& store_case, std::ostream* out) { *out << store_case.name; }

// Where the harnesses' clocks stand at the start: a time with microseconds that are not round.
inline constexpr WallTime kTestStart = WallTime(Duration(1'700'000'000'123'456));

}  // namespace coord::testing

// SPDX-License-Identifier: MIT
// Outcomes that own what they hold: copies of what a store delivers, to be kept and compared.
//
// Data is decoded, so that comparing it is comparing values and their kinds, not bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/outcome.h"
#include "value/value.h"

namespace coord::testing {

struct OwnedAttempt {
  AttemptId id{0};
  std::string spec;
  std::string unit;
  std::string worker;
  AttemptStatus status = AttemptStatus::kPending;
  WallTime start = kNoTime;
  WallTime expiration = kNoTime;
  WallTime end = kNoTime;
  Value data;
  bool operator==(const OwnedAttempt&) const = default;
};

struct OwnedUnit {
  std::string name;
  bool exists = true;
  WorkUnitStatus status = WorkUnitStatus::kAvailable;
  double priority = 0;
  WallTime not_before = kNoTime;
  Value data;
  std::optional<OwnedAttempt> active;
  bool operator==(const OwnedUnit&) const = default;
};

struct OwnedMeta {
  WorkSpecMeta meta;
  bool has_counts = false;
  std::uint64_t available = 0;
  std::uint64_t pending = 0;
};

struct OwnedSpecs {
  std::vector<std::string> names;
  std::vector<Value> definitions;
  std::optional<std::string> next;
};

struct OwnedUpdate {
  bool ok = false;
  std::string message;
  bool operator==(const OwnedUpdate&) const = default;
};

struct OwnedGrant {
  std::string name;
  Value data;
  AttemptId attempt{0};
  WallTime start = kNoTime;
  WallTime expiration = kNoTime;
};

struct OwnedWork {
  std::string spec;
  std::vector<OwnedGrant> units;
  std::vector<OwnedUpdate> updates;
};

struct OwnedWorker {
  std::string name;
  std::optional<std::string> parent;
  Value data;
  Value mode;
  bool active = false;
  bool shown = false;
  WallTime last_update = kNoTime;
  WallTime last_heartbeat = kNoTime;
  WallTime expiration = kNoTime;
  std::vector<std::string> children;
  bool operator==(const OwnedWorker&) const = default;
};

struct OwnedChildUnit {
  std::string child;
  std::string spec;
  std::string unit;
  Value data;
  std::optional<std::string> worker;
  WallTime expiration = kNoTime;
  bool operator==(const OwnedChildUnit&) const = default;
};
struct OwnedChildUnits {
  std::vector<std::string> children;  // those with nothing in their lists included
  std::vector<OwnedChildUnit> units;
  bool operator==(const OwnedChildUnits&) const = default;
};

struct OwnedRecord {
  std::string name_space;
  std::string spec;
  WorkUnitStatus status = WorkUnitStatus::kAvailable;
  std::uint64_t count = 0;
  auto operator<=>(const OwnedRecord&) const = default;
};

struct OwnedLocks {
  std::vector<bool> held;
  std::vector<std::optional<std::string>> holders;
  bool operator==(const OwnedLocks&) const = default;
};

// One page of an export.
struct OwnedPage {
  std::vector<std::string> records;  // encoded
  std::optional<std::string> cursor;
  std::optional<std::uint64_t> work_units;
};

using OwnedNames = std::vector<std::string>;
using OwnedAttempts = std::vector<OwnedAttempt>;
using OwnedUnits = std::vector<OwnedUnit>;
using OwnedUpdates = std::vector<OwnedUpdate>;
using OwnedResults = std::vector<std::optional<Error>>;
using OwnedWorkers = std::vector<OwnedWorker>;
using OwnedSummary = std::vector<OwnedRecord>;

// One alternative for each of Outcome's.
using OwnedOutcome = std::variant<Error, Done, CountReply, OwnedNames, Value, OwnedMeta, OwnedSpecs,
                                  StatusCountsReply, OwnedAttempts, OwnedUnits, OwnedUpdates,
                                  OwnedResults, OwnedWork, OwnedWorkers, OwnedChildUnits,
                                  OwnedSummary, OwnedLocks, OwnedPage, ImportReply>;

// Copies an outcome while it is valid.
OwnedOutcome Own(const Outcome& outcome);

// Decodes data that a store handed out; null for null data. Aborts where it is not well-formed.
Value DecodeData(Data data);

}  // namespace coord::testing

// SPDX-License-Identifier: MIT
// Runs operations on a store and on the model, and compares: every reply, and now and then all.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client.h"
#include "draw.h"
#include "model.h"
#include "operation.h"

namespace coord::testing {

class Runner {
 public:
  explicit Runner(StoreHarness& harness);

  // Runs one operation. Returns what did not agree.
  Mismatch Run(const Operation& operation);
  // Compares everything that can be read.
  Mismatch CompareAll();

  // What the operations did, a line each.
  const std::vector<std::string>& trace() const { return trace_; }

 private:
  // One namespace, as the store and as the model have it.
  struct World {
    Client client;
    Model model;
  };

  Mismatch Execute(World& world, const Operation& operation, Draw& draw);
  Mismatch RunSpecs(World& world, OperationKind kind, Draw& draw);
  Mismatch RunUnits(World& world, OperationKind kind, Draw& draw);
  Mismatch RunAttempts(World& world, OperationKind kind, Draw& draw);
  Mismatch RunWorkers(World& world, OperationKind kind, Draw& draw);
  Mismatch RunClock(OperationKind kind, Draw& draw);

  Mismatch SetSpec(World& world, Draw& draw);
  Mismatch SetMeta(World& world, Draw& draw);
  Mismatch Add(World& world, Draw& draw);
  Mismatch ApplyUpdates(World& world, Draw& draw);
  Mismatch FollowUpdates(World& world, const std::vector<Update>& updates,
                         const OwnedUpdates& replies);
  Mismatch Change(World& world, Draw& draw);
  Mismatch Request(World& world, Draw& draw);
  Mismatch MakeAttempt(World& world, Draw& draw);
  Mismatch SetUnitMeta(World& world, Draw& draw);
  Mismatch ChangeByQuery(World& world, OperationKind kind, Draw& draw);
  Mismatch List(World& world, Draw& draw);
  Mismatch Beat(World& world, Draw& draw);
  Mismatch Release(World& world, Draw& draw);
  Mismatch ChangeLocks(World& world, Draw& draw);
  Mismatch Advance(Draw& draw);

  Mismatch FollowRetention(World& world);
  Update Specified(World& world, Update update);
  OutOfTries FindOutOfTries(World& world);
  // Workers that the store may forget and has forgotten are forgotten by the model.
  void SyncWorker(World& world, const std::string& name);
  void SyncWorkers(World& world);

  Mismatch CompareSpecs(World& world);
  Mismatch CompareUnits(World& world, const std::string& name, const ModelSpec& spec);
  Mismatch CompareAttempts(World& world, const std::string& spec, const std::string& unit,
                           const ModelUnit& expected);
  Mismatch CompareSummary(World& world, const std::string& name_space);
  Mismatch CompareWorkers(World& world);
  Mismatch CompareLists(World& world, const std::string& worker);
  Mismatch CompareLocks(World& world);

  void Say(const std::string& text) { trace_.back() += " " + text; }
  void Remember(const Held& held);

  StoreHarness& harness_;
  Connection connection_;
  std::map<std::string, World> worlds_;
  std::vector<Held> held_;  // the latest attempts, gone ones too
  std::vector<std::string> trace_;
};

}  // namespace coord::testing

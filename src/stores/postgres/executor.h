// SPDX-License-Identifier: MIT
// Executes commands in one transaction, on images of the rows that they concern.
//
// The implementation is spread over execute_*.cc by area.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "domain/command.h"
#include "domain/outcome.h"
#include "domain/store.h"
#include "stores/postgres/catalog.h"
#include "stores/postgres/daemon_state.h"
#include "stores/postgres/long_command.h"
#include "stores/postgres/transaction.h"
#include "stores/postgres/units.h"
#include "stores/postgres/worker_rows.h"

namespace coord {

class Executor {
 public:
  // Takes the outcome of the submission at that place. What it views is valid during the call.
  using OnOutcome = std::function<void(std::size_t place, const Outcome& outcome)>;
  // Takes what is left of a long command.
  using OnLong = std::function<void(std::size_t place, PgLongCommand rest)>;

  // All outlive it.
  Executor(PgTransaction& transaction, PgDaemonState& state, const RetentionLimits& retention)
      : transaction_(transaction),
        state_(state),
        default_retention_(retention),
        catalog_(transaction, state.counts),
        units_(transaction, catalog_, state),
        workers_(transaction, state.late) {}

  // Executes all; outcomes come in any order. Those of one sink take effect in order. After a
  // failure of the transaction they mean nothing.
  void Run(std::span<const Submission> submissions, const OnOutcome& on_outcome,
           const OnLong& on_long);
  // Goes on with a long command, up to `budget` units. Returns its outcome if it has ended.
  std::optional<Outcome> Continue(PgLongCommand& work, std::size_t budget);
  // Removes what retention does not keep, some units of each spec; returns true if there is more.
  bool ApplyRetentionSome();

  // When retention will have something to do for the spec; kNoTime: never as it stands now.
  WallTime RetentionDue(const SpecImage& spec);

  // Adds the statements that write all changes. Must be called before the transaction is committed.
  void AddChanges(std::vector<PgStatement>& statements);
  void Flush();

  Catalog& catalog() { return catalog_; }

 private:
  // A request for work whose updates are done.
  struct WorkRequest {
    std::size_t place = 0;
    const RequestWork* command = nullptr;
    NamespaceImage* name_space = nullptr;
    std::span<const UpdateReply> updates;
    std::vector<SpecImage*> allowed;  // pass the filter
    SpecImage* spec = nullptr;        // chosen
    std::uint64_t wanted = 0;
    std::vector<std::pair<UnitImage*, AttemptImage*>> taken;
    std::size_t fail_budget = 0;
    bool done = false;
  };
  // What is left of a spec while requests are being dealt with.
  struct Supply {
    std::uint64_t available = 0;
    std::uint64_t pending = 0;
    bool exhausted = false;  // others have what seems to be there
  };
  using Supplies = std::map<SpecImage*, Supply>;

  // executor.cc
  void Prefetch(std::span<const Submission> submissions);
  void PrefetchUpdates(NamespaceImage& name_space, std::span<const WorkUnitUpdate> updates,
                       std::vector<UnitKey>& keys);
  Outcome Execute(const Submission& submission, std::size_t place, bool& unfinished,
                  const OnLong& on_long);
  Outcome Run(NamespaceImage& name_space, const CreateNamespace& command);
  Outcome Run(NamespaceImage& name_space, const ListNamespaces& command);
  Outcome Run(NamespaceImage& name_space, const DestroyNamespace& command);
  Outcome Run(NamespaceImage& name_space, const GetSummary& command);

  // execute_specs.cc
  Outcome Run(NamespaceImage& name_space, const SetWorkSpec& command);
  Outcome Run(NamespaceImage& name_space, const GetWorkSpec& command);
  Outcome Run(NamespaceImage& name_space, const GetWorkSpecMeta& command);
  Outcome Run(NamespaceImage& name_space, const SetWorkSpecMeta& command);
  Outcome Run(NamespaceImage& name_space, const ListWorkSpecs& command);
  Outcome Run(NamespaceImage& name_space, const DeleteWorkSpec& command);
  Outcome Run(NamespaceImage& name_space, const ClearWorkSpecs& command);
  void DropSpec(NamespaceImage& name_space, SpecImage& spec);

  // execute_units.cc
  Outcome Run(NamespaceImage& name_space, const AddWorkUnits& command);
  Outcome Run(NamespaceImage& name_space, const CountWorkUnits& command);
  Outcome Run(NamespaceImage& name_space, const ListWorkUnits& command);
  Outcome Run(NamespaceImage& name_space, const GetWorkUnits& command);
  Outcome Run(NamespaceImage& name_space, const SetWorkUnitMeta& command);
  std::vector<std::string> Select(const SpecImage& spec, UnitCursor& cursor, std::size_t budget);
  std::span<WorkUnitView> ReadViews(const SpecImage& spec, std::span<const std::string_view> names);

  // execute_long.cc
  Outcome Start(NamespaceImage& name_space, const Submission& submission, std::size_t place,
                bool& unfinished, const OnLong& on_long);
  void ApplyTo(UnitImage& unit, PgLongCommand& work);
  PgRows ReadOldest(const SpecImage& spec, WorkUnitStatus status, std::size_t limit);
  std::uint64_t RemoveByRetention(SpecImage& spec, std::size_t budget);
  RetentionLimits RetentionOf(const SpecImage& spec) const;

  // execute_attempts.cc
  Outcome Run(NamespaceImage& name_space, const UpdateWorkUnits& command);
  Outcome Run(NamespaceImage& name_space, const ChangeAttempts& command);
  Outcome Run(NamespaceImage& name_space, const ReleaseAttempts& command);
  Outcome Run(NamespaceImage& name_space, const MakeAttempt& command);
  Outcome Run(NamespaceImage& name_space, const GetAttempt& command);
  Outcome Run(NamespaceImage& name_space, const ListUnitAttempts& command);
  Outcome Run(NamespaceImage& name_space, const ListWorkerAttempts& command);
  std::span<UpdateReply> ApplyUpdates(NamespaceImage& name_space,
                                      std::span<const WorkUnitUpdate> updates);
  UpdateReply ApplyUpdate(NamespaceImage& name_space, const WorkUnitUpdate& update);
  UpdateReply ApplyDecision(UnitImage& unit, NamespaceImage& name_space,
                            const WorkUnitUpdate& update, const UpdateDecision& decision);
  Result<AttemptImage*> FindAttempt(NamespaceImage& name_space, const AttemptKey& key);
  AttemptView ViewOf(const AttemptImage& attempt);

  // execute_work.cc
  void Request(NamespaceImage& name_space, const RequestWork& command, std::size_t place,
               const OnOutcome& on_outcome);
  void Claim(const OnOutcome& on_outcome);
  bool Choose(WorkRequest& request, Supplies& supplies);
  Supply& SupplyOf(SpecImage& spec, Supplies& supplies);
  void MakeContinuousUnit(SpecImage& spec, Supply& supply);
  PgRows TakeAvailable(const SpecImage& spec, std::uint64_t wanted);
  void Deal(SpecImage& spec, std::span<WorkRequest* const> requests, Supply& supply);

  // execute_workers.cc
  Outcome Run(NamespaceImage& name_space, const Heartbeat& command);
  Outcome Run(NamespaceImage& name_space, const UpdateWorker& command);
  Outcome Run(NamespaceImage& name_space, const UnregisterWorker& command);
  Outcome Run(NamespaceImage& name_space, const GetWorker& command);
  Outcome Run(NamespaceImage& name_space, const ListWorkers& command);
  Outcome Run(NamespaceImage& name_space, const GetChildWorkUnits& command);
  void Deactivate(WorkerImage& worker);
  WorkerView ViewOf(const WorkerImage& worker, std::optional<std::string_view> parent);

  // execute_locks.cc
  Outcome Run(NamespaceImage& name_space, const ChangeLocks& command);
  Outcome Run(NamespaceImage& name_space, const ReadLocks& command);
  Outcome Run(NamespaceImage& name_space, const DropLocks& command);

  WallTime now() const { return transaction_.now(); }
  // The rows stay as long as the command's outcome.
  const PgRows& Hold(PgRows rows) { return held_.emplace_back(std::move(rows)); }

  PgTransaction& transaction_;
  PgDaemonState& state_;
  const RetentionLimits default_retention_;
  Catalog catalog_;
  Units units_;
  Workers workers_;

  std::vector<WorkRequest> requests_;  // that wait for the end of the batch
  Arena request_arena_;                // what they view

  // Scratch space of one command.
  Arena scratch_;
  std::deque<PgRows> held_;
  std::deque<Error> failures_;
};

}  // namespace coord

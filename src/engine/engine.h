// SPDX-License-Identifier: MIT
// The in-memory state machine: all of spec/domain.md, executed one command at a time.
//
// Deterministic and single-threaded; no clock of its own, no I/O, no locks. The same commands at
// the same times with the same seed give the same answers. Every operation costs O(log n) in the
// units of a spec, plus the items that it touches; what falls due by the clock is paid for once by
// the attempt or delay that set the time.
//
// The implementation is spread over engine_*.cc by area.
#pragma once

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/clock.h"
#include "base/rng.h"
#include "domain/command.h"
#include "domain/export_record.h"
#include "domain/outcome.h"
#include "domain/store.h"
#include "engine/attempt_ids.h"
#include "engine/long_command.h"
#include "engine/spec.h"

namespace coord {

class Engine {
 public:
  explicit Engine(const StoreOptions& options);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();

  // Moves time on and applies what fell due: leases that ended, delays that are over. Cost: the
  // number of those. `now` must not be earlier than before.
  void Advance(WallTime now);

  // Has the processor fetch what commands will look at that are going to be executed now, one after
  // the other. Optional.
  void Foresee(std::span<const Submission> submissions);

  // Executes one command at the time of the last Advance() and delivers its outcome. A long command
  // may be left unfinished for Step(); then its outcome comes from there.
  void Execute(const Submission& submission);

  // Does one bounded piece of background work; returns true if there is more to do now.
  bool Step();

  // Notes all changes from now on in `journal`, which outlives the engine or the next call;
  // nullptr: notes none.
  void SetJournal(Journal* journal);

  // Moves the images of all rows that the journal lists into `out`, which is empty, and lists no
  // rows any more. Cost: the size of the images.
  void TakeRows(RowChanges& out);

  // Lists the rows whose writing was put off.
  void ListLateRows() { WorkerTable::WriteLate(shared_, std::nullopt); }

  // Must follow after a group of changes, noted in one journal, was kept. Groups are kept in order.
  void OnGroupEnd();

  // Must follow after all noted changes were taken back: forgets which rows the journal lists, and
  // looks anew at what is due. Long commands under way end with `error`.
  void AfterUndo(const Error& error);

  // The next time at which Advance() or Step() would have something to do; kNoTime: never.
  WallTime NextDue() const;

  const StoreStats& stats() const { return stats_; }

  // See Store::VisitAvailable.
  void VisitAvailable(const std::function<bool(const WorkAvailable&)>& visit);

 private:
  friend class EngineLoader;
  friend class EngineExport;
  friend class EngineImport;

  // engine_journal.cc
  // Notes how a change is taken back, and what is to be done once it stays; at once, where nothing
  // is noted.
  template <typename Undo, typename Keep>
  void Reversibly(Undo undo, Keep keep) {
    if (shared_.journal == nullptr) return keep();
    shared_.journal->undo.OnUndo(std::move(undo));
    shared_.journal->undo.OnKeep(std::move(keep));
  }
  void Retire(std::unique_ptr<UnitTable> units);
  void Retire(std::unique_ptr<Namespace> name_space);
  void FreeRetired();
  void MarkChanged(Namespace& name_space);
  void MarkChanged(Spec& spec);
  void NoteMeta(Spec& spec);
  void NoteDefinition(Spec& spec);
  void NoteAttempt(AttemptRef ref);
  void SetAttemptData(AttemptRef ref, std::string_view data);
  void ObserveLocks(Namespace& name_space);
  void TakeUnitRows(RowChanges& out);
  void TakeAttemptRows(RowChanges& out);
  void TakeLockRows(RowChanges& out);

  // engine.cc: namespaces, time, background work.
  Namespace& NamespaceOf(std::string_view name);
  void Changed(Spec& spec);
  WallTime DueOf(const Spec& spec) const;
  void ApplyDue(Spec& spec);
  void Unregister(Spec& spec);
  void DetachUnits(Spec& spec);
  void DropSpec(Spec& spec);
  void DropSpecs(Namespace& name_space);
  bool ForgetSome();
  bool FreeSome();
  bool RunLongCommands();
  bool ApplyRetentionSome();
  std::optional<Outcome> Continue(LongCommand& work, std::size_t budget);
  Outcome Start(Namespace& name_space, const Submission& submission, bool& unfinished);
  std::uint64_t RemoveByRetention(Spec& spec, std::size_t budget);
  bool OverRetention(const Spec& spec) const;
  RetentionLimits RetentionOf(const Spec& spec) const;

  Outcome Run(Namespace& name_space, const CreateNamespace& command);
  Outcome Run(Namespace& name_space, const ListNamespaces& command);
  Outcome Run(Namespace& name_space, const DestroyNamespace& command);
  Outcome Run(Namespace& name_space, const GetSummary& command);
  Outcome Run(Namespace& name_space, const ChangeLocks& command);
  Outcome Run(Namespace& name_space, const ReadLocks& command);
  Outcome Run(Namespace& name_space, const DropLocks& command);

  // engine_specs.cc
  Spec& MakeSpec(Namespace& name_space, const std::string& name);
  Outcome Run(Namespace& name_space, const SetWorkSpec& command);
  Outcome Run(Namespace& name_space, const GetWorkSpec& command);
  Outcome Run(Namespace& name_space, const GetWorkSpecMeta& command);
  Outcome Run(Namespace& name_space, const SetWorkSpecMeta& command);
  Outcome Run(Namespace& name_space, const ListWorkSpecs& command);
  Outcome Run(Namespace& name_space, const DeleteWorkSpec& command);
  Outcome Run(Namespace& name_space, const ClearWorkSpecs& command);

  // engine_units.cc
  Outcome Run(Namespace& name_space, const AddWorkUnits& command);
  Outcome Run(Namespace& name_space, const CountWorkUnits& command);
  Outcome Run(Namespace& name_space, const ListWorkUnits& command);
  Outcome Run(Namespace& name_space, const GetWorkUnits& command);
  Outcome Run(Namespace& name_space, const SetWorkUnitMeta& command);
  void AddUnit(Spec& spec, const UnitItem& item, double default_priority, bool only_new);
  void ReplaceUnit(Spec& spec, UnitId id, const UnitItem& item, double priority,
                   WallTime not_before);
  void EraseUnit(Spec& spec, UnitId id);
  void ClearActive(Spec& spec, UnitId id);
  WorkUnitStatus RestingStatus(const Unit& unit) const;
  // What a unit's attempts and the time make of it.
  WorkUnitStatus LoadedStatus(const Unit& unit) const;
  WorkUnitView ViewOf(const Unit& unit) const;
  Data VisibleData(const Unit& unit) const;
  // The active attempt, unless it lapsed; else nullptr.
  const Attempt* RunningAttempt(const Unit& unit) const;
  void EraseAttempts(UnitTable& table, UnitId id);
  // Frees attempts of a unit that was deleted with its set, up to `budget`, which it lowers; true
  // if none are left.
  bool FreeAttempts(Unit& unit, std::size_t& budget);

  // engine_attempts.cc
  Outcome Run(Namespace& name_space, const UpdateWorkUnits& command);
  Outcome Run(Namespace& name_space, const ChangeAttempts& command);
  Outcome Run(Namespace& name_space, const ReleaseAttempts& command);
  Outcome Run(Namespace& name_space, const MakeAttempt& command);
  Outcome Run(Namespace& name_space, const GetAttempt& command);
  Outcome Run(Namespace& name_space, const ListUnitAttempts& command);
  Outcome Run(Namespace& name_space, const ListWorkerAttempts& command);
  UpdateReply ApplyUpdate(Namespace& name_space, const WorkUnitUpdate& update);
  UpdateReply ApplyDecision(Spec& spec, UnitId id, const WorkUnitUpdate& update,
                            const UpdateDecision& decision);
  AttemptRef TakeUp(Spec& spec, UnitId id, const WorkUnitUpdate& update);
  std::span<UpdateReply> ApplyUpdates(Namespace& name_space,
                                      std::span<const WorkUnitUpdate> updates);
  AttemptRef StartAttempt(Spec& spec, UnitId id, Worker& worker, Duration lifetime);
  Result<void> ApplyEvent(Spec& spec, AttemptRef ref, AttemptEvent event, Duration duration,
                          Data data, bool never_shorten = false);
  void RenewLease(Spec& spec, Attempt& attempt, WallTime expiration);
  void EndAttempt(Spec& spec, Attempt& attempt, const AttemptTransition& transition, bool active,
                  Duration delay);
  void Chain(Spec& spec, const Attempt& attempt);
  Result<AttemptRef> FindAttempt(Namespace& name_space, const AttemptKey& key, Spec*& spec);
  AttemptView ViewOf(const Attempt& attempt) const;
  std::span<AttemptView> ViewsOldestFirst(std::vector<const Attempt*>& attempts);

  // engine_export.cc, engine_import.cc
  Outcome Run(Namespace& name_space, const ExportRecords& command);
  Outcome Run(Namespace& name_space, const ImportRecords& command);
  // True if there is an attempt of that number, or one that is not freed yet. O(1), but for the
  // first call and those about a number that was used: these look at all attempts once.
  bool HasAttempt(AttemptId id);
  // Makes an attempt as it was elsewhere, `older` being the unit's one before it. The unit does
  // not know of it yet.
  AttemptRef AdmitAttempt(Spec& spec, UnitId id, const AttemptRecord& record, bool keep_id,
                          AttemptRef older);

  // engine_work.cc
  Outcome Run(Namespace& name_space, const RequestWork& command);
  void FindAllowed(Namespace& name_space, const WorkFilter& filter);
  Spec* ChooseAllowedSpec();
  void TakeUnits(Spec& spec, Worker& worker, const RequestWork& command, std::size_t& fail_budget);
  void MakeContinuousUnit(Spec& spec);
  void FailOutOfTries(Spec& spec, UnitId id, Worker& worker);

  // engine_workers.cc
  Outcome Run(Namespace& name_space, const Heartbeat& command);
  Outcome Run(Namespace& name_space, const UpdateWorker& command);
  Outcome Run(Namespace& name_space, const UnregisterWorker& command);
  Outcome Run(Namespace& name_space, const GetWorker& command);
  Outcome Run(Namespace& name_space, const ListWorkers& command);
  Outcome Run(Namespace& name_space, const GetChildWorkUnits& command);
  WorkerView ViewOf(const Worker& worker) const;
  std::span<const ChildUnitsReply::Unit> UnitsHeldBy(const Worker& worker);

  const RetentionLimits default_retention_;
  Rng rng_;
  StoreStats stats_;
  WallTime now_{};
  Shared shared_;
  AttemptPool& attempts_ = shared_.attempts;
  absl::btree_map<std::string, std::unique_ptr<Namespace>, std::less<>> namespaces_;
  std::unique_ptr<Namespace> nowhere_;  // what commands about all namespaces are given

  absl::btree_set<std::pair<WallTime, Spec*>> due_;  // by Spec::due
  std::vector<Spec*> noted_available_;
  std::deque<Spec*> noted_retention_;
  std::deque<LongCommand> long_commands_;

  std::unique_ptr<AttemptIds> attempt_ids_;  // of all attempts, since the first import

  // What was deleted as a whole, once that stays. It is freed only after the group that was being
  // noted then has ended, whose steps back may still lead to it.
  struct Retired {
    std::vector<std::unique_ptr<UnitTable>> tables;
    std::vector<std::unique_ptr<Namespace>> namespaces;
  };
  Retired retiring_;  // since FreeRetired() last did
  Retired retired_;   // before that
  // Of the journals that changes were noted in.
  std::uint64_t journals_ = 0;
  std::uint64_t kept_journals_ = 0;
  std::uint64_t retire_at_ = 0;  // when so many are kept, what was retired may be freed

  // What is freed by Step(). Namespaces go after their unit tables.
  std::deque<std::unique_ptr<UnitTable>> dead_tables_;
  std::deque<std::unique_ptr<Namespace>> dead_namespaces_;

  // A unit that will be looked for, while it is being fetched.
  struct Foreseen {
    const UnitTable* table;
    std::size_t hash;
    const Unit* unit;
  };
  std::vector<Foreseen> foreseen_;  // scratch space

  // Scratch space of one command.
  Arena scratch_;
  std::vector<Spec*> allowed_;   // pass the request's filter
  std::vector<Spec*> eligible_;  // and can give work
  std::vector<SpecCandidate> candidates_;
  std::vector<UnitId> taken_;
  std::deque<Error> failures_;
};

}  // namespace coord

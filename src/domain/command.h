// SPDX-License-Identifier: MIT
// Everything that can be asked of a store, as values.
//
// One request of a client is one command; each is atomic by itself. Commands borrow: their views
// point into the request's bytes and into the batch's arena, and stay valid until the outcome has
// been delivered. Commands whose `may_be_long` is true may select any number of units; they are
// executed in steps between batches, and the connection that sent one waits for it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <variant>

#include "base/clock.h"
#include "domain/attempt_rules.h"
#include "domain/query.h"
#include "domain/scheduler.h"
#include "domain/unit_items.h"
#include "domain/update_rules.h"
#include "domain/work_spec.h"
#include "value/data.h"

namespace coord {

// Identifies an attempt within its store; never used again, never 0.
enum class AttemptId : std::uint64_t {};

// --- Namespaces ----------------------------------------------------------------------------------

// Makes the submission's namespace if there is none. Reply: Done.
struct CreateNamespace {};
// Reply: NamesReply, all namespaces in name order, whatever the submission's.
struct ListNamespaces {};
// Destroys the submission's namespace and all that it holds, at one instant. Reply: Done.
struct DestroyNamespace {};

// --- Work specs ----------------------------------------------------------------------------------

// Creates or replaces. Reply: NamesReply with the one name.
// Errors: those of ParseDefinition; kChangedName, kNoSuchWorkSpec where `replaces` is given.
struct SetWorkSpec {
  Data definition;
  std::optional<std::string_view> replaces;  // must exist and have the definition's name
};
// Reply: DataReply, the definition as it was given.
struct GetWorkSpec {
  std::string_view spec;
};
// Reply: MetaReply.
struct GetWorkSpecMeta {
  std::string_view spec;
  bool with_counts = false;
};
// Reply: Done. Errors: those of ApplyMetaChange.
struct SetWorkSpecMeta {
  std::string_view spec;
  WorkSpecMetaChange change;
  bool strict_continuous = false;
};
// Reply: SpecsReply, in name order.
struct ListWorkSpecs {
  std::string_view from;  // first name wanted
  std::uint64_t limit = 0;
};
// Deletes the spec and its units at one instant. Reply: Done.
struct DeleteWorkSpec {
  std::string_view spec;
};
// Deletes all specs of the namespace at one instant. Reply: CountReply, the number of specs.
struct ClearWorkSpecs {};

// --- Work units ----------------------------------------------------------------------------------

// Adds all the items, by the rules of "adding a unit". Reply: Done.
struct AddWorkUnits {
  std::string_view spec;
  std::span<const UnitItem> items;
  bool only_new = false;  // units that exist are left as they are
};
// Reply: StatusCountsReply, units removed by retention included.
struct CountWorkUnits {
  std::string_view spec;
};
// Reply: UnitsReply, in byte order of the name.
struct ListWorkUnits {
  std::string_view spec;
  WorkUnitQuery query;
};
// Reply: UnitsReply, one for each name in the order given; `exists` is false for unknown ones.
struct GetWorkUnits {
  std::string_view spec;
  std::span<const std::string_view> names;
};
// Sets or adjusts the priority of the selected units; beyond what a double holds it stays at the
// bound. Reply: CountReply. Errors: kBadPriority.
struct PrioritizeWorkUnits {
  static constexpr bool may_be_long = true;
  std::string_view spec;
  WorkUnitQuery query;
  double priority = 0;
  bool adjust = false;  // add `priority` instead of setting it
};
// Changes one unit's meta and, if asked, clears its active attempt. Reply: Done.
struct SetWorkUnitMeta {
  std::string_view spec;
  std::string_view unit;
  std::optional<double> priority;
  std::optional<WallTime> not_before;
  bool clear_active = false;
};
// Reply: CountReply. Deleting all units, or all of some statuses without names, counts and zeroes
// those that retention removed as well.
struct DeleteWorkUnits {
  static constexpr bool may_be_long = true;
  std::string_view spec;
  WorkUnitQuery query;
};
// Clears the active attempts of the selected units. Reply: CountReply, the units that had one.
struct RetryWorkUnits {
  static constexpr bool may_be_long = true;
  std::string_view spec;
  WorkUnitQuery query;
};
// One update_work_unit of CBOR-RPC. `namespace` is the submission's.
struct WorkUnitUpdate {
  std::string_view spec;
  std::string_view unit;
  UpdateRequest request;
  Data data;
  Duration delay{0};
  std::string_view worker;
  bool has_worker = false;
  bool only_if_owner = false;
  // Set where the item could not be read; then it is answered (false, this) and does nothing.
  std::string_view defect;
};
// Reply: UpdatesReply, one for each.
struct UpdateWorkUnits {
  std::span<const WorkUnitUpdate> updates;
};

// --- Attempts ------------------------------------------------------------------------------------

// Names an attempt. Errors of all that take one: kNoSuchWorkSpec, kNoSuchWorkUnit, kGone.
struct AttemptKey {
  std::string_view spec;
  std::string_view unit;
  AttemptId id{0};
  // For callers whose key went through other hands: one of another worker is gone, and the worker
  // is created if it is unknown; so is one that started at another time.
  std::optional<std::string_view> worker = std::nullopt;
  WallTime start = kNoTime;  // kNoTime: any
};
// One change of one attempt.
struct AttemptChange {
  AttemptKey key;
  AttemptEvent event = AttemptEvent::kRenew;
  Data data;             // null: unchanged
  Duration duration{0};  // kRenew: extend; kRetry: delay
};
// Reply: ResultsReply, one for each.
struct ChangeAttempts {
  std::span<const AttemptChange> changes;
};
// Expires those of the worker's pending attempts that are named: their answer was never sent.
// Reply: Done; ids that are unknown or ended are skipped.
struct ReleaseAttempts {
  std::string_view worker;
  std::span<const AttemptId> ids;
};
// Makes and activates an attempt whatever the unit's status and the spec's limits.
// Reply: AttemptsReply with the one.
struct MakeAttempt {
  std::string_view spec;
  std::string_view unit;
  std::string_view worker;
  Duration lifetime{0};  // 0 and less: 15 minutes
};
// Reply: AttemptsReply with the one.
struct GetAttempt {
  AttemptKey key;
};
// Reply: AttemptsReply, oldest first; with a limit the newest are kept.
struct ListUnitAttempts {
  std::string_view spec;
  std::string_view unit;
  std::uint64_t limit = 0;
};
enum class WorkerAttempts : std::uint8_t { kActive, kAll, kChildren };
// A worker's attempts: the active list, that and the history, or its children's active lists.
// Reply: AttemptsReply, oldest first.
struct ListWorkerAttempts {
  std::string_view worker;
  WorkerAttempts which = WorkerAttempts::kActive;
};

// --- Requesting work -----------------------------------------------------------------------------

// Reply: WorkReply. The updates are applied first, each singly.
struct RequestWork {
  std::string_view worker;
  std::uint64_t count = 1;
  Duration lifetime{0};  // 0 and less: 15 minutes
  WorkFilter filter;
  std::span<const WorkUnitUpdate> updates;
};

// --- Workers -------------------------------------------------------------------------------------

// Reply: Done.
struct Heartbeat {
  std::string_view worker;
  std::string_view mode;  // one encoded CBOR item: a string, a number or null
  Duration lifetime{0};
  Data data;                               // null: an empty map
  std::optional<std::string_view> parent;  // absent: none. Errors: kInvalid if it is the worker
};
// The REST interface's PUT of a worker. Reply: Done.
struct UpdateWorker {
  std::string_view worker;
  std::optional<std::string_view> parent;  // present and empty: no parent
  enum class Activity : std::uint8_t { kUnchanged, kActivate, kDeactivate };
  Activity activity = Activity::kUnchanged;
  // For kActivate:
  Data data;                            // null: an empty map
  std::optional<WallTime> last_update;  // absent: now
  std::optional<WallTime> expiration;   // absent: now + 15 minutes
  std::string_view mode;                // one encoded CBOR item; empty view: ""
};
// Deactivates a worker that is shown; its pending attempts go on. Reply: Done. Errors: kNotFound.
struct UnregisterWorker {
  std::string_view worker;
};
// Creates it if it is unknown and `create` is set. Reply: WorkersReply, of one or none.
struct GetWorker {
  std::string_view worker;
  bool create = false;
};
// Reply: WorkersReply, in name order.
struct ListWorkers {
  bool shown_only = false;     // heartbeat sent, active, not expired
  std::optional<bool> active;  // by the active flag
  std::optional<std::string_view> after;
  std::uint64_t limit = 0;
};
// What the shown children of a worker have in their active lists. Reply: ChildUnitsReply.
struct GetChildWorkUnits {
  std::string_view worker;
};

// --- The rest ------------------------------------------------------------------------------------

// Reply: SummaryReply.
struct GetSummary {
  bool all_namespaces = false;
  std::optional<std::string_view> spec;
};
// Applies the retention limits now, to these specs or (absent) to all of the namespace; unknown
// names are skipped. Reply: CountReply, the units removed.
struct ApplyRetention {
  static constexpr bool may_be_long = true;
  std::optional<std::span<const std::string_view>> specs;
};

// A lock's path: canonical encoded labels, outermost first.
using LockPath = std::span<const std::string_view>;
enum class LockOperation : std::uint8_t { kLockAll, kLockSome, kRenew, kUnlock };
// Reply: LockReply. For kLockSome `held` tells which; for the others all are true or all false.
struct ChangeLocks {
  LockOperation operation = LockOperation::kLockAll;
  std::string_view locker;
  std::span<const LockPath> paths;
  Duration lifetime{0};
};
// Reply: LockReply, `holders`.
struct ReadLocks {
  std::span<const LockPath> paths;
};
// Drops every lock under a first label. Reply: Done.
struct DropLocks {
  std::string_view first_label;
};

// --- Moving to another store ---------------------------------------------------------------------

// Reads all that the store holds, of all namespaces, page by page (domain/export_record.h). A page
// is of one instant, and different ones need not be. Reply: RecordsReply.
// Errors: kInvalid, the cursor.
struct ExportRecords {
  std::string_view cursor;        // empty: from the beginning; else what the page before gave
  std::uint64_t records_max = 0;  // 0, and more than there may be: as many as there may be
  std::uint64_t bytes_max = 0;
};
// Takes records, all or none: what is there and equal is left as it is. Reply: ImportReply.
// Errors: those of TakeRecord; kInvalid for one that differs from what is there, or whose work spec
// is neither there nor among the records before it; kOverLimit.
struct ImportRecords {
  std::string_view records;  // a CBOR sequence
};

using Command =
    std::variant<RequestWork, UpdateWorkUnits, AddWorkUnits, CreateNamespace, ListNamespaces,
                 DestroyNamespace, SetWorkSpec, GetWorkSpec, GetWorkSpecMeta, SetWorkSpecMeta,
                 ListWorkSpecs, DeleteWorkSpec, ClearWorkSpecs, CountWorkUnits, ListWorkUnits,
                 GetWorkUnits, PrioritizeWorkUnits, SetWorkUnitMeta, DeleteWorkUnits,
                 RetryWorkUnits, ChangeAttempts, ReleaseAttempts, MakeAttempt, GetAttempt,
                 ListUnitAttempts, ListWorkerAttempts, Heartbeat, UpdateWorker, UnregisterWorker,
                 GetWorker, ListWorkers, GetChildWorkUnits, GetSummary, ApplyRetention, ChangeLocks,
                 ReadLocks, DropLocks, ExportRecords, ImportRecords>;

// True if the command may be executed in steps, so that its outcome comes after the batch.
bool MayBeLong(const Command& command);

// True if it concerns all namespaces, whatever the submission's, which is not made for it.
bool IsOfAllNamespaces(const Command& command);

// True if executing the command twice does what executing it once does: it reads, or at most makes
// the worker that it reads. So it may be sent again where its answer was lost.
bool IsRepeatable(const Command& command);

template <typename T, typename... Types>
inline constexpr bool kIsOneOf = (std::is_same_v<T, Types> || ...);

}  // namespace coord

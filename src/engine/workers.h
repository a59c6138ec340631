// SPDX-License-Identifier: MIT
// The workers of one namespace as the engine keeps them.
#pragma once

#include <absl/container/btree_map.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "domain/command.h"
#include "engine/attempts.h"
#include "engine/heap_bytes.h"
#include "engine/shared.h"

namespace coord {

class WorkerTable;
struct Namespace;

// Workers by name.
using WorkerIndex = absl::btree_map<std::string_view, Worker*>;
// A worker, or only the name of one: a record stays for as long as it is known, an attempt is by
// it, or another worker names it as parent.
struct Worker {
  std::string name;
  RowId row = 0;
  WorkerTable* table = nullptr;
  Worker* parent = nullptr;
  WorkerIndex children;
  WorkerIndex shown_children;  // all of them that are shown, and some that have expired since
  bool known = false;          // false: only a name; the fields below mean nothing
  bool active = false;
  bool heartbeat = false;  // has sent one since it became known
  std::string mode;        // one encoded CBOR item
  HeapBytes data;          // null: an empty map
  WallTime last_update = kNoTime;
  WallTime last_heartbeat = kNoTime;
  WallTime expiration = kNoTime;
  WallTime inactive_since = kNoTime;
  WallTime forget_at = kNoTime;  // where it stands in the order of forgetting; kNoTime: nowhere
  AttemptList open_attempts;     // pending or lapsed, not ended by anybody
  AttemptList ended_attempts;
  WallTime write_at = kNoTime;  // where it stands among the unwritten; kNoTime: nowhere
  bool changed = false;         // listed in the journal's changed rows
  bool dropped = false;         // gone, but for a journal that may take that back

  bool Shown(WallTime now) const { return known && heartbeat && active && expiration > now; }
};

class WorkerTable {
 public:
  // Both outlive the table.
  WorkerTable(Shared& shared, const Namespace& name_space)
      : shared_(shared), attempts_(shared.attempts), name_space_(name_space) {}
  WorkerTable(const WorkerTable&) = delete;
  WorkerTable& operator=(const WorkerTable&) = delete;

  // How long a worker that did not say lives, and how long one that is gone is remembered.
  static constexpr Duration kDefaultLifetime = std::chrono::minutes(15);
  static constexpr Duration kRemembered = std::chrono::hours(24);
  // How late the last update of a worker that asked for work may be written.
  static constexpr Duration kUpdateLate = std::chrono::minutes(1);

  const Namespace& name_space() const { return name_space_; }

  // The worker's record if it is known, else nullptr. O(log n), as all that take a name.
  Worker* Find(std::string_view name);

  // The record of that name, known or only a name with attempts or children; nullptr: none.
  Worker* FindRecord(std::string_view name);

  // The record of that name, made where there is none: for a caller that gives it an attempt or a
  // child, or makes it known.
  Worker& RecordOf(std::string_view name);

  // The worker of that name; one that is unknown is made, as domain.md section 1 says.
  Worker& Ask(std::string_view name, WallTime now);

  // Notes that the worker asked for work.
  void Touch(Worker& worker, WallTime now);
  // Has the last updates written that are due by `now`, or all of them.
  static void WriteLate(Shared& shared, std::optional<WallTime> now);
  // Records a heartbeat or its REST equivalent; an unknown parent is made.
  void Activate(Worker& worker, std::string_view mode, Data data, WallTime last_update,
                WallTime expiration);
  // Marks it inactive and empties its active list; its pending attempts go on.
  void Deactivate(Worker& worker, WallTime now);
  // nullptr: no parent.
  void SetParent(Worker& worker, Worker* parent);

  // Puts a new attempt into that list of its worker's to which it belongs.
  void ListNew(AttemptRef ref);
  // Puts one that was renewed back into the active list, wherever it is.
  void Relist(AttemptRef ref);
  // Moves it to the ended ones, if it is not there yet.
  void ListAsEnded(AttemptRef ref);
  // Takes an attempt off its worker's lists for good.
  void Unlist(AttemptRef ref);
  // As Unlist, for one that was deleted with the whole set of its unit: nothing brings it back.
  void UnlistFreed(AttemptRef ref);

  // Forgets a worker whose time to be forgotten has come, or puts that off while it holds a pending
  // attempt.
  void Forget(Worker& worker, WallTime now);

  // Adds the image of a worker's row that the journal listed.
  void TakeRow(Worker& worker, RowChanges& out);
  // No worker is listed any more.
  void ForgetMarks();

  // The record that its row tells of: a worker without attempts, children or parent.
  Worker& Load(const WorkerRow& row);
  // Makes a worker that is unknown what it was in another store; numbers in the row mean nothing.
  void Import(const WorkerRow& row, std::optional<std::string_view> parent);
  // Puts a loaded attempt into the list that `open` tells.
  void LoadAttempt(AttemptRef ref);

  // Nobody can reach these workers any more: they go when the last attempt by them does.
  void Abandon() { abandoned_ = true; }

  // Frees up to `budget` records of a table that nobody uses any more, once no attempt is by them;
  // returns true when nothing is left.
  bool FreeSome(std::size_t budget);

  // Calls `visit` for known workers with names after `after`, in name order, until it returns
  // false.
  void Visit(std::optional<std::string_view> after, const std::function<bool(Worker&)>& visit);
  // The same for those that are shown. Cost: those visited, and once each those that expired.
  void VisitShown(std::optional<std::string_view> after, WallTime now,
                  const std::function<bool(Worker&)>& visit);
  // The shown children of a worker, in name order.
  static void VisitShownChildren(Worker& parent, WallTime now,
                                 const std::function<void(Worker&)>& visit);

 private:
  void Schedule(Worker& worker);
  void Unschedule(Worker& worker);
  void ListAsShown(Worker& worker);
  void UnlistAsShown(Worker& worker);
  // Where changes of this table are noted: nowhere once it cannot come back.
  Journal* journal() const { return abandoned_ ? nullptr : shared_.journal; }
  void DropIfUnused(Worker& worker);
  void Fill(Worker& worker, const WorkerRow& row);
  void Attach(Worker& worker, Worker* parent);
  static AttemptList& ListOf(const Attempt& attempt) {
    return attempt.open() ? attempt.worker->open_attempts : attempt.worker->ended_attempts;
  }
  void Move(AttemptRef ref, bool open, bool orphaned);
  void Place(AttemptRef ref, bool open, bool orphaned);
  void MarkChanged(Worker& worker);
  void UnlistUnwritten(Worker& worker);
  void Note(Worker& worker);

  Shared& shared_;
  AttemptPool& attempts_;
  const Namespace& name_space_;
  bool abandoned_ = false;
  absl::btree_map<std::string, std::unique_ptr<Worker>, std::less<>> records_;
  WorkerIndex known_;
  WorkerIndex shown_;  // all that are shown, and some that have expired since
};

}  // namespace coord

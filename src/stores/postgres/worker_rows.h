// SPDX-License-Identifier: MIT
// Workers as one transaction sees and changes them.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/export_record.h"
#include "stores/postgres/images.h"
#include "stores/postgres/transaction.h"

namespace coord {

// Last updates that are not written yet: they may be a minute late (spec/domain.md, section 1).
// Belongs to a daemon, not to a transaction.
class LateUpdates {
 public:
  static constexpr Duration kLateMax = std::chrono::minutes(1);

  void Note(PgId worker, WallTime when) { times_[worker] = when; }
  void Forget(PgId worker) { times_.erase(worker); }
  // kNoTime: none.
  WallTime Of(PgId worker) const {
    const auto found = times_.find(worker);
    return found == times_.end() ? kNoTime : found->second;
  }
  bool empty() const { return times_.empty(); }
  void TakeOver(LateUpdates& other) {
    for (const auto& [worker, when] : other.TakeAll()) {
      WallTime& time = times_.try_emplace(worker, when).first->second;
      time = std::max(time, when);
    }
  }
  std::map<PgId, WallTime> TakeAll() { return std::exchange(times_, {}); }

 private:
  std::map<PgId, WallTime> times_;
};

class Workers {
 public:
  Workers(PgTransaction& transaction, LateUpdates& late) : transaction_(transaction), late_(late) {}

  // Reads those that have not been read yet.
  void Load(PgId name_space, std::span<const std::string_view> names);
  // Has them read with the transaction's next statements, which must come before they are asked
  // for; returns whether there are any.
  bool Prefetch(PgId name_space, std::span<const std::string_view> names);
  // The worker if it is known, else nullptr.
  WorkerImage* Find(PgId name_space, std::string_view name);
  // The record of that name, known or not; nullptr: none.
  WorkerImage* FindRecord(PgId name_space, std::string_view name);
  // The record of that name, made where there is none: only a name then.
  WorkerImage& RecordOf(PgId name_space, std::string_view name);
  // Makes a worker that is unknown what it was in another store.
  void Admit(PgId name_space, const WorkerRecord& record);
  // The worker of that name; one that is unknown is made, as domain.md section 1 says.
  WorkerImage& Ask(PgId name_space, std::string_view name);

  // Notes that it asked for work.
  void Touch(WorkerImage& worker);
  void Activate(WorkerImage& worker, std::string_view mode, Data data, WallTime last_update,
                WallTime expiration);
  // Marks it inactive and empties its active list; its pending attempts go on.
  void Deactivate(WorkerImage& worker);
  void SetParent(WorkerImage& worker, const WorkerImage* parent);

  // Adds the statements that write all changes.
  void AddChanges(std::vector<PgStatement>& statements);
  // Has them written before the transaction's next statement.
  void Flush();
  // When the first of those that were written is to be forgotten; kNoTime: none.
  WallTime earliest_due() const { return earliest_due_; }
  // Forgets a namespace's images.
  void Forget(PgId name_space);

  // Columns that TakeWorker() reads, of "workers w".
  static const char* Columns();
  // Reads a row whose first columns are those.
  static void TakeWorker(const PgRows& rows, int row, WorkerImage& worker);
  // Applies what has not been written yet.
  void ApplyLate(WorkerImage& worker) const;

 private:
  using Key = std::pair<PgId, std::string>;

  void TakeAll(PgId name_space, const PgRows& rows);

  PgTransaction& transaction_;
  LateUpdates& late_;
  WallTime earliest_due_ = kNoTime;
  std::map<Key, std::unique_ptr<WorkerImage>> workers_;  // nullptr: there is none
};

// When a worker that is known is to be forgotten.
WallTime ForgetTime(const WorkerImage& worker);

}  // namespace coord

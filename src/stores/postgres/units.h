// SPDX-License-Identifier: MIT
// Work units and their attempts as one transaction sees and changes them.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/export_record.h"
#include "domain/unit_items.h"
#include "stores/postgres/catalog.h"
#include "stores/postgres/daemon_state.h"
#include "stores/postgres/images.h"
#include "stores/postgres/transaction.h"
#include "stores/postgres/unit_loader.h"

namespace coord {

struct UnitKey {
  SpecImage* spec = nullptr;
  std::string_view name;
  bool with_row = true;  // false: its own row is likely not to be needed if it is running
};

// What has been read is locked until the transaction ends, so that it stays as it is. Changes are
// made to the images and written by Flush().
class Units {
 public:
  // All outlive it.
  Units(PgTransaction& transaction, Catalog& catalog, PgDaemonState& state)
      : transaction_(transaction), catalog_(catalog), state_(state) {}

  // Reads all that have not been read yet, with few statements.
  void Load(std::span<const UnitKey> keys);
  // The unit, or nullptr.
  UnitImage* Find(SpecImage& spec, std::string_view name);
  // The image of that unit, with `exists` unset where there is none.
  UnitImage& ImageOf(SpecImage& spec, std::string_view name);
  // The unit's own row, read now where it was not yet. The unit exists.
  UnitRow& RowOf(UnitImage& unit);
  // Whether what is asked of a running attempt needs its unit's row.
  static bool NeedsRow(const SpecImage& spec, AttemptEvent event);

  // The attempt of that number among those of the unit, or nullptr.
  AttemptImage* FindAttempt(UnitImage& unit, PgId id);
  // All attempts, oldest first.
  std::vector<AttemptImage*> History(UnitImage& unit);

  // Calls `change` and sees to it that counts follow the unit's status.
  template <typename Change>
  void Update(UnitImage& unit, Change change) {
    std::optional<WorkUnitStatus> before;
    if (unit.exists) before = StatusOf(unit, transaction_.now());
    change();
    Moved(unit, before);
  }

  // By the rules of "adding a unit".
  void Add(SpecImage& spec, const UnitItem& item, double default_priority, bool only_new);
  // Adds a unit that is not there as it was in another store. `worker_of` gives the records of the
  // workers that its attempts name.
  using WorkerOf = std::function<const WorkerImage&(std::string_view)>;
  void Admit(SpecImage& spec, const WorkUnitRecord& record, const WorkerOf& worker_of);
  void ClearActive(UnitImage& unit);
  // With all its attempts.
  void Erase(UnitImage& unit);
  void SetData(UnitImage& unit, std::string_view data);
  void SetPriority(UnitImage& unit, double priority);

  AttemptImage& StartAttempt(UnitImage& unit, const WorkerImage& worker, Duration lifetime);
  // What is asked of an attempt. Errors: those of NextAttemptState, kLostLease.
  Result<void> ApplyEvent(AttemptImage& attempt, AttemptEvent event, Duration duration, Data data,
                          bool never_shorten = false);

  // A unit whose row among the available a statement has just deleted, and which no image tells
  // of. An active attempt that it had, lapsed, is not the active one any more.
  UnitImage& TakeClaimed(SpecImage& spec, std::string_view name, UnitRow row, std::uint32_t tries);
  // Adds the statements that write all changes. That another daemon added the same unit meanwhile
  // is a conflict.
  void AddChanges(std::vector<PgStatement>& statements);
  // Has all changes written before the transaction's next statement.
  void Flush();
  // Forgets all units of a spec: they are deleted as a whole.
  void Forget(const SpecImage& spec);
  // Flushes, and forgets all images, because statements are going to change rows themselves.
  void Drop();

 private:
  using Key = std::pair<PgId, std::string>;

  void NoteLapse(UnitImage& unit);
  static void Count(UnitImage& unit, WorkUnitStatus status, std::int64_t by);
  // `before`: its status, if it existed.
  void Moved(UnitImage& unit, std::optional<WorkUnitStatus> before);
  void Touch(UnitImage& unit);
  void EndAttempt(AttemptImage& attempt, const AttemptTransition& transition, bool active,
                  Duration delay);
  void Chain(const AttemptImage& attempt);
  void Replace(UnitImage& unit, UnitRow row);

  PgTransaction& transaction_;
  Catalog& catalog_;
  PgDaemonState& state_;
  absl::flat_hash_map<Key, std::unique_ptr<UnitImage>> units_;
  std::vector<UnitImage*> dirty_;
  Arena scratch_;
};

}  // namespace coord

// SPDX-License-Identifier: MIT
// What the engine changed since a moment: which rows, and how to take it back.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "domain/command.h"
#include "engine/attempts.h"
#include "engine/rows.h"
#include "engine/undo_log.h"

namespace coord {

class UnitTable;
struct Namespace;
struct Spec;
struct Worker;

// Rows whose image has to be written. A record carries a mark while it is listed here, so that it
// is listed once; what was deleted stays in memory until the deletion is kept, so that the pointers
// stay good.
struct ChangedRows {
  std::vector<Namespace*> namespaces;
  std::vector<Spec*> specs;
  std::vector<Worker*> workers;
  std::vector<std::pair<UnitTable*, UnitId>> units;
  std::vector<AttemptRef> attempts;
  std::vector<std::pair<Namespace*, std::string>> locks;  // encoded paths; may be listed again
  // Waste that is being freed: rows of what was deleted as a whole.
  std::vector<RowId> freed_units;
  std::vector<RowId> freed_attempts;
  std::vector<RowId> freed_workers;

  std::size_t size() const {
    return namespaces.size() + specs.size() + workers.size() + units.size() + attempts.size() +
           locks.size() + freed_units.size() + freed_attempts.size() + freed_workers.size();
  }
  bool empty() const { return size() == 0; }
};

struct Journal {
  UndoLog undo;
  ChangedRows rows;
};

}  // namespace coord

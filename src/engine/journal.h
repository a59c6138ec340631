// SPDX-License-Identifier: MIT
// What the engine changed since a moment: which rows, and how to take it back.
#pragma once

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

  bool empty() const {
    return namespaces.empty() && specs.empty() && workers.empty() && units.empty() &&
           attempts.empty() && locks.empty() && freed_units.empty() && freed_attempts.empty() &&
           freed_workers.empty();
  }
};

struct Journal {
  UndoLog undo;
  ChangedRows rows;
};

}  // namespace coord

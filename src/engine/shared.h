// SPDX-License-Identifier: MIT
// What all tables of one engine have in common.
#pragma once

#include <absl/container/btree_set.h>

#include <utility>

#include "base/clock.h"
#include "engine/attempts.h"
#include "engine/journal.h"
#include "engine/rows.h"

namespace coord {

// Workers by the time at which something is to be done about them.
using WorkersByTime = absl::btree_set<std::pair<WallTime, Worker*>>;

struct Shared {
  AttemptPool attempts;
  WorkersByTime forgetting;    // when they are to be forgotten: those of all namespaces
  WorkersByTime unwritten;     // whose last update is to be written by then
  Journal* journal = nullptr;  // where changes are noted; nullptr: nowhere
  LastIds last;

  void MarkChanged(AttemptRef ref) {
    Attempt& attempt = attempts[ref];
    if (journal == nullptr || attempt.changed()) return;
    attempt.set_changed(true);
    journal->rows.attempts.push_back(ref);
  }
};

}  // namespace coord

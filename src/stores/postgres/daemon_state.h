// SPDX-License-Identifier: MIT
// What a daemon keeps from one transaction to the next, and can lose.
#pragma once

#include "base/rng.h"
#include "domain/store.h"
#include "stores/postgres/claim_marks.h"
#include "stores/postgres/count_marks.h"
#include "stores/postgres/due_watch.h"
#include "stores/postgres/retention_marks.h"
#include "stores/postgres/transaction.h"
#include "stores/postgres/waste_marks.h"
#include "stores/postgres/worker_rows.h"

namespace coord {

struct PgDaemonState {
  Rng rng{0};
  PgIds ids;
  LateUpdates late;
  StoreStats stats;
  DueWatch due;
  ClaimMarks claims;
  CountMarks counts;
  RetentionMarks retention;
  WasteMarks waste;
  SetBacks to_tell;  // to other daemons

  void NoteAvailable(const SetBacks& set_backs) {
    claims.SetBack(set_backs);
    MergeSetBacks(to_tell, set_backs);
  }
};

}  // namespace coord

// SPDX-License-Identifier: MIT
// What the database needs done besides commands, in statements of bounded length. Several daemons
// may do it at the same time.
#pragma once

#include <vector>

#include "stores/postgres/transaction.h"
#include "stores/postgres/worker_rows.h"

namespace coord {

// Makes units available whose lease has ended or whose delay is over; returns the generations that
// they are of, some of them more than once. Cost: the number of those units.
std::vector<PgId> ApplyDue(PgTransaction& transaction);

// When something will happen by the clock alone; kNoTime: never as it stands now.
struct DueTimes {
  WallTime units = kNoTime;    // ApplyDue() will have something to do
  WallTime workers = kNoTime;  // ForgetWorkers() will
};
DueTimes ReadDueTimes(PgTransaction& transaction);

// These return true if there is more to do now.
// Forgets workers that have been gone for a day.
bool ForgetWorkers(PgTransaction& transaction);
// Deletes rows of units that were deleted as a whole.
bool DeleteWaste(PgTransaction& transaction);

// Makes one row of many in the counters of each spec that has gathered many.
void FoldCounts(PgTransaction& transaction);
// Writes last updates that were put off.
void WriteLateUpdates(PgTransaction& transaction, LateUpdates& late);

}  // namespace coord

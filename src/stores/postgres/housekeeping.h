// SPDX-License-Identifier: MIT
// What the database needs done besides commands, in statements of bounded length. Several daemons
// may do it at the same time.
#pragma once

#include <vector>

#include "stores/postgres/transaction.h"
#include "stores/postgres/waste_marks.h"
#include "stores/postgres/worker_rows.h"

namespace coord {

// Makes units available whose lease has ended or whose delay is over. Cost: the number of those
// units.
struct DueUnits {
  std::vector<PgId> generations;  // that they are of, some of them more than once
  std::uint64_t lapsed = 0;       // of those, by the end of a lease
};
DueUnits ApplyDue(PgTransaction& transaction);

// When something will happen by the clock alone; kNoTime: never as it stands now. The statement
// that asks, and its answer.
struct DueTimes {
  WallTime units = kNoTime;    // ApplyDue() will have something to do
  WallTime workers = kNoTime;  // ForgetWorkers() will
};
PgStatement AskDueTimes(WallTime now);
DueTimes ReadDueTimes(const PgRows& rows);

// These return true if there is more to do now.
// Forgets workers that have been gone for a day.
bool ForgetWorkers(PgTransaction& transaction);
// Deletes rows of units that were deleted as a whole.
bool DeleteWaste(PgTransaction& transaction, WasteMarks& marks);

// Makes one row of many in the counters of each spec that has gathered many. Gives the generation,
// the new row's number, and the transaction's.
PgStatement AskToFoldCounts();
// Writes last updates that were put off.
void WriteLateUpdates(PgTransaction& transaction, LateUpdates& late);

}  // namespace coord

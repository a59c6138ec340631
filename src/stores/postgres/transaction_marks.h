// SPDX-License-Identifier: MIT
// How a daemon knows whether a transaction was committed when the connection broke in between.
//
// Each transaction that changes something writes a number of its own into `committed`. Whoever
// wants to know writes the same number again, as settled: where the row is there, the transaction
// was committed; where it is still under way, the server waits for its end; and where it is not
// there, the new row keeps it from ever being committed. Unlike pg_xact_status() this is right on a
// standby that was promoted without having got the transaction, too.
#pragma once

#include <cstdint>

#include "stores/postgres/connection.h"
#include "stores/postgres/images.h"

namespace coord {

class TransactionMarks {
 public:
  // `daemon`: a number that no other daemon has or had.
  void SetDaemon(PgId daemon) { daemon_ = daemon; }

  // The statement that writes the number of a new transaction.
  PgStatement Next(WallTime now);
  // Whether the last transaction that took a number was committed; from then on it is settled. On a
  // connection without a transaction. Errors: kUnavailable.
  Result<bool> WasCommitted(PgConnection& connection, WallTime now) const;

  // The statement that deletes the numbers of all transactions but the last.
  PgStatement DropSettled() const;
  // The statement that deletes numbers of daemons that have been gone for a day.
  static PgStatement DropOld(WallTime now);

 private:
  PgId daemon_ = 0;
  std::int64_t number_ = 0;
};

}  // namespace coord

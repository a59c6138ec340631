// SPDX-License-Identifier: MIT
// Turns what has changed in images into statements.
#pragma once

#include <vector>

#include "stores/postgres/claim_marks.h"
#include "stores/postgres/images.h"
#include "stores/postgres/parameters.h"
#include "stores/postgres/transaction.h"

namespace coord {

// Gathers the changes of many units, so that all rows of one kind are written by one statement.
class UnitWriter {
 public:
  explicit UnitWriter(WallTime now) : now_(now) {}

  // Takes the changes of a unit and of its attempts; the image then says that they are stored.
  void Write(UnitImage& unit);

  // The statements, in the order in which they have to be run.
  std::vector<PgStatement> TakeStatements();

  // Of what has been written: when the first lease or delay ends, or kNoTime; and where units have
  // become available.
  WallTime earliest_due() const { return earliest_due_; }
  const SetBacks& set_backs() const { return set_backs_; }

 private:
  struct Keys {
    PgArray generation{PgType::kInt8};
    PgArray name{PgType::kBytea};
    void Add(const UnitImage& unit);
  };
  struct UnitRows : Keys {
    PgArray priority{PgType::kFloat8};
    PgArray not_before{PgType::kInt8};
    PgArray data{PgType::kBytea};
    void Add(const UnitImage& unit);
  };
  struct RestingRows : Keys {
    PgArray claim_order{PgType::kFloat8};
    PgArray until{PgType::kInt8};
    PgArray tries{PgType::kInt4};
    PgArray lapsed{PgType::kBool};
    void Add(const UnitImage& unit, const RestingRow& row);
  };
  struct AttemptRows : Keys {
    PgArray id{PgType::kInt8};
    PgArray worker{PgType::kInt8};
    PgArray active{PgType::kBool};
    PgArray lapsed{PgType::kBool};
    PgArray orphaned{PgType::kBool};
    PgArray kind{PgType::kInt4};
    PgArray status{PgType::kInt4};
    PgArray tries{PgType::kInt4};
    PgArray start{PgType::kInt8};
    PgArray expiration{PgType::kInt8};
    PgArray end{PgType::kInt8};
    PgArray data{PgType::kBytea};
    void Add(const AttemptImage& attempt, bool is_active, bool has_lapsed, std::int64_t new_kind);
  };

  void WriteRow(UnitImage& unit);
  void WriteResting(UnitImage& unit);
  void WriteAttempt(UnitImage& unit, AttemptImage& attempt);

  const WallTime now_;
  WallTime earliest_due_ = kNoTime;
  SetBacks set_backs_;
  Keys purge_;
  UnitRows insert_units_;
  UnitRows update_units_;
  RestingRows delete_available_;
  RestingRows insert_available_;
  RestingRows delete_delayed_;
  RestingRows insert_delayed_;
  AttemptRows insert_open_;
  AttemptRows update_open_;
  AttemptRows delete_open_;
  AttemptRows insert_ended_;
  AttemptRows update_ended_;
};

}  // namespace coord

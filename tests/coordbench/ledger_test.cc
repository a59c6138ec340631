// SPDX-License-Identifier: MIT
// The ledger is what --verify trusts: each violation that it must see is made here.
#include "cmd/coordbench/ledger.h"

#include <gtest/gtest.h>

namespace coord::bench {
namespace {

using Verdict = UnitLedger::Verdict;

TEST(UnitLedgerTest, FollowsAUnitFromAddToFinish) {
  UnitLedger ledger;
  ledger.Added(0, 2);
  EXPECT_EQ(ledger.Leased(1, 7), Verdict::kFine);
  EXPECT_EQ(ledger.Finished(1, 7), Verdict::kFine);
  EXPECT_EQ(ledger.added(), 2U);
  EXPECT_EQ(ledger.finished(), 1U);
}

TEST(UnitLedgerTest, SeesAUnitThatWasNeverAdded) {
  UnitLedger ledger;
  ledger.Added(0, 2);
  EXPECT_EQ(ledger.Leased(2, 7), Verdict::kUnknownUnit);
  EXPECT_EQ(ledger.Finished(UINT64_MAX, 7), Verdict::kUnknownUnit);
}

TEST(UnitLedgerTest, SeesAUnitGivenToTwo) {
  UnitLedger ledger;
  ledger.Added(0, 1);
  EXPECT_EQ(ledger.Leased(0, 7), Verdict::kFine);
  EXPECT_EQ(ledger.Leased(0, 8), Verdict::kHeldByAnother);
  EXPECT_EQ(ledger.Leased(0, 7), Verdict::kHeldByAnother);
}

TEST(UnitLedgerTest, SeesAStrangerFinish) {
  UnitLedger ledger;
  ledger.Added(0, 1);
  EXPECT_EQ(ledger.Finished(0, 7), Verdict::kHeldByAnother);
  EXPECT_EQ(ledger.Leased(0, 7), Verdict::kFine);
  EXPECT_EQ(ledger.Finished(0, 8), Verdict::kHeldByAnother);
}

TEST(UnitLedgerTest, SeesAFinishedUnitComeBack) {
  UnitLedger ledger;
  ledger.Added(0, 1);
  EXPECT_EQ(ledger.Leased(0, 7), Verdict::kFine);
  EXPECT_EQ(ledger.Finished(0, 7), Verdict::kFine);
  EXPECT_EQ(ledger.Leased(0, 7), Verdict::kAlreadyFinished);
  EXPECT_EQ(ledger.Finished(0, 7), Verdict::kAlreadyFinished);
}

}  // namespace
}  // namespace coord::bench

// SPDX-License-Identifier: MIT
#include "cmd/coordbench/ledger.h"

namespace coord::bench {

const char* Describe(UnitLedger::Verdict verdict) {
  switch (verdict) {
    case UnitLedger::Verdict::kFine:
      return "fine";
    case UnitLedger::Verdict::kUnknownUnit:
      return "a unit that was never added";
    case UnitLedger::Verdict::kHeldByAnother:
      return "a unit that this worker does not hold, or another does";
    case UnitLedger::Verdict::kAlreadyFinished:
      return "a unit that is finished already";
  }
  return "";
}

}  // namespace coord::bench

// SPDX-License-Identifier: MIT
// How GoogleTest shows the project's types when an expectation fails. Included by all tests here,
// so that each type is printed in one way.
#pragma once

#include <iosfwd>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "domain/command.h"
#include "domain/status.h"
#include "owned.h"
#include "value/value.h"

namespace coord {

// Python's notation, so that kinds can be told apart: b'..', (1, 2), 1.0.
std::string ToDebugText(const Value& value);
// Seconds since the epoch with microseconds, or "no time". Times are compared through this in
// tests, since GoogleTest can only show a std::chrono type's bytes.
std::string ToDebugText(WallTime time);

// GoogleTest finds these by their names.
void PrintTo(const Value& value, std::ostream* out);
void PrintTo(ErrorCode code, std::ostream* out);
void PrintTo(WorkUnitStatus status, std::ostream* out);
void PrintTo(AttemptStatus status, std::ostream* out);
void PrintTo(AttemptId id, std::ostream* out);

}  // namespace coord

namespace coord::testing {

void PrintTo(const OwnedAttempt& attempt, std::ostream* out);
void PrintTo(const OwnedUnit& unit, std::ostream* out);
void PrintTo(const OwnedUpdate& update, std::ostream* out);
void PrintTo(const OwnedWorker& worker, std::ostream* out);
void PrintTo(const OwnedRecord& record, std::ostream* out);

// An outcome as one line, for traces.
std::string ToDebugText(const OwnedOutcome& outcome);

}  // namespace coord::testing

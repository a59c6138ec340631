// SPDX-License-Identifier: MIT
// Operations and what differed, in words.
#pragma once

#include <optional>
#include <string>

#include "client.h"
#include "model.h"

namespace coord::testing {

// For the trace.
std::string Seconds(Duration duration);
std::string Text(const std::optional<Map>& data);
std::string Text(const Strings& names);
std::string Text(const Query& query);
std::string Text(const Held& held);
std::string Text(Failure failure);
std::string Text(const Update& update);

// What did not agree, or nothing.
Mismatch Differ(const std::string& what, const std::string& expected, const std::string& got);
Mismatch Compare(const std::string& what, Failure expected, Failure got);
Mismatch Compare(const std::string& what, std::uint64_t expected, std::uint64_t got);

// The error in an outcome, or kOk.
Failure FailureOf(const OwnedOutcome& outcome);

}  // namespace coord::testing

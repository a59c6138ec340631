// SPDX-License-Identifier: MIT
// Times as RFC 3339 texts.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace coord {

// "No time".
inline constexpr std::string_view kNoTimeText = "0001-01-01T00:00:00Z";

// Appends "2026-01-31T12:00:00.123456Z", or kNoTimeText for kNoTime.
void AppendTime(std::string& out, WallTime time);

// Reads a time with any offset, a fraction of any length (cut to microseconds) or none. The year 1
// is kNoTime; what else is before the epoch is held at it. Nothing for any other text.
std::optional<WallTime> ReadTime(std::string_view text);

}  // namespace coord

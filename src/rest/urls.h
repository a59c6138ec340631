// SPDX-License-Identifier: MIT
// The URLs of resources, as absolute paths, and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/clock.h"
#include "base/result.h"
#include "domain/command.h"

namespace coord {

// Each appends the path of one resource; what lies below it is appended behind that.
void AppendNamespaceUrl(std::string& out, std::string_view name_space);
void AppendWorkSpecUrl(std::string& out, std::string_view name_space, std::string_view spec);
void AppendWorkUnitUrl(std::string& out, std::string_view name_space, std::string_view spec,
                       std::string_view unit);
void AppendWorkerUrl(std::string& out, std::string_view name_space, std::string_view worker);

// The last segment of an attempt's URL: its start, so that an id of another store's life is told
// from it, and its id.
void AppendAttemptSegment(std::string& out, WallTime start, AttemptId id);
struct AttemptSegment {
  WallTime start = kNoTime;
  AttemptId id{0};
};
// Nothing where no server wrote it: there is no such attempt.
std::optional<AttemptSegment> ReadAttemptSegment(std::string_view segment);

struct AttemptUrl {
  std::string_view name_space;
  AttemptKey key;  // with worker and start
};
// Reads the URL of an attempt, an absolute path without a query. Errors: kInvalid; kGone where no
// server wrote the last segment.
Result<AttemptUrl> ReadAttemptUrl(std::string_view url, Arena& arena);

}  // namespace coord

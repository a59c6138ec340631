// SPDX-License-Identifier: MIT
// How a job is divided among two sessions.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "domain/command.h"
#include "domain/store.h"

namespace coord {

struct JobParts {
  std::vector<Submission> first;
  std::vector<Submission> second;
};

// Divides commands into two parts of about the same number of units. All of one client are in the
// same part, in their order; those of one that asks for anything but work on units, in the first.
// Nothing where the commands concern fewer than `divide_from` units, or one part would have most of
// them.
std::optional<JobParts> DivideJob(std::span<const Submission> submissions, std::size_t divide_from);

}  // namespace coord

// SPDX-License-Identifier: MIT
// What kind of outcome a command has, for those who get it from somebody whom they do not trust.
#pragma once

#include <cstddef>
#include <optional>

#include "domain/command.h"
#include "domain/outcome.h"

namespace coord {

struct OutcomeShape {
  std::size_t kind = 0;              // its index in Outcome
  std::optional<std::size_t> items;  // how many its list has, where the command says
};

// The shape of what a command is answered with where that is no error.
OutcomeShape ShapeOf(const Command& command);

// True if the outcome can be given to whoever asked.
bool HasShape(const Outcome& outcome, const OutcomeShape& shape);

}  // namespace coord

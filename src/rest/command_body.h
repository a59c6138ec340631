// SPDX-License-Identifier: MIT
// Any command, and any outcome, as a body: what the resource `command_url` takes and gives. A store
// that speaks to another daemon says all that it has to say by it.
#pragma once

#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "domain/command.h"
#include "domain/outcome.h"
#include "rest/field_reader.h"

namespace coord {

// Appends the command: a map with its name under "command" and its fields beside that.
void WriteCommand(const Command& command, std::string& out);

// Reads a command out of one encoded item, into which and the arena it points. Names and numbers
// are checked as those of other requests. Errors: kInvalid and others of bad input.
Result<Command> ReadCommand(std::string_view item, Arena& arena);

// Appends an outcome that is no Error, which has a document of its own: a map with its kind under
// "outcome" and its fields beside that.
void WriteOutcome(const Outcome& outcome, std::string& out);

// Reads outcomes. They point into what was read and into the reader.
class OutcomeReader {
 public:
  // The error kCorrupt where it is no outcome.
  Outcome Read(std::string_view item);

 private:
  Arena arena_;
  FieldReader fields_{arena_};
};

}  // namespace coord

// SPDX-License-Identifier: MIT
// A question to the store that takes several commands.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/arena.h"
#include "domain/store.h"

namespace coord {

struct HttpFacts;
struct PathNames;
class Response;

// Asks step by step: what one step brings may decide what the next asks. The commands of a step are
// executed together, and others come between the steps. An exchange owns it and works on one at a
// time.
class Inquiry : public OutcomeSink {
 public:
  // The commands of the next step, at least one. They borrow from the arena and from the inquiry.
  std::vector<Command> BeginStep(Arena& arena);

  // Must come in the order of the step's commands. Engine's thread.
  void OnOutcome(std::uint64_t token, const Outcome& outcome) final;

  // True when nothing is left to ask. Meaningful between two steps.
  virtual bool done() const = 0;

  // Writes the response, once, when it is done. Engine's thread.
  virtual void Write(const PathNames& names, const HttpFacts& facts, Response& response) = 0;

 protected:
  struct Question {
    Command command;
    std::function<void(const Outcome&)> take;  // what becomes of its outcome
  };
  virtual std::vector<Question> NextStep(Arena& arena) = 0;

 private:
  std::vector<std::function<void(const Outcome&)>> takers_;  // of the step under way
  std::size_t heard_ = 0;                                    // outcomes of it
};

}  // namespace coord

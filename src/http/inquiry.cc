// SPDX-License-Identifier: MIT
#include "http/inquiry.h"

#include <utility>

#include "base/check.h"

namespace coord {

std::vector<Command> Inquiry::BeginStep(Arena& arena) {
  std::vector<Command> commands;
  takers_.clear();
  heard_ = 0;
  for (Question& question : NextStep(arena)) {
    commands.push_back(std::move(question.command));
    takers_.push_back(std::move(question.take));
  }
  COORD_CHECK(!commands.empty());
  return commands;
}

void Inquiry::OnOutcome(std::uint64_t, const Outcome& outcome) {
  COORD_CHECK(heard_ < takers_.size());
  takers_[heard_++](outcome);
}

}  // namespace coord

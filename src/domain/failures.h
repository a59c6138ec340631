// SPDX-License-Identifier: MIT
// What the data of failed units says of their failures.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "value/data.h"

namespace coord {

// The text under `traceback`; empty where there is none. Points into the data or the arena.
std::string_view TracebackIn(Data data, Arena& arena);

// What failures are counted by: the last line of a traceback, on one line and at most 200
// characters; "(no traceback)" where there is none.
std::string FailureLine(std::string_view traceback);

// Failed units counted by their FailureLine().
class FailureGroups {
 public:
  struct Group {
    std::string line;
    std::uint64_t count = 0;
    std::string example;  // the first unit that was added
  };

  void Add(std::string_view unit, std::string_view traceback);

  // The most frequent first, then by line.
  std::vector<Group> Sorted() const;

 private:
  std::map<std::string, Group> groups_;
};

}  // namespace coord

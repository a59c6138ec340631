// SPDX-License-Identifier: MIT
#include "domain/failures.h"

#include <algorithm>

#include "value/cbor_reader.h"
#include "value/readable_text.h"

namespace coord {

namespace {

constexpr std::size_t kLineMax = 200;

}  // namespace

std::string_view TracebackIn(Data data, Arena& arena) {
  return CborAsString(FindInCborMap(data.cbor(), "traceback"), arena).value_or("");
}

std::string FailureLine(std::string_view traceback) {
  std::string line = OneLine(LastLine(traceback), kLineMax);
  return line.empty() ? "(no traceback)" : line;
}

void FailureGroups::Add(std::string_view unit, std::string_view traceback) {
  const std::string line = FailureLine(traceback);
  Group& group = groups_[line];
  if (group.count == 0) group = {line, 0, std::string(unit)};
  ++group.count;
}

std::vector<FailureGroups::Group> FailureGroups::Sorted() const {
  std::vector<Group> sorted;
  for (const auto& [line, group] : groups_) sorted.push_back(group);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Group& left, const Group& right) { return left.count > right.count; });
  return sorted;
}

}  // namespace coord

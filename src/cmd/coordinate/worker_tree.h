// SPDX-License-Identifier: MIT
// The tree of workers as lines of text.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace coord {

struct TreeLine {
  std::string branch;  // what is drawn before the name: "", "|- ", "|  `- "
  std::string worker;
};

// Puts workers in the order of their tree: each parent, then its children, siblings by name.
// `children` maps a parent to its children; names that are not in `workers` are left out. Each
// worker comes once, also where parents form a cycle: that one then begins at its first name.
std::vector<TreeLine> LayOutTree(const std::vector<std::string>& workers,
                                 const std::map<std::string, std::vector<std::string>>& children);

}  // namespace coord

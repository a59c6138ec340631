// SPDX-License-Identifier: MIT
#include "cmd/coordinate/worker_tree.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace coord {

namespace {

using Children = std::map<std::string, std::vector<std::string>>;

class Layout {
 public:
  Layout(const std::vector<std::string>& workers, const Children& children)
      : left_(workers.begin(), workers.end()), children_(children) {}

  std::vector<TreeLine> Run() {
    std::set<std::string> with_parent;
    for (const auto& [parent, names] : children_) {
      if (left_.contains(parent)) with_parent.insert(names.begin(), names.end());
    }
    const std::set<std::string> all = left_;
    for (const std::string& worker : all) {
      if (!with_parent.contains(worker)) Place(worker);
    }
    // What is still left hangs in cycles.
    while (!left_.empty()) Place(std::string(*left_.begin()));
    return std::move(lines_);
  }

 private:
  struct Waiting {
    std::string worker;
    std::string above;  // the branches that pass by its line and those of its children
    bool root;
    bool last;
  };

  // Depth first with a stack of its own: a chain of parents may be as long as there are workers.
  void Place(const std::string& root) {
    std::vector<Waiting> stack{{root, "", true, true}};
    left_.erase(root);
    while (!stack.empty()) {
      const Waiting next = std::move(stack.back());
      stack.pop_back();
      lines_.push_back({next.root ? "" : next.above + (next.last ? "`- " : "|- "), next.worker});
      const std::string above = next.root ? "" : next.above + (next.last ? "   " : "|  ");
      std::vector<std::string> below = TakeChildren(next.worker);
      for (std::size_t i = below.size(); i-- > 0;) {
        stack.push_back({below[i], above, false, i + 1 == below.size()});
      }
    }
  }

  std::vector<std::string> TakeChildren(const std::string& parent) {
    std::vector<std::string> taken;
    const auto found = children_.find(parent);
    if (found == children_.end()) return taken;
    for (const std::string& child : found->second) {
      if (left_.erase(child) > 0) taken.push_back(child);
    }
    std::sort(taken.begin(), taken.end());
    return taken;
  }

  std::set<std::string> left_;
  const Children& children_;
  std::vector<TreeLine> lines_;
};

}  // namespace

std::vector<TreeLine> LayOutTree(const std::vector<std::string>& workers,
                                 const Children& children) {
  return Layout(workers, children).Run();
}

}  // namespace coord

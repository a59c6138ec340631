// SPDX-License-Identifier: MIT
// Which specs of another daemon have work for those who wait at this one, and when to look again.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "domain/store.h"
#include "stores/rest/look_around.h"

namespace coord {

// The other daemon does not tell when there is work, so it is looked at: once a second while
// somebody asks, and after each change that went through this store. Where nobody asks any more,
// that ends after a few looks. Used from the store's thread.
class AvailableWork {
 public:
  // Commands changed something in a namespace, or it had nothing for somebody.
  void NoteChange(std::string_view name_space, WallTime now);
  void NoteNothing(std::string_view name_space, WallTime now);

  // The namespaces to look at now; none where it is not time, or nobody asks.
  std::vector<std::string> NamespacesToSee(WallTime now);
  // What was seen in them.
  void Take(const std::vector<std::string>& name_spaces, std::vector<SpecSeen> seen);

  // When to look again, or when something may have fallen due at the other daemon.
  WallTime NextLook(WallTime now) const;

  // As Store::VisitAvailable().
  void Visit(WallTime now, const std::function<bool(const WorkAvailable&)>& visit);

 private:
  struct Spec {
    SpecSeen seen;
    bool noted = false;  // it may have work of which nobody has been told
  };

  std::map<std::pair<std::string, std::string>, Spec> specs_;
  std::set<std::string> changed_;                      // since the last look
  std::map<std::string, WallTime, std::less<>> used_;  // when commands were last about it
  int looks_unasked_ = 0;                              // since Visit()
  WallTime last_look_ = kNoTime;
};

}  // namespace coord

// SPDX-License-Identifier: MIT
// The tree of named locks of one namespace (spec/domain.md, section 10). Pure: time is passed in.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "domain/command.h"

namespace coord {

// Holds which path is held by whom until when. A held path shuts out itself, its prefixes and its
// extensions, for everybody. Cost of each operation: the length of the path, times log of the
// number of siblings.
class LockTree {
 public:
  // The lifetime for one that is 0 or less, and the longest one.
  static constexpr Duration kDefaultLifetime = std::chrono::seconds(60);
  static constexpr Duration kMaxLifetime = std::chrono::seconds(1'000'000);

  // Claims one path. Returns false if it, a prefix or an extension is held.
  bool Claim(LockPath path, std::string_view locker, WallTime now, Duration lifetime);

  // True if exactly this path is held by this locker.
  bool IsHeldBy(LockPath path, std::string_view locker, WallTime now) const;

  // Renews or releases a path that IsHeldBy the caller.
  void Renew(LockPath path, WallTime now, Duration lifetime);
  void Release(LockPath path);

  // Who holds exactly this path, if anybody does.
  std::optional<std::string_view> Holder(LockPath path, WallTime now) const;

  // Drops every lock under a first label.
  void Drop(std::string_view first_label);

  bool empty() const { return root_.children.empty(); }

  // Runs one whole command: all or none, or some, as it says. `held` has one place a path.
  void Apply(const ChangeLocks& command, WallTime now, std::span<bool> held);

 private:
  struct Node {
    std::map<std::string, Node, std::less<>> children;
    std::string locker;
    WallTime until = kNoTime;  // kNoTime: not held
  };

  const Node* Find(LockPath path) const;
  static bool IsHeld(const Node& node, WallTime now);
  static bool AnyHeldBelow(Node& node, WallTime now);
  static void Prune(Node& node, LockPath path);

  Node root_;
};

}  // namespace coord

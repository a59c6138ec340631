// SPDX-License-Identifier: MIT
// The tree of named locks of one namespace (spec/domain.md, section 10). Pure: time is passed in.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "domain/command.h"

namespace coord {

// Holds which path is held by whom until when. A held path shuts out itself, its prefixes and its
// extensions, for everybody: the holder and the same call included. The empty path is a prefix of
// all. A lock is held until, and not at, its last instant. Cost of each operation: the length of
// the path, times log of the number of siblings, plus the locks that have expired since the last
// change; memory: that of the locks held, and of those that expired since the last change.
class LockTree {
 public:
  // The lifetime for one that is 0 or less, and the longest one; longer ones are held at it.
  static constexpr Duration kDefaultLifetime = std::chrono::seconds(60);
  static constexpr Duration kMaxLifetime = std::chrono::seconds(1'000'000);

  // Is told of a lock before it changes, or is dropped because it has expired: its path as an
  // encoded CBOR list, and who held it until when (kNoTime: nobody).
  using Observer = std::function<void(std::string path, std::string_view locker, WallTime until)>;

  struct Lock {
    std::string_view locker;
    WallTime until = kNoTime;
  };

  // Is shown a lock and its path, as an observer is told it; returns false to see no more.
  using Visitor = std::function<bool(std::string path, const Lock& lock)>;

  LockTree();
  LockTree(LockTree&&) = default;
  LockTree& operator=(LockTree&&) = delete;
  LockTree(const LockTree&) = delete;
  LockTree& operator=(const LockTree&) = delete;
  ~LockTree();

  // Claims one path. Returns false, and changes nothing, if it, a prefix or an extension is held.
  bool Claim(LockPath path, std::string_view locker, WallTime now, Duration lifetime);

  // True if neither it nor a prefix nor an extension is held, so that it can be claimed.
  bool IsFree(LockPath path, WallTime now);

  // True if exactly this path is held by this locker.
  bool IsHeldBy(LockPath path, std::string_view locker, WallTime now) const;

  // Renews a path that IsHeldBy the caller: it is held for `lifetime` from now on.
  void Renew(LockPath path, WallTime now, Duration lifetime);
  // Releases exactly this path; nothing where it is not held.
  void Release(LockPath path);

  // Who holds exactly this path, if anybody does. The view is valid until the next change.
  std::optional<std::string_view> Holder(LockPath path, WallTime now) const;

  // Drops every lock under a first label, that of the label itself included.
  void Drop(std::string_view first_label);

  void SetObserver(Observer observer) { observer_ = std::move(observer); }

  // The lock at a path as the observer tells it, held or expired; the view is valid until the next
  // change.
  std::optional<Lock> At(std::string_view path) const;
  // Makes the lock at such a path what it was, without telling the observer. kNoTime: not held.
  void Restore(std::string_view path, std::string_view locker, WallTime until);

  // Visits the locks behind a path, or all, in the order of their labels; those that have expired
  // since the last change are among them. Cost: those visited, times their length.
  void VisitAfter(std::optional<std::string_view> after, const Visitor& visit) const;

  // True if no lock is held but such as may have expired since the last change.
  bool empty() const { return by_expiry_.empty(); }

  // Releases up to `budget` locks of a tree that nobody uses any more; true when none are left.
  bool FreeSome(std::size_t budget);

  // Runs one whole command: all or none, or some, as it says. `held` has one place a path: for
  // kLockSome it tells which were claimed, for the others all are true or all false.
  void Apply(const ChangeLocks& command, WallTime now, std::span<bool> held);

 private:
  // A node is there as long as it or one below it is held.
  struct Node {
    Node* parent = nullptr;              // nullptr: the root
    const std::string* label = nullptr;  // its key among the parent's children
    std::map<std::string, Node, std::less<>> children;
    std::string locker;
    WallTime until = kNoTime;  // kNoTime: not held
  };

  Node* Find(LockPath path) const;
  Node& Make(LockPath path);
  void SetUntil(Node& node, WallTime until);
  void Free(Node& node);
  static std::string PathOf(const Node& node);
  static const Node* NextOf(const Node& node);
  static const Node* NextBeyond(const Node& node);
  const Node* FollowerOf(LockPath path) const;
  void Tell(const Node& node) const;
  void DropExpired(WallTime now);
  bool ClaimAll(const ChangeLocks& command, WallTime now);
  bool AllHeld(const ChangeLocks& command, WallTime now) const;

  Observer observer_;
  std::unique_ptr<Node> root_;  // on the heap, so that the nodes' pointers survive a move
  std::set<std::pair<WallTime, Node*>> by_expiry_;  // the nodes that are held
};

}  // namespace coord

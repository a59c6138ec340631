// SPDX-License-Identifier: MIT
#include "domain/locks.h"

#include <algorithm>
#include <vector>

#include "domain/lock_paths.h"

namespace coord {

namespace {

WallTime EndOf(WallTime now, Duration lifetime) {
  if (lifetime <= Duration(0)) lifetime = LockTree::kDefaultLifetime;
  return AddTime(now, std::min(lifetime, LockTree::kMaxLifetime));
}

}  // namespace

// No function here recurses: a path may be as long as a message.

LockTree::LockTree() : root_(std::make_unique<Node>()) {}

LockTree::~LockTree() {
  while (!by_expiry_.empty()) Free(*by_expiry_.begin()->second);
}

bool LockTree::Claim(LockPath path, std::string_view locker, WallTime now, Duration lifetime) {
  if (!IsFree(path, now)) return false;
  Node& claimed = Make(path);
  Tell(claimed);
  claimed.locker = locker;
  SetUntil(claimed, EndOf(now, lifetime));
  return true;
}

bool LockTree::IsFree(LockPath path, WallTime now) {
  DropExpired(now);
  // Every node left is held or has a held one below it.
  const Node* node = root_.get();
  for (const std::string_view label : path) {
    if (node->until != kNoTime) return false;
    const auto child = node->children.find(label);
    if (child == node->children.end()) {
      node = nullptr;
      break;
    }
    node = &child->second;
  }
  return node == nullptr || (node->until == kNoTime && node->children.empty());
}

bool LockTree::IsHeldBy(LockPath path, std::string_view locker, WallTime now) const {
  return Holder(path, now) == locker;
}

void LockTree::Renew(LockPath path, WallTime now, Duration lifetime) {
  if (Node* node = Find(path); node != nullptr && node->until != kNoTime) {
    Tell(*node);
    SetUntil(*node, EndOf(now, lifetime));
  }
}

void LockTree::Release(LockPath path) {
  if (Node* node = Find(path); node != nullptr && node->until != kNoTime) {
    Tell(*node);
    Free(*node);
  }
}

std::optional<std::string_view> LockTree::Holder(LockPath path, WallTime now) const {
  const Node* node = Find(path);
  if (node == nullptr || node->until <= now) return std::nullopt;
  return node->locker;
}

void LockTree::Drop(std::string_view first_label) {
  while (Node* node = Find({&first_label, 1})) {
    while (!node->children.empty()) node = &node->children.begin()->second;
    Tell(*node);
    Free(*node);
  }
}

bool LockTree::FreeSome(std::size_t budget) {
  for (; !empty() && budget > 0; --budget) Free(*by_expiry_.begin()->second);
  return empty();
}

void LockTree::Apply(const ChangeLocks& command, WallTime now, std::span<bool> held) {
  DropExpired(now);
  bool all = true;
  switch (command.operation) {
    case LockOperation::kLockSome:
      for (std::size_t i = 0; i < command.paths.size(); ++i) {
        held[i] = Claim(command.paths[i], command.locker, now, command.lifetime);
      }
      return;
    case LockOperation::kLockAll:
      all = ClaimAll(command, now);
      break;
    case LockOperation::kRenew:
      all = AllHeld(command, now);
      if (!all) break;
      for (const LockPath path : command.paths) Renew(path, now, command.lifetime);
      break;
    case LockOperation::kUnlock:
      all = AllHeld(command, now);
      if (!all) break;
      for (const LockPath path : command.paths) Release(path);
      break;
  }
  std::fill(held.begin(), held.end(), all);
}

bool LockTree::ClaimAll(const ChangeLocks& command, WallTime now) {
  for (std::size_t i = 0; i < command.paths.size(); ++i) {
    if (Claim(command.paths[i], command.locker, now, command.lifetime)) continue;
    for (const LockPath claimed : command.paths.first(i)) Release(claimed);
    return false;
  }
  return true;
}

bool LockTree::AllHeld(const ChangeLocks& command, WallTime now) const {
  return std::all_of(command.paths.begin(), command.paths.end(),
                     [&](LockPath path) { return IsHeldBy(path, command.locker, now); });
}

LockTree::Node* LockTree::Find(LockPath path) const {
  Node* node = root_.get();
  for (const std::string_view label : path) {
    const auto child = node->children.find(label);
    if (child == node->children.end()) return nullptr;
    node = &child->second;
  }
  return node;
}

LockTree::Node& LockTree::Make(LockPath path) {
  Node* node = root_.get();
  for (const std::string_view label : path) {
    const auto [child, made] = node->children.try_emplace(std::string(label));
    child->second.parent = node;
    child->second.label = &child->first;
    node = &child->second;
  }
  return *node;
}

void LockTree::SetUntil(Node& node, WallTime until) {
  if (node.until != kNoTime) by_expiry_.erase({node.until, &node});
  node.until = until;
  by_expiry_.insert({until, &node});
}

std::string LockTree::PathOf(const Node& node) {
  std::vector<std::string_view> labels;
  for (const Node* at = &node; at->parent != nullptr; at = at->parent) labels.push_back(*at->label);
  std::reverse(labels.begin(), labels.end());
  return EncodeLockPath(labels);
}

void LockTree::Tell(const Node& node) const {
  if (observer_) observer_(PathOf(node), node.locker, node.until);
}

// --- In order ------------------------------------------------------------------------------------

void LockTree::VisitAfter(std::optional<std::string_view> after, const Visitor& visit) const {
  const Node* node = after ? FollowerOf(LockLabels(*after)) : root_.get();
  for (; node != nullptr; node = NextOf(*node)) {
    if (node->until != kNoTime && !visit(PathOf(*node), {node->locker, node->until})) return;
  }
}

const LockTree::Node* LockTree::NextOf(const Node& node) {
  return node.children.empty() ? NextBeyond(node) : &node.children.begin()->second;
}

// The first node that is neither this one nor below it.
const LockTree::Node* LockTree::NextBeyond(const Node& node) {
  for (const Node* at = &node; at->parent != nullptr; at = at->parent) {
    const auto next = at->parent->children.upper_bound(*at->label);
    if (next != at->parent->children.end()) return &next->second;
  }
  return nullptr;
}

// The first node after a path, whether that is there or not.
const LockTree::Node* LockTree::FollowerOf(LockPath path) const {
  const Node* node = root_.get();
  for (const std::string_view label : path) {
    const auto child = node->children.lower_bound(label);
    if (child == node->children.end()) return NextBeyond(*node);
    if (child->first != label) return &child->second;
    node = &child->second;
  }
  return NextOf(*node);
}

std::optional<LockTree::Lock> LockTree::At(std::string_view path) const {
  const Node* node = Find(LockLabels(path));
  if (node == nullptr || node->until == kNoTime) return std::nullopt;
  return Lock{node->locker, node->until};
}

void LockTree::Restore(std::string_view path, std::string_view locker, WallTime until) {
  const std::vector<std::string_view> labels = LockLabels(path);
  if (until != kNoTime) {
    Node& node = Make(labels);
    node.locker = locker;
    SetUntil(node, until);
  } else if (Node* node = Find(labels); node != nullptr && node->until != kNoTime) {
    Free(*node);
  }
}

// Ends a held lock and removes the nodes that nothing needs any more.
void LockTree::Free(Node& node) {
  by_expiry_.erase({node.until, &node});
  node.until = kNoTime;
  node.locker.clear();
  Node* empty = &node;
  while (empty->parent != nullptr && empty->children.empty() && empty->until == kNoTime) {
    Node* parent = empty->parent;
    parent->children.erase(parent->children.find(*empty->label));
    empty = parent;
  }
}

void LockTree::DropExpired(WallTime now) {
  while (!by_expiry_.empty() && by_expiry_.begin()->first <= now) {
    Tell(*by_expiry_.begin()->second);
    Free(*by_expiry_.begin()->second);
  }
}

}  // namespace coord

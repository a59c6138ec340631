// SPDX-License-Identifier: MIT
#include "domain/locks.h"

#include <algorithm>
#include <vector>

#include "value/cbor_reader.h"
#include "value/cbor_writer.h"

namespace coord {

namespace {

WallTime EndOf(WallTime now, Duration lifetime) {
  if (lifetime <= Duration(0)) lifetime = LockTree::kDefaultLifetime;
  return AddTime(now, std::min(lifetime, LockTree::kMaxLifetime));
}

// The labels of a path that an observer was told.
std::vector<std::string_view> LabelsOf(std::string_view path) {
  std::vector<std::string_view> labels;
  auto list = CborList::Open(path);
  std::string_view label;
  while (list && list->Next(label)) labels.push_back(label);
  return labels;
}

}  // namespace

// No function here recurses: a path may be as long as a message.

LockTree::LockTree() : root_(std::make_unique<Node>()) {}

LockTree::~LockTree() {
  while (!by_expiry_.empty()) Free(*by_expiry_.begin()->second);
}

bool LockTree::Claim(LockPath path, std::string_view locker, WallTime now, Duration lifetime) {
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
  if (node != nullptr && (node->until != kNoTime || !node->children.empty())) return false;
  Node& claimed = Make(path);
  Tell(claimed);
  claimed.locker = locker;
  SetUntil(claimed, EndOf(now, lifetime));
  return true;
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

void LockTree::Tell(const Node& node) const {
  if (!observer_) return;
  std::vector<std::string_view> labels;
  for (const Node* at = &node; at->parent != nullptr; at = at->parent) labels.push_back(*at->label);
  std::string path;
  CborWriter writer(path);
  writer.ArrayHead(labels.size());
  for (auto label = labels.rbegin(); label != labels.rend(); ++label) writer.Raw(*label);
  observer_(std::move(path), node.locker, node.until);
}

std::optional<LockTree::Lock> LockTree::At(std::string_view path) const {
  const Node* node = Find(LabelsOf(path));
  if (node == nullptr || node->until == kNoTime) return std::nullopt;
  return Lock{node->locker, node->until};
}

void LockTree::Restore(std::string_view path, std::string_view locker, WallTime until) {
  const std::vector<std::string_view> labels = LabelsOf(path);
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

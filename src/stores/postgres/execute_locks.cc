// SPDX-License-Identifier: MIT
// Locks: those that may matter are read into a tree, which has the rules.
#include "domain/locks.h"
#include "stores/postgres/executor.h"
#include "stores/postgres/lock_rows.h"

namespace coord {

namespace {

constexpr const char* kDropRange =
    "DELETE FROM locks WHERE namespace_id = $1 AND path >= $2 AND ($3::bytea IS NULL OR path < $3)";

}  // namespace

Outcome Executor::Run(NamespaceImage& name_space, const ChangeLocks& command) {
  LockLocks(transaction_, name_space.id);
  LockTree tree;
  ReadLockRows(transaction_, name_space.id, command.paths, tree);
  const auto held = scratch_.NewArray<bool>(command.paths.size());
  tree.Apply(command, now(), held);
  WriteLockRows(transaction_, name_space.id, command.paths, tree);
  return LockReply{held, {}};
}

Outcome Executor::Run(NamespaceImage& name_space, const ReadLocks& command) {
  LockTree tree;
  ReadLockRows(transaction_, name_space.id, command.paths, tree);
  const auto holders = scratch_.NewArray<std::optional<std::string_view>>(command.paths.size());
  for (std::size_t i = 0; i < command.paths.size(); ++i) {
    const auto holder = tree.Holder(command.paths[i], now());
    if (holder) holders[i] = scratch_.Copy(*holder);
  }
  return LockReply{{}, holders};
}

Outcome Executor::Run(NamespaceImage& name_space, const DropLocks& command) {
  const std::string low(command.first_label);
  const auto high = BytesBehind(low);
  transaction_.Query(kDropRange,
                     PgParameters()
                         .Add(name_space.id)
                         .Add(std::string_view(low))
                         .Add(high ? std::optional<std::string_view>(*high) : std::nullopt));
  return Done{};
}

}  // namespace coord

// SPDX-License-Identifier: MIT
// Locks: those that may matter are read into a tree, which has the rules.
#include <map>

#include "domain/locks.h"
#include "stores/postgres/executor.h"
#include "value/cbor_writer.h"

namespace coord {

namespace {

// Paths stand in the table as their labels, one behind the other: as CBOR items say where they end,
// a path is a prefix of another where its bytes are.
constexpr const char* kLockNamespace = "SELECT FROM namespaces WHERE id = $1 FOR UPDATE";
constexpr const char* kRead =
    "SELECT l.path, l.labels, l.locker, l.until FROM locks l "
    "WHERE l.namespace_id = $1 AND l.path = ANY ($2) AND l.until > $5 "
    "UNION SELECT l.path, l.labels, l.locker, l.until "
    "FROM unnest($3::bytea[], $4::bytea[]) AS r (low, high) JOIN locks l "
    "ON l.namespace_id = $1 AND l.path >= r.low AND (r.high IS NULL OR l.path < r.high) "
    "WHERE l.until > $5";
constexpr const char* kWrite =
    "INSERT INTO locks (namespace_id, path, labels, locker, until) "
    "SELECT $1, * FROM unnest($2::bytea[], $3::int4[], $4::bytea[], $5::int8[]) "
    "ON CONFLICT (namespace_id, path) DO UPDATE SET locker = excluded.locker, "
    "until = excluded.until";
constexpr const char* kDelete = "DELETE FROM locks WHERE namespace_id = $1 AND path = ANY ($2)";
constexpr const char* kDropRange =
    "DELETE FROM locks WHERE namespace_id = $1 AND path >= $2 AND ($3::bytea IS NULL OR path < $3)";

std::string Joined(LockPath path) {
  std::string joined;
  for (const std::string_view label : path) joined += label;
  return joined;
}

// A path as LockTree writes it: a CBOR list.
std::string Listed(std::string_view joined, std::size_t labels) {
  std::string list;
  CborWriter(list).ArrayHead(labels);
  return list.append(joined);
}

// The first bytes behind all that begin with `prefix`; absent: there are none.
std::optional<std::string> After(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xFFU) prefix.pop_back();
  if (prefix.empty()) return std::nullopt;
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

// Reads the locks on these paths, on their prefixes and on their extensions.
void ReadTree(PgTransaction& transaction, PgId name_space, std::span<const LockPath> paths,
              LockTree& tree) {
  PgArray prefixes(PgType::kBytea), low(PgType::kBytea), high(PgType::kBytea);
  for (const LockPath path : paths) {
    std::string joined;
    prefixes.Add(std::string_view(joined));
    for (const std::string_view label : path) {
      joined += label;
      prefixes.Add(std::string_view(joined));
    }
    low.Add(std::string_view(joined));
    const auto after = After(joined);
    high.Add(after ? std::optional<std::string_view>(*after) : std::nullopt);
  }
  PgParameters parameters;
  parameters.Add(name_space).Add(prefixes).Add(low).Add(high).Add(transaction.now());
  const PgRows rows = transaction.Query(kRead, parameters);
  for (int row = 0; row < rows.size(); ++row) {
    tree.Restore(Listed(rows.Bytes(row, 0), static_cast<std::size_t>(rows.Integer(row, 1))),
                 rows.Bytes(row, 2), rows.Time(row, 3));
  }
}

}  // namespace

Outcome Executor::Run(NamespaceImage& name_space, const ChangeLocks& command) {
  // One such command of a namespace at a time: what is not there yet cannot be locked.
  transaction_.Query(kLockNamespace, PgParameters().Add(name_space.id));
  LockTree tree;
  ReadTree(transaction_, name_space.id, command.paths, tree);
  const auto held = scratch_.NewArray<bool>(command.paths.size());
  std::map<std::string, LockPath> changed;
  tree.Apply(command, now(), held);
  PgArray written(PgType::kBytea), labels(PgType::kInt4), lockers(PgType::kBytea);
  PgArray until(PgType::kInt8), deleted(PgType::kBytea);
  for (const LockPath path : command.paths) changed.emplace(Joined(path), path);
  for (const auto& [joined, path] : changed) {
    const auto lock = tree.At(Listed(joined, path.size()));
    if (!lock || lock->until == kNoTime) {
      deleted.Add(std::string_view(joined));
      continue;
    }
    written.Add(std::string_view(joined));
    labels.AddInt4(static_cast<std::int32_t>(path.size()));
    lockers.Add(lock->locker);
    until.Add(lock->until);
  }
  PgParameters writing;
  writing.Add(name_space.id).Add(written).Add(labels).Add(lockers).Add(until);
  transaction_.Pipeline(
      {{kWrite, std::move(writing)}, {kDelete, PgParameters().Add(name_space.id).Add(deleted)}});
  return LockReply{held, {}};
}

Outcome Executor::Run(NamespaceImage& name_space, const ReadLocks& command) {
  LockTree tree;
  ReadTree(transaction_, name_space.id, command.paths, tree);
  const auto holders = scratch_.NewArray<std::optional<std::string_view>>(command.paths.size());
  for (std::size_t i = 0; i < command.paths.size(); ++i) {
    const auto holder = tree.Holder(command.paths[i], now());
    if (holder) holders[i] = scratch_.Copy(*holder);
  }
  return LockReply{{}, holders};
}

Outcome Executor::Run(NamespaceImage& name_space, const DropLocks& command) {
  const std::string low(command.first_label);
  const auto high = After(low);
  transaction_.Query(kDropRange,
                     PgParameters()
                         .Add(name_space.id)
                         .Add(std::string_view(low))
                         .Add(high ? std::optional<std::string_view>(*high) : std::nullopt));
  return Done{};
}

}  // namespace coord

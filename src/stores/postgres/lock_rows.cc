// SPDX-License-Identifier: MIT
#include "stores/postgres/lock_rows.h"

#include <map>
#include <utility>

#include "value/cbor_writer.h"

namespace coord {

namespace {

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

}  // namespace

std::string JoinedPath(LockPath path) {
  std::string joined;
  for (const std::string_view label : path) joined += label;
  return joined;
}

std::string ListedPath(std::string_view joined, std::size_t labels) {
  std::string list;
  CborWriter(list).ArrayHead(labels);
  return list.append(joined);
}

std::optional<std::string> BytesBehind(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xFFU) prefix.pop_back();
  if (prefix.empty()) return std::nullopt;
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

void LockLocks(PgTransaction& transaction, PgId name_space) {
  transaction.Query(kLockNamespace, PgParameters().Add(name_space));
}

void ReadLockRows(PgTransaction& transaction, PgId name_space, std::span<const LockPath> paths,
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
    const auto after = BytesBehind(joined);
    high.Add(after ? std::optional<std::string_view>(*after) : std::nullopt);
  }
  PgParameters parameters;
  parameters.Add(name_space).Add(prefixes).Add(low).Add(high).Add(transaction.now());
  const PgRows rows = transaction.Query(kRead, parameters);
  for (int row = 0; row < rows.size(); ++row) {
    tree.Restore(ListedPath(rows.Bytes(row, 0), static_cast<std::size_t>(rows.Integer(row, 1))),
                 rows.Bytes(row, 2), rows.Time(row, 3));
  }
}

void WriteLockRows(PgTransaction& transaction, PgId name_space, std::span<const LockPath> paths,
                   const LockTree& tree) {
  PgArray written(PgType::kBytea), labels(PgType::kInt4), lockers(PgType::kBytea);
  PgArray until(PgType::kInt8), deleted(PgType::kBytea);
  std::map<std::string, LockPath> changed;
  for (const LockPath path : paths) changed.emplace(JoinedPath(path), path);
  for (const auto& [joined, path] : changed) {
    const auto lock = tree.At(ListedPath(joined, path.size()));
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
  writing.Add(name_space).Add(written).Add(labels).Add(lockers).Add(until);
  transaction.Pipeline(
      {{kWrite, std::move(writing)}, {kDelete, PgParameters().Add(name_space).Add(deleted)}});
}

}  // namespace coord

// SPDX-License-Identifier: MIT
// Locks as rows, and the trees that have their rules.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "domain/locks.h"
#include "stores/postgres/transaction.h"

namespace coord {

// Paths stand in the table as their labels, one behind the other: as CBOR items say where they end,
// a path is a prefix of another where its bytes are.
std::string JoinedPath(LockPath path);
// A path as LockTree tells it, of one that is joined.
std::string ListedPath(std::string_view joined, std::size_t labels);
// The first bytes behind all that begin with `prefix`; absent: there are none.
std::optional<std::string> BytesBehind(std::string prefix);

// Keeps others from changing the namespace's locks until the transaction ends: what is not there
// yet cannot be locked.
void LockLocks(PgTransaction& transaction, PgId name_space);
// Reads the locks on these paths, on their prefixes and on their extensions.
void ReadLockRows(PgTransaction& transaction, PgId name_space, std::span<const LockPath> paths,
                  LockTree& tree);
// Writes what has become of these paths.
void WriteLockRows(PgTransaction& transaction, PgId name_space, std::span<const LockPath> paths,
                   const LockTree& tree);

}  // namespace coord

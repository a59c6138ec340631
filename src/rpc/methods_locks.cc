// SPDX-License-Identifier: MIT
// Locks (spec/domain.md, section 10).
#include <algorithm>
#include <array>
#include <string>

#include "domain/lock_paths.h"
#include "rpc/answer.h"
#include "rpc/methods.h"

namespace coord {

namespace {

constexpr Duration kDefaultTimeout = std::chrono::seconds(60);
constexpr double kTimeoutSecondsMax = 1'000'000;

Result<std::span<const LockPath>> ReadPaths(std::string_view item, std::string_view name,
                                            Arena& arena) {
  auto keys = CborList::Open(item);
  if (!keys) return MustBeError(name, "a list of lists of labels");
  const std::size_t count = keys->CountLeft();
  if (count > kLockPathsMax) return MustBeError(name, "a shorter list");
  const auto paths = arena.NewArray<LockPath>(count);
  std::string_view key;
  for (std::size_t i = 0; i < count && keys->Next(key); ++i) {
    COORD_TRY(path, ReadLockPath(key, name, arena));
    paths[i] = path;
  }
  return std::span<const LockPath>(paths);
}

// Reads (locker, timeout, keys).
template <LockOperation operation>
Result<void> DecodeClaim(const Params& params, DecodeContext& context, Submission& submission,
                         CallNotes& notes) {
  auto& command = submission.command.emplace<ChangeLocks>();
  command.operation = operation;
  COORD_TRY(locker, params.Name(0, context.arena));
  command.locker = locker;
  COORD_TRY(seconds, params.Number(1));
  command.lifetime =
      seconds > 0 ? FromSeconds(std::min(seconds, kTimeoutSecondsMax)) : kDefaultTimeout;
  COORD_TRY(paths, ReadPaths(params[2], params.name(2), context.arena));
  command.paths = paths;
  notes.text = params[2];
  return {};
}

Result<void> DecodeUnlock(const Params& params, DecodeContext& context, Submission& submission,
                          CallNotes&) {
  auto& command = submission.command.emplace<ChangeLocks>();
  command.operation = LockOperation::kUnlock;
  COORD_TRY(locker, params.Name(0, context.arena));
  command.locker = locker;
  COORD_TRY(paths, ReadPaths(params[1], params.name(1), context.arena));
  command.paths = paths;
  return {};
}

// All of `held` are true, or all are false.
void WriteAll(std::span<const bool> held, std::string_view refusal, CborWriter& writer) {
  const bool all = std::all_of(held.begin(), held.end(), [](bool one) { return one; });
  writer.TupleHead(2);
  writer.Bool(all);
  WritePairMessage(writer, all ? std::string_view() : refusal);
}

void EncodeLock(const Outcome& outcome, const CallNotes&, CborWriter& writer) {
  WriteAll(std::get<LockReply>(outcome).held, "held already", writer);
}

void EncodeHeld(const Outcome& outcome, const CallNotes&, CborWriter& writer) {
  WriteAll(std::get<LockReply>(outcome).held, "not all held by this locker", writer);
}

void EncodeLockSome(const Outcome& outcome, const CallNotes& notes, CborWriter& writer) {
  const auto held = std::get<LockReply>(outcome).held;
  writer.TupleHead(2);
  writer.ArrayHead(held.size());
  auto keys = *CborList::Open(notes.text);
  for (const bool one : held) {
    std::string_view key;
    if (keys.Next(key) && one) {
      writer.Raw(key);
    } else {
      writer.Null();
    }
  }
  writer.Null();
}

Result<void> DecodeRead(const Params& params, DecodeContext& context, Submission& submission,
                        CallNotes&) {
  COORD_TRY(paths, ReadPaths(params[0], params.name(0), context.arena));
  submission.command.emplace<ReadLocks>().paths = paths;
  return {};
}

void EncodeHolders(const Outcome& outcome, const CallNotes&, CborWriter& writer) {
  const auto holders = std::get<LockReply>(outcome).holders;
  writer.ArrayHead(holders.size());
  for (const auto& holder : holders) {
    if (holder) {
      writer.Text(*holder);
    } else {
      writer.Null();
    }
  }
}

Result<void> DecodeDrop(const Params& params, DecodeContext& context, Submission& submission,
                        CallNotes&) {
  COORD_TRY(label, ReadLockLabel(params[0], params.name(0), context.arena));
  submission.command.emplace<DropLocks>().first_label = label;
  return {};
}

void EncodeZero(const Outcome&, const CallNotes&, CborWriter& writer) { writer.Unsigned(0); }

constexpr std::array<std::string_view, 3> kClaim = {"locker_id", "timeout", "keys"};
constexpr std::array<std::string_view, 2> kUnlock = {"locker_id", "keys"};
constexpr std::array<std::string_view, 1> kKeys = {"keys"};
constexpr std::array<std::string_view, 1> kNamespace = {"namespace"};

constexpr std::array kMethods = {
    Method{"lock", kClaim, 3, Failure::kError, DecodeClaim<LockOperation::kLockAll>, EncodeLock},
    Method{"locksome", kClaim, 3, Failure::kError, DecodeClaim<LockOperation::kLockSome>,
           EncodeLockSome},
    Method{"renew", kClaim, 3, Failure::kError, DecodeClaim<LockOperation::kRenew>, EncodeHeld},
    Method{"unlock", kUnlock, 2, Failure::kError, DecodeUnlock, EncodeHeld},
    Method{"readlock", kKeys, 1, Failure::kError, DecodeRead, EncodeHolders},
    Method{"delete_namespace", kNamespace, 1, Failure::kError, DecodeDrop, EncodeZero},
};

}  // namespace

std::span<const Method> LockMethods() { return kMethods; }

}  // namespace coord

// SPDX-License-Identifier: MIT
// Workers and locks, as the model sees them.
#include <algorithm>
#include <chrono>

#include "model.h"

namespace coord::testing {

using namespace std::chrono_literals;

namespace {

bool IsPrefix(const Path& prefix, const Path& path) {
  return prefix.size() <= path.size() && std::equal(prefix.begin(), prefix.end(), path.begin());
}

}  // namespace

ModelWorker& Model::WorkerOf(const std::string& name) {
  const auto [found, made] = workers.try_emplace(name);
  if (made) {
    found->second.last_update = now;
    found->second.expiration = now + 15min;
  }
  return found->second;
}

void Model::Beat(const std::string& name, Duration lifetime, const Map& data,
                 const std::optional<std::string>& parent) {
  ModelWorker& worker = WorkerOf(name);
  worker.parent = parent;
  worker.data = data;
  worker.active = true;
  worker.last_update = worker.last_heartbeat = now;
  worker.expiration = now + lifetime;
}

bool Model::IsShown(const ModelWorker& worker) const {
  return worker.last_heartbeat != kNoTime && worker.active && worker.expiration > now;
}

bool Model::Unregister(const std::string& name) {
  const auto found = workers.find(name);
  if (found == workers.end() || !IsShown(found->second)) return false;
  found->second.active = false;
  found->second.inactive_since = now;
  for (const ModelAttempt* const attempt : AttemptsOf(name)) {
    ModelAttempt& own = specs.at(attempt->spec).units.at(attempt->unit).attempts.at(attempt->id);
    if (IsLapsed(own)) {
      own.listed = false;
    } else if (own.stored == AttemptStatus::kPending) {
      own.listed_open = true;
    }
  }
  return true;
}

bool Model::MayBeForgotten(const std::string& name) const {
  const auto found = workers.find(name);
  if (found == workers.end()) return false;
  const ModelWorker& worker = found->second;
  WallTime since = worker.expiration;
  if (!worker.active) since = std::min(since, worker.inactive_since);
  if (since + 24h > now) return false;
  for (const ModelAttempt* const attempt : AttemptsOf(name)) {
    if (attempt->stored == AttemptStatus::kPending && !IsLapsed(*attempt)) return false;
  }
  return true;
}

void Model::Forget(const std::string& name) {
  for (const ModelAttempt* const attempt : AttemptsOf(name)) {
    specs.at(attempt->spec).units.at(attempt->unit).attempts.at(attempt->id).listed_open = true;
  }
  workers.erase(name);
}

bool Model::IsFree(const Path& path) const {
  return std::none_of(locks.begin(), locks.end(), [&](const ModelLock& lock) {
    return lock.until > now && (IsPrefix(lock.path, path) || IsPrefix(path, lock.path));
  });
}

std::optional<std::string> Model::HolderOf(const Path& path) const {
  for (const ModelLock& lock : locks) {
    if (lock.until > now && lock.path == path) return lock.locker;
  }
  return std::nullopt;
}

std::vector<bool> Model::ChangeLocks(LockOperation operation, const std::string& locker,
                                     const std::vector<Path>& paths, Duration lifetime) {
  const std::vector<ModelLock> before = locks;
  std::vector<bool> done;
  for (const Path& path : paths) {
    const bool claims =
        operation == LockOperation::kLockAll || operation == LockOperation::kLockSome;
    done.push_back(claims ? IsFree(path) : HolderOf(path) == locker);
    if (!claims || !done.back()) continue;
    locks.push_back({path, locker, now + lifetime});
  }
  if (operation == LockOperation::kLockSome) return done;
  const bool all = std::find(done.begin(), done.end(), false) == done.end();
  if (!all) locks = before;
  if (all && operation == LockOperation::kRenew) {
    for (ModelLock& lock : locks) {
      if (lock.until <= now) continue;
      if (std::find(paths.begin(), paths.end(), lock.path) != paths.end()) {
        lock.until = now + lifetime;
      }
    }
  } else if (all && operation == LockOperation::kUnlock) {
    std::erase_if(locks, [&](const ModelLock& lock) {
      return std::find(paths.begin(), paths.end(), lock.path) != paths.end();
    });
  }
  return std::vector<bool>(paths.size(), all);
}

}  // namespace coord::testing

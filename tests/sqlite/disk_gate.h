// SPDX-License-Identifier: MIT
// Holds the storage thread in the middle of a commit, so that a test knows what has gathered behind
// it.
#pragma once

#include <condition_variable>
#include <mutex>

#include "fault_vfs.h"

namespace coord::testing {

// Holds the next sync of a disk, and all after it, until it is opened. One at a time for a disk.
class DiskGate {
 public:
  // `first`, `later`: what the next sync and those after it come to.
  explicit DiskGate(FaultVfs& vfs, int first = SQLITE_OK, int later = SQLITE_OK)
      : vfs_(vfs), first_(first), later_(later) {
    vfs_.SetFault([this](DiskOperation operation) { return Pass(operation); });
  }
  DiskGate(const DiskGate&) = delete;
  DiskGate& operator=(const DiskGate&) = delete;
  ~DiskGate() {
    Open();
    vfs_.SetFault(nullptr);
  }

  // Waits until a sync is held.
  void AwaitHeld() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return held_; });
  }

  int syncs() {
    const std::lock_guard lock(mutex_);
    return syncs_;
  }

  // Lets it go on, and all after it.
  void Open() {
    {
      const std::lock_guard lock(mutex_);
      open_ = true;
    }
    changed_.notify_all();
  }

 private:
  int Pass(DiskOperation operation) {
    if (operation != DiskOperation::kSync) return SQLITE_OK;
    std::unique_lock lock(mutex_);
    const int code = ++syncs_ == 1 ? first_ : later_;
    if (!open_) {
      held_ = true;
      changed_.notify_all();
      changed_.wait(lock, [this] { return open_; });
    }
    return code;
  }

  FaultVfs& vfs_;
  const int first_;
  const int later_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  bool open_ = false;
  int syncs_ = 0;
};

}  // namespace coord::testing

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
  explicit DiskGate(FaultVfs& vfs) : vfs_(vfs) {
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
    std::unique_lock lock(mutex_);
    if (!open_ && operation == DiskOperation::kSync) {
      held_ = true;
      changed_.notify_all();
      changed_.wait(lock, [this] { return open_; });
    }
    return SQLITE_OK;
  }

  FaultVfs& vfs_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  bool open_ = false;
};

}  // namespace coord::testing

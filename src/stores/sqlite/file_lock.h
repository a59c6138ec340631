// SPDX-License-Identifier: MIT
// Only one daemon may have a store's file open.
#pragma once

#include <string>

#include "base/result.h"

namespace coord {

// A lock on PATH.lock, which tells who holds it. The system gives it up when the process ends,
// however it ends; the file stays. Readers of the store's file need no lock.
class FileLock {
 public:
  // Errors: kUnavailable where another process holds it (the detail says which, on which host), or
  // the file cannot be made.
  static Result<FileLock> Take(const std::string& path);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_ = -1;
};

}  // namespace coord

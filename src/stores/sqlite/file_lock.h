// SPDX-License-Identifier: MIT
// Only one daemon may have a store's file open.
#pragma once

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace coord {

// A lock on PATH.lock, which tells who holds it and goes with it. The system gives the lock up when
// the process ends, however it ends; then the file stays, and means nothing. Readers of the store's
// file need no lock.
class FileLock {
 public:
  // Errors: kUnavailable where another process holds it (the detail says which, on which host), or
  // the file cannot be made.
  static Result<FileLock> Take(const std::string& path);

  FileLock(FileLock&&) = default;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  FileLock(std::string path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  std::string path_;
  Fd fd_;
};

}  // namespace coord

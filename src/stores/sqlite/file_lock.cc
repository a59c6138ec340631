// SPDX-License-Identifier: MIT
#include "stores/sqlite/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace coord {

namespace {

std::string HostAndPid() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return "host=" + std::string(host.data()) + " pid=" + std::to_string(getpid()) + "\n";
}

std::string Content(int descriptor) {
  std::array<char, 512> text{};
  const ssize_t size = pread(descriptor, text.data(), text.size(), 0);
  std::string content(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  while (!content.empty() && content.back() == '\n') content.pop_back();
  return content;
}

Error LockError(const std::string& path, const std::string& what) {
  return {ErrorCode::kUnavailable, path + ": " + what, path};
}

}  // namespace

Result<FileLock> FileLock::Take(const std::string& path) {
  const std::string lock_path = path + ".lock";
  FileLock lock(open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (lock.descriptor_ < 0) return LockError(lock_path, std::strerror(errno));
  if (flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return LockError(lock_path, std::strerror(errno));
    return LockError(path, "another daemon has it open (" + Content(lock.descriptor_) + ")");
  }
  const std::string mine = HostAndPid();
  const bool written =
      ftruncate(lock.descriptor_, 0) == 0 &&
      pwrite(lock.descriptor_, mine.data(), mine.size(), 0) == static_cast<ssize_t>(mine.size());
  if (!written) return LockError(lock_path, std::strerror(errno));
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "stores/sqlite/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "stores/sqlite/file_identity.h"

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
  Fd fd;
  do {
    fd = Fd(open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (!fd.valid()) return LockError(lock_path, std::strerror(errno));
    if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return LockError(lock_path, std::strerror(errno));
      return LockError(path, "another daemon has it open (" + Content(fd.get()) + ")");
    }
    // Whoever held it before may have removed the file in between.
  } while (FileIdentity::Of(fd.get()) != FileIdentity::Of(lock_path));
  FileLock lock(lock_path, std::move(fd));
  const std::string mine = HostAndPid();
  const int file = lock.fd_.get();
  if (ftruncate(file, 0) != 0 ||
      pwrite(file, mine.data(), mine.size(), 0) != static_cast<ssize_t>(mine.size())) {
    return LockError(lock_path, std::strerror(errno));
  }
  return lock;
}

FileLock::~FileLock() {
  // While it is locked: nobody can hold a file that is about to lose its name.
  if (fd_.valid()) unlink(path_.c_str());
}

}  // namespace coord

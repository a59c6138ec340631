// SPDX-License-Identifier: MIT
#include "stores/sqlite/file_identity.h"

#include <sys/stat.h>

namespace coord {

FileIdentity FileIdentity::Of(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino};
}

FileIdentity FileIdentity::Of(int descriptor) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) return {};
  return {status.st_dev, status.st_ino};
}

}  // namespace coord

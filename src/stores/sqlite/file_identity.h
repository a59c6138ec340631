// SPDX-License-Identifier: MIT
// Tells a file from another that has taken its name.
#pragma once

#include <cstdint>
#include <string>

namespace coord {

// No two files that exist have the same one; a missing file has none.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  bool operator==(const FileIdentity&) const = default;

  static FileIdentity Of(const std::string& path);
  static FileIdentity Of(int descriptor);
};

}  // namespace coord

// SPDX-License-Identifier: MIT
// A place for a test's files.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/check.h"

namespace coord::testing {

// A folder of its own, removed at the end. In memory where the system has such a place: these tests
// wait for many syncs, and what a sync is good for is shown on a disk of their own making.
class TestFolder {
 public:
  TestFolder() {
    const std::filesystem::path memory = "/dev/shm";
    const auto parent =
        std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path();
    std::string path = (parent / "coord-XXXXXX").string();
    COORD_CHECK(mkdtemp(path.data()) != nullptr);
    path_ = path;
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() { std::filesystem::remove_all(path_); }

  const std::filesystem::path& path() const { return path_; }
  std::string File(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace coord::testing

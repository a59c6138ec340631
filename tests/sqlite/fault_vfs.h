// SPDX-License-Identifier: MIT
// A disk that fails: an SQLite VFS on top of the system's, for tests.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "base/rng.h"

namespace coord::testing {

enum class DiskOperation : std::uint8_t {
  kRead,
  kWrite,
  kSync,
  kTruncate,
  kCommitted,  // nothing: a commit is in the file, and is about to be told
};

// Passes everything on to files of the system, and knows for each sector what would be left of it
// if the power went: what was not synced may be lost, in any combination of sectors, and what a
// failed sync was to write stays in danger even when a later sync succeeds.
//
// While the power is off every operation fails. Thread-safe.
class FaultVfs {
 public:
  // Registers itself with SQLite under name().
  FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;
  // Everything that uses it is closed by then.
  ~FaultVfs();

  const char* name() const { return name_.c_str(); }

  // Decides what becomes of each operation from now on: SQLITE_OK to let it happen, else the error
  // that SQLite is told. Called with a lock held. An empty function: everything happens.
  void SetFault(std::function<int(DiskOperation)> fault);

  // Writes, syncs and truncations so far.
  std::uint64_t changes() const;

  // Takes the power away at the change of this number (see changes()), which does not happen.
  void CutAt(std::uint64_t change);
  bool is_off() const;

  // Makes of the files what a power cut might have left, by `rng`, and turns the power on again.
  // Nothing has them open.
  void PowerOn(Rng& rng);

 private:
  friend struct FaultVfsCalls;

  static constexpr std::size_t kSectorSize = 512;

  // What the disk is sure to have in place of what was written and not synced.
  struct Sector {
    std::string durable;  // shorter at the end of the file
    bool sync_failed = false;
  };
  struct File {
    std::map<std::uint64_t, Sector> dirty;
    std::uint64_t size = 0;
    std::uint64_t durable_size = 0;
    bool created = false;  // and its creation is not synced
  };

  int Decide(DiskOperation operation);
  // Before a change: notes what the disk has in a range of the file.
  static void NoteDurable(File& file, sqlite3_file* real, std::uint64_t offset, std::uint64_t size);
  static void OnSynced(File& file);
  static void OnSyncFailed(File& file);
  static void LoseSome(const std::string& path, File& file, Rng& rng);

  std::string name_;
  sqlite3_vfs* const real_;
  sqlite3_vfs vfs_{};
  mutable std::mutex mutex_;
  std::map<std::string, File> files_;
  std::function<int(DiskOperation)> fault_;
  std::uint64_t changes_ = 0;
  std::uint64_t cut_at_ = UINT64_MAX;
  bool off_ = false;
};

}  // namespace coord::testing

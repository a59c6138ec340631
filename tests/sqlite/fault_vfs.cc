// SPDX-License-Identifier: MIT
#include "fault_vfs.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/fd.h"

namespace coord::testing {

namespace {

// As SQLite sees a file: its own part, and behind it that of the real VFS.
struct OpenFile {
  sqlite3_file base;
  FaultVfs* vfs;
  std::string* path;  // nullptr: of no lasting interest (a temporary file)
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }  // NOLINT
};

OpenFile& Of(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file); }  // NOLINT
FaultVfs& Of(sqlite3_vfs* vfs) { return *static_cast<FaultVfs*>(vfs->pAppData); }

}  // namespace

// The functions that SQLite calls.
struct FaultVfsCalls {
  using File = FaultVfs::File;

  static File* StateOf(OpenFile& file) {
    return file.path == nullptr ? nullptr : &file.vfs->files_[*file.path];
  }

  static int Close(sqlite3_file* file) {
    OpenFile& open = Of(file);
    const int code = open.real()->pMethods->xClose(open.real());
    delete std::exchange(open.path, nullptr);
    return code;
  }

  static int Read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
    OpenFile& open = Of(file);
    const std::lock_guard lock(open.vfs->mutex_);
    if (const int code = open.vfs->Decide(DiskOperation::kRead); code != SQLITE_OK) return code;
    return open.real()->pMethods->xRead(open.real(), to, size, offset);
  }

  static int Write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
    OpenFile& open = Of(file);
    const std::lock_guard lock(open.vfs->mutex_);
    if (const int code = open.vfs->Decide(DiskOperation::kWrite); code != SQLITE_OK) return code;
    if (File* const state = StateOf(open)) {
      const auto start = static_cast<std::uint64_t>(offset);
      const auto end = start + static_cast<std::uint64_t>(size);
      FaultVfs::NoteDurable(*state, open.real(), start, end - start);
      state->size = std::max(state->size, end);
    }
    return open.real()->pMethods->xWrite(open.real(), from, size, offset);
  }

  static int Truncate(sqlite3_file* file, sqlite3_int64 size) {
    OpenFile& open = Of(file);
    const std::lock_guard lock(open.vfs->mutex_);
    if (const int code = open.vfs->Decide(DiskOperation::kTruncate); code != SQLITE_OK) return code;
    if (File* const state = StateOf(open)) {
      const auto kept = static_cast<std::uint64_t>(size);
      if (kept < state->size) {
        FaultVfs::NoteDurable(*state, open.real(), kept, state->size - kept);
      }
      state->size = kept;
    }
    return open.real()->pMethods->xTruncate(open.real(), size);
  }

  static int Sync(sqlite3_file* file, int flags) {
    OpenFile& open = Of(file);
    const std::lock_guard lock(open.vfs->mutex_);
    File* const state = StateOf(open);
    if (const int code = open.vfs->Decide(DiskOperation::kSync); code != SQLITE_OK) {
      if (state != nullptr) FaultVfs::OnSyncFailed(*state);
      return code;
    }
    // A power cut is played, so the real disk need not be waited for.
    static_cast<void>(flags);
    if (state != nullptr) FaultVfs::OnSynced(*state);
    return SQLITE_OK;
  }

  // What has nothing to do with the disk is passed on.
  static int FileSize(sqlite3_file* file, sqlite3_int64* size) {
    return Of(file).real()->pMethods->xFileSize(Of(file).real(), size);
  }
  static int Lock(sqlite3_file* file, int level) {
    return Of(file).real()->pMethods->xLock(Of(file).real(), level);
  }
  static int Unlock(sqlite3_file* file, int level) {
    return Of(file).real()->pMethods->xUnlock(Of(file).real(), level);
  }
  static int CheckReservedLock(sqlite3_file* file, int* reserved) {
    return Of(file).real()->pMethods->xCheckReservedLock(Of(file).real(), reserved);
  }
  static int FileControl(sqlite3_file* file, int operation, void* argument) {
    if (operation == SQLITE_FCNTL_COMMIT_PHASETWO) {
      const std::lock_guard lock(Of(file).vfs->mutex_);
      const int code = Of(file).vfs->Decide(DiskOperation::kCommitted);
      if (code != SQLITE_OK) return code;
    }
    return Of(file).real()->pMethods->xFileControl(Of(file).real(), operation, argument);
  }
  static int SectorSize(sqlite3_file*) { return static_cast<int>(FaultVfs::kSectorSize); }
  // As the system's VFS says of its files: a write endangers no byte beside those it writes.
  static int Characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }
  static int ShmMap(sqlite3_file* file, int region, int size, int extend, void volatile** at) {
    return Of(file).real()->pMethods->xShmMap(Of(file).real(), region, size, extend, at);
  }
  static int ShmLock(sqlite3_file* file, int offset, int count, int flags) {
    return Of(file).real()->pMethods->xShmLock(Of(file).real(), offset, count, flags);
  }
  static void ShmBarrier(sqlite3_file* file) {
    Of(file).real()->pMethods->xShmBarrier(Of(file).real());
  }
  static int ShmUnmap(sqlite3_file* file, int erase) {
    return Of(file).real()->pMethods->xShmUnmap(Of(file).real(), erase);
  }

  static constexpr sqlite3_io_methods kMethods = {
      .iVersion = 2,
      .xClose = &Close,
      .xRead = &Read,
      .xWrite = &Write,
      .xTruncate = &Truncate,
      .xSync = &Sync,
      .xFileSize = &FileSize,
      .xLock = &Lock,
      .xUnlock = &Unlock,
      .xCheckReservedLock = &CheckReservedLock,
      .xFileControl = &FileControl,
      .xSectorSize = &SectorSize,
      .xDeviceCharacteristics = &Characteristics,
      .xShmMap = &ShmMap,
      .xShmLock = &ShmLock,
      .xShmBarrier = &ShmBarrier,
      .xShmUnmap = &ShmUnmap,
      .xFetch = nullptr,
      .xUnfetch = nullptr,
  };

  static int Open(sqlite3_vfs* self, sqlite3_filename path, sqlite3_file* file, int flags,
                  int* out_flags) {
    FaultVfs& vfs = Of(self);
    OpenFile& open = Of(file);
    open = {};
    const std::lock_guard lock(vfs.mutex_);
    if (vfs.off_) return SQLITE_CANTOPEN;
    constexpr int kLasting = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL;
    const bool lasting = path != nullptr && (flags & kLasting) != 0;
    const bool existed = lasting && access(path, F_OK) == 0;
    const int code = vfs.real_->xOpen(vfs.real_, path, open.real(), flags, out_flags);
    if (code != SQLITE_OK) return code;
    open.base.pMethods = &kMethods;
    open.vfs = &vfs;
    if (!lasting) return SQLITE_OK;
    open.path = new std::string(path);
    const auto [place, fresh] = vfs.files_.try_emplace(*open.path);
    if (fresh) {
      sqlite3_int64 size = 0;
      open.real()->pMethods->xFileSize(open.real(), &size);
      place->second.size = static_cast<std::uint64_t>(size);
      place->second.durable_size = place->second.size;
      place->second.created = !existed;
    }
    return SQLITE_OK;
  }

  static int Delete(sqlite3_vfs* self, const char* path, int sync_folder) {
    FaultVfs& vfs = Of(self);
    const std::lock_guard lock(vfs.mutex_);
    if (vfs.off_) return SQLITE_IOERR_DELETE;
    vfs.files_.erase(path);
    return vfs.real_->xDelete(vfs.real_, path, sync_folder);
  }
};

FaultVfs::FaultVfs() : real_(sqlite3_vfs_find(nullptr)) {
  static std::atomic<int> number{0};
  name_ = "fault-" + std::to_string(++number);
  vfs_ = *real_;  // whose other functions do not look at the object
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.szOsFile = static_cast<int>(sizeof(OpenFile)) + real_->szOsFile;
  vfs_.xOpen = &FaultVfsCalls::Open;
  vfs_.xDelete = &FaultVfsCalls::Delete;
  COORD_CHECK(sqlite3_vfs_register(&vfs_, 0) == SQLITE_OK);
}

FaultVfs::~FaultVfs() { sqlite3_vfs_unregister(&vfs_); }

void FaultVfs::SetFault(std::function<int(DiskOperation)> fault) {
  const std::lock_guard lock(mutex_);
  fault_ = std::move(fault);
}

std::uint64_t FaultVfs::changes() const {
  const std::lock_guard lock(mutex_);
  return changes_;
}

void FaultVfs::CutAt(std::uint64_t change) {
  const std::lock_guard lock(mutex_);
  cut_at_ = change;
}

bool FaultVfs::is_off() const {
  const std::lock_guard lock(mutex_);
  return off_;
}

int FaultVfs::Decide(DiskOperation operation) {
  const bool changes = operation != DiskOperation::kRead && operation != DiskOperation::kCommitted;
  if (changes && ++changes_ >= cut_at_) off_ = true;
  if (off_) return operation == DiskOperation::kRead ? SQLITE_IOERR_READ : SQLITE_IOERR_WRITE;
  return fault_ ? fault_(operation) : SQLITE_OK;
}

void FaultVfs::NoteDurable(File& file, sqlite3_file* real, std::uint64_t offset,
                           std::uint64_t size) {
  const std::uint64_t first = offset / kSectorSize;
  const std::uint64_t last = (offset + size - 1) / kSectorSize;
  for (std::uint64_t number = first; number <= last; ++number) {
    const auto [place, fresh] = file.dirty.try_emplace(number);
    // What is written anew reaches the disk with the next sync.
    place->second.sync_failed = false;
    const std::uint64_t start = number * kSectorSize;
    if (!fresh || start >= file.durable_size) continue;
    std::string& durable = place->second.durable;
    durable.resize(std::min<std::uint64_t>(kSectorSize, file.durable_size - start));
    const int code = real->pMethods->xRead(real, durable.data(), static_cast<int>(durable.size()),
                                           static_cast<sqlite3_int64>(start));
    COORD_CHECK(code == SQLITE_OK);
  }
}

void FaultVfs::OnSynced(File& file) {
  std::erase_if(file.dirty, [](const auto& entry) { return !entry.second.sync_failed; });
  file.durable_size = file.size;
  file.created = false;
}

void FaultVfs::OnSyncFailed(File& file) {
  for (auto& [number, sector] : file.dirty) sector.sync_failed = true;
}

void FaultVfs::PowerOn(Rng& rng) {
  const std::lock_guard lock(mutex_);
  for (auto& [path, file] : files_) LoseSome(path, file, rng);
  files_.clear();
  off_ = false;
  cut_at_ = UINT64_MAX;
  fault_ = nullptr;
}

void FaultVfs::LoseSome(const std::string& path, File& file, Rng& rng) {
  if (file.created && rng.Below(2) == 0) {
    unlink(path.c_str());
    return;
  }
  const Fd fd(open(path.c_str(), O_RDWR | O_CLOEXEC));
  COORD_CHECK(fd.valid());
  const bool size_lost = rng.Below(2) == 0;
  // All, nothing, or any of it.
  const std::uint64_t lost_of_four = rng.Below(5);
  for (const auto& [number, sector] : file.dirty) {
    // What was cut off comes back as a whole with the size, or not at all.
    const bool cut_off = number * kSectorSize >= file.size;
    if (cut_off ? !size_lost : rng.Below(4) >= lost_of_four) continue;
    std::string old = sector.durable;
    // Where the disk has nothing, a longer file has zeros.
    old.resize(kSectorSize, '\0');
    const auto offset = static_cast<off_t>(number * kSectorSize);
    COORD_CHECK(pwrite(fd.get(), old.data(), old.size(), offset) ==
                static_cast<ssize_t>(old.size()));
  }
  const auto size = static_cast<off_t>(size_lost ? file.durable_size : file.size);
  COORD_CHECK(ftruncate(fd.get(), size) == 0);
}

}  // namespace coord::testing

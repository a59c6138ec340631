// SPDX-License-Identifier: MIT
// The store that keeps everything in one SQLite file: the in-memory engine, and every change on the
// disk before its answer leaves.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "domain/store.h"

namespace coord {

// What an operator may want to know. Called on the thread that uses the store, but for OnLogHeld().
class SqliteEvents {
 public:
  virtual ~SqliteEvents() = default;
  // While opening: rows read so far.
  virtual void OnLoading(std::uint64_t rows) = 0;
  virtual void OnLoaded(std::uint64_t units, std::uint64_t attempts) = 0;
  // The file was brought from one version to another; `copy` is what it was before, or empty.
  virtual void OnMigrated(int from, int to, const std::string& copy) = 0;
  // Changes are refused from now on, because of this; and are taken again.
  virtual void OnUnavailable(const std::string& reason) = 0;
  virtual void OnAvailable() = 0;
  // A reader keeps the write-ahead log at this size. Called on another thread.
  virtual void OnLogHeld(std::uint64_t bytes) = 0;
};

struct SqliteOptions {
  std::string path;
  SqliteEvents* events = nullptr;  // outlives the store; nullptr: nobody wants to know
  // How long the write-ahead log may get before it is copied into the file.
  std::uint64_t log_bytes = std::uint64_t{64} << 20U;
  // From which size on OnLogHeld() tells of it.
  std::uint64_t held_log_bytes = std::uint64_t{1} << 30U;
  // How long commits may be kept waiting for readers, so that a log that one reader after the other
  // holds can start anew; twice as long from held_log_bytes on.
  std::chrono::milliseconds reader_wait{150};
  const char* vfs = nullptr;  // SQLite's name of another file system layer, for tests
};

// Opens the file, made where it is missing, and loads it. Outcomes are delivered from Submit()
// where nothing had to be written before them, else from Poll() or Flush(). Cost: a pass over the
// file; memory: that of the memory store.
//
// Where the file cannot be written, every command that would change anything gets kUnavailable, and
// so do those whose commit failed, whose changes are taken back. Reading goes on. The store tries
// once a second of `clock` whether it can write again.
//
// Errors: kUnavailable (another daemon has it open; the file cannot be opened or read), kInvalid
// (it is another program's, or of a newer version), kCorrupt.
Result<std::unique_ptr<Store>> OpenSqliteStore(Clock& clock, const SqliteOptions& options,
                                               const StoreOptions& store_options);

}  // namespace coord

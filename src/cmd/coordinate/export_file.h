// SPDX-License-Identifier: MIT
// The file that an export writes: under another name until it is whole, so that an export that was
// cut off can go on.
#pragma once

#include <cstdint>
#include <fstream>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cmd/coordinate/record_file.h"

namespace coord {

// How far an export is.
struct ExportState {
  RecordFormat format = RecordFormat::kJsonLines;
  std::string cursor;            // where the daemon goes on; empty: nothing was noted yet
  std::uint64_t work_units = 0;  // that there were at the beginning
  std::uint64_t bytes = 0;       // of the file, up to the cursor
  RecordCounts counts;
};

// PATH.partial has the records, PATH.partial.state how far they go. Errors of all functions:
// kUnavailable, "cannot write FILE: why", and where it says so others.
class ExportFile {
 public:
  // Goes on with what was begun, unless `restart` is set, or begins. Errors: kInvalid: PATH is
  // there already; the file begun is of another format, or what was noted of it cannot be read.
  static Result<std::unique_ptr<ExportFile>> Open(const std::string& path, RecordFormat format,
                                                  bool restart);
  // Writes to a stream, which outlives it, and notes nothing.
  static std::unique_ptr<ExportFile> ToStream(std::ostream& stream, RecordFormat format);
  ExportFile(const ExportFile&) = delete;
  ExportFile& operator=(const ExportFile&) = delete;

  const ExportState& state() const { return state_; }
  // True if the last error was about writing.
  bool failed() const { return failed_; }
  bool goes_on() const { return !state_.cursor.empty(); }

  // Appends one item that does not count as a record. Errors: kCorrupt: it is no CBOR item.
  Result<void> AppendItem(std::string_view item);
  // Appends the records of a CBOR sequence. Errors: kCorrupt: it is none.
  Result<void> AppendRecords(std::string_view records);
  // Notes that the export goes on at `cursor` behind what was appended.
  Result<void> Note(std::string_view cursor, std::uint64_t work_units);
  // Appends the footer, sees to it that all is on the disk, and gives the file its name.
  Result<void> Finish();

 private:
  ExportFile(std::string path, std::ostream* stream, RecordFormat format);
  Result<void> Begin();
  Result<void> GoOn(RecordFormat format);
  Result<void> Written(const Result<void>& result);
  Error CannotAppend() const;
  Result<void> GiveName();
  std::string Partial() const { return path_ + ".partial"; }
  std::string StatePath() const { return path_ + ".partial.state"; }

  const std::string path_;  // empty: a stream
  std::ofstream file_;
  std::ostream& out_;
  ExportState state_;
  bool failed_ = false;
};

}  // namespace coord

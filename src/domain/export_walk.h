// SPDX-License-Identifier: MIT
// Going through all that a store holds, page by page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/export_record.h"
#include "domain/outcome.h"
#include "value/cbor_writer.h"

namespace coord {

// Records as one CBOR sequence, within a limit: the last one is that which reaches it.
class ExportPage {
 public:
  explicit ExportPage(const ExportLimit& limit) : limit_(limit) {}

  bool full() const { return count_ >= limit_.records || bytes_.size() >= limit_.bytes; }
  // How many records may still come.
  std::uint64_t room() const { return full() ? 0 : limit_.records - count_; }

  template <typename Record>
  void Add(const Record& record) {
    CborWriter writer(bytes_);
    EncodeRecord(record, writer);
    ++count_;
  }

  std::uint64_t count() const { return count_; }
  std::string_view bytes() const { return bytes_; }

 private:
  ExportLimit limit_;
  std::string bytes_;
  std::uint64_t count_ = 0;
};

// Where an export has come to. Things that are there all the time are met once, whatever comes and
// goes meanwhile.
struct ExportCursor {
  enum class Stage : std::uint8_t { kNamespaces, kWorkSpecs, kWorkers, kLocks, kWorkUnits };

  Stage stage = Stage::kNamespaces;
  std::string name_space;  // the one under way; not in kNamespaces
  std::string spec;        // the one under way, in kWorkUnits
  // The name, or path, of the last record of the stage; absent: none yet.
  std::optional<std::string> after;
};

// A cursor as bytes that mean something to the store alone that gave them.
std::string EncodeExportCursor(const ExportCursor& cursor);
// Errors: kInvalid, for bytes that no store gave.
Result<ExportCursor> DecodeExportCursor(std::string_view bytes);

// A store as ExportNext() needs it. `after`: see ExportCursor. Adding begins behind `after`, in the
// order of the names or whatever order the store has, and goes on until the page is full or nothing
// is left; what is gone has nothing. Returns the last record's `after` in the first case, nothing
// in the second.
class ExportSource {
 public:
  ExportSource() = default;
  ExportSource(const ExportSource&) = delete;
  ExportSource& operator=(const ExportSource&) = delete;
  virtual ~ExportSource() = default;

  using After = std::optional<std::string>;

  // Of all namespaces.
  virtual std::uint64_t CountWorkUnits() = 0;

  // The name that follows; nothing: there is none.
  virtual After NextNamespace(const After& after) = 0;
  virtual After NextWorkSpec(std::string_view name_space, const After& after) = 0;

  virtual After AddWorkSpecs(std::string_view name_space, const After& after, ExportPage& page) = 0;
  virtual After AddWorkers(std::string_view name_space, const After& after, ExportPage& page) = 0;
  virtual After AddLocks(std::string_view name_space, const After& after, ExportPage& page) = 0;
  virtual After AddWorkUnits(std::string_view name_space, std::string_view spec, const After& after,
                             ExportPage& page) = 0;
};

// Fills a page from where the cursor stands and moves it on. Returns false when all is exported.
bool ExportNext(ExportSource& source, ExportCursor& cursor, ExportPage& page);

// Executes the whole command. What the outcome views is in the arena.
Outcome RunExport(ExportSource& source, const ExportRecords& command, Arena& arena);

}  // namespace coord

// SPDX-License-Identifier: MIT
// Reading a file of exported records from its start to its end, and nothing of it twice.
#pragma once

#include <fstream>
#include <istream>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "cmd/coordinate/record_file.h"

namespace coord {

class RecordFileReader {
 public:
  // Opens a file, or takes standard input for "-", tells the format by its first byte, and reads
  // the header. Errors: kInvalid, "FILE: ...".
  static Result<std::unique_ptr<RecordFileReader>> Open(const std::string& path,
                                                        std::istream& standard_input);
  RecordFileReader(const RecordFileReader&) = delete;
  RecordFileReader& operator=(const RecordFileReader&) = delete;

  // The next record, encoded, or nothing once the footer has been read and agrees with what came
  // before it. Errors: kInvalid, "FILE: line 7: ..." or "FILE: byte 1234: ..."; what is wrong with
  // a record's content is not looked for here.
  Result<std::optional<std::string>> Next();

  // Where the last record begins, as in errors: "FILE: line 7".
  std::string Where() const;

  // How much has been read, and how much there is; nothing for what comes from a pipe.
  std::uint64_t bytes_read() const { return bytes_read_; }
  std::optional<std::uint64_t> size() const { return size_; }

  const RecordCounts& counts() const { return counts_; }

 private:
  RecordFileReader(std::string path, std::istream& standard_input);

  Result<void> Start();
  // The next item whatever it is; nothing at the end of the file.
  Result<std::optional<std::string>> ReadItem();
  Result<std::optional<std::string>> ReadLine();
  Result<std::optional<std::string>> ReadCbor();
  Result<void> CheckEnd(std::string_view footer);
  Error Located(Error error) const;
  Error Located(std::string detail) const { return Located(InvalidError(std::move(detail))); }

  const std::string path_;
  std::ifstream file_;
  std::istream& in_;
  std::optional<std::uint64_t> size_;
  RecordFormat format_ = RecordFormat::kJsonLines;
  RecordCounts counts_;
  std::uint64_t bytes_read_ = 0;
  std::uint64_t item_at_ = 0;  // the byte at which the last item begins
  std::uint64_t line_ = 0;
  std::string buffer_;     // CBOR that was read ahead
  std::size_t taken_ = 0;  // so much of it has been returned
  bool ended_ = false;
};

}  // namespace coord

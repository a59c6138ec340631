// SPDX-License-Identifier: MIT
// The bytes and lines of an input file: plain or gzip, a path or "-" for standard input.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace coord {

// A whole document, read into memory, may have this many bytes.
inline constexpr std::size_t kDocumentBytesMax = std::size_t{1} << 30U;
// The longest line; no unit that is longer could be sent.
inline constexpr std::size_t kLineBytesMax = std::size_t{60} << 20U;

// One input, read once from front to end. Bytes that begin as gzip data does are unpacked, whatever
// the name says.
class ByteInput {
 public:
  // Opens a path, or standard input for "-": `standard_input`, which outlives this.
  // Errors: kInvalid (cannot be opened; it is a folder).
  static Result<std::unique_ptr<ByteInput>> Open(const std::string& path,
                                                 std::istream& standard_input);
  ByteInput(const ByteInput&) = delete;
  ByteInput& operator=(const ByteInput&) = delete;
  virtual ~ByteInput() = default;

  // Reads at least one byte and at most `size` to `to`; returns how many, 0 at the end.
  // Errors: kInvalid (cannot be read; broken gzip data).
  virtual Result<std::size_t> Read(char* to, std::size_t size) = 0;

  // False where Read() would wait for another program to write something.
  virtual bool Ready() const = 0;

  // True for a regular file: opening the path again gives the same bytes.
  virtual bool repeatable() const = 0;

 protected:
  ByteInput() = default;
};

// Reads all that is left. Errors: those of Read(), and kInvalid beyond kDocumentBytesMax.
Result<std::string> ReadAll(ByteInput& input);

// Splits an input into lines.
class LineInput {
 public:
  LineInput(std::unique_ptr<ByteInput> input, char separator)
      : input_(std::move(input)), separator_(separator) {}

  // The bytes at the front, at most `size`, without taking them; fewer only at the end.
  // Errors: those of ByteInput::Read().
  Result<std::string_view> Peek(std::size_t size);

  // Sets `line` to the next line without its separator and returns true, or returns false at the
  // end. The line lives until the next call. Errors: those of Read(), and kInvalid for a line
  // beyond kLineBytesMax.
  Result<bool> Next(std::string_view& line);

  void set_separator(char separator) { separator_ = separator; }
  // The number of the line that Next() gave last, from 1.
  std::size_t number() const { return number_; }
  // False where Next() would wait for another program to write something.
  bool Ready() const;
  bool repeatable() const { return input_->repeatable(); }
  // The whole rest. Errors: those of ReadAll().
  Result<std::string> Rest();

 private:
  Result<void> Fill();

  std::unique_ptr<ByteInput> input_;
  char separator_;
  std::string buffer_;
  std::size_t taken_ = 0;
  bool at_end_ = false;
  std::size_t number_ = 0;
};

}  // namespace coord

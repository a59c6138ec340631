// SPDX-License-Identifier: MIT
// Work units out of files: YAML and JSON documents, JSON lines and plain lines (docs/flows.md).
#pragma once

#include <cstdint>
#include <deque>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cmd/coordinate/unit_reader_input.h"
#include "value/value.h"

namespace coord {

enum class UnitFormat : std::uint8_t {
  kYaml,       // one document
  kJson,       // one document
  kJsonLines,  // a JSON value in each line
  kText,       // a name in each line
  kNul,        // names, a NUL byte after each
};

// "yaml", "json", "jsonl", "text", "nul"; nothing for another text.
std::optional<UnitFormat> UnitFormatFromText(std::string_view text);

// The format that a file's name tells (.yaml, .yml, .json, .jsonl, .ndjson, .txt, with or without
// .gz after it); nothing for another name.
std::optional<UnitFormat> FormatOfName(std::string_view path);

// The format that the first bytes of a text suggest: JSON lines where the first line is a whole
// JSON value and not the last one; JSON where the text begins as JSON does; YAML where the first
// line begins or ends as a YAML map's does; else plain lines.
UnitFormat FormatOfText(std::string_view beginning);

// Reads one YAML or JSON document. Errors: kInvalid, with the position in it.
Result<Value> ParseDocument(std::string_view text, UnitFormat format);

// Reads the only document of a file, in the format that its name or text tells. Errors: kInvalid
// "FILE: ...".
Result<Value> ReadDocument(const std::string& path, std::istream& standard_input);

// What units get that do not say it themselves.
struct UnitDefaults {
  Value data;  // a map, or null for an empty one
  std::optional<double> priority;
  std::optional<double> delay;  // seconds
};

// A work unit as add_work_units takes it: one encoded CBOR item, checked.
using EncodedUnit = std::string;

// Appends the work units that a value of a file stands for:
//   a text or byte string         the unit of that name
//   a list of 2 to 4 parts        name, data, meta, priority, as in add_work_units
//   a map whose `key` is a string one unit: `key` and, where wanted, `data`, `priority`, `delay`
//   any other map                 a unit for each entry: name to data map, null for an empty one
// Errors: kInvalid, saying which unit and what is wrong; `units` is then as far as it got.
Result<void> AppendUnits(const Value& value, const UnitDefaults& defaults,
                         std::vector<EncodedUnit>& units);

// Appends the units of a whole document: a map or string as above, or a list of such values.
// Errors: those of AppendUnits(), with the place in the list.
Result<void> AppendDocumentUnits(const Value& document, const UnitDefaults& defaults,
                                 std::vector<EncodedUnit>& units);

// Where units are read from.
struct UnitSource {
  std::string path;                  // "-": standard input
  std::optional<UnitFormat> format;  // none: FormatOfName(), else FormatOfText()
  UnitDefaults defaults;
};

// Gives the units of one file, one after the other. Formats of lines are read as they are asked
// for, so that memory does not grow with the file; documents are read and checked as a whole by
// Open().
class UnitReader {
 public:
  // Errors: kInvalid "FILE: ...", for documents also all that is wrong inside.
  static Result<std::unique_ptr<UnitReader>> Open(const UnitSource& source,
                                                  std::istream& standard_input);

  // The next unit, or nothing at the end. Errors: kInvalid "FILE:LINE: ..."; the reader is then
  // spent.
  Result<std::optional<EncodedUnit>> Next();

  // True where errors may still come after the first units.
  bool streaming() const { return lines_ != nullptr; }
  // Units that have been read and not yet given; all there are where it is not streaming.
  std::size_t buffered() const { return units_.size(); }
  // True where another reader of the same source gives the same units.
  bool repeatable() const { return repeatable_; }
  // False where Next() would wait for another program to write something.
  bool Ready() const { return !units_.empty() || lines_ == nullptr || lines_->Ready(); }

 private:
  UnitReader(const UnitSource& source, bool repeatable)
      : source_(source), repeatable_(repeatable) {}
  Result<void> ReadWhole(LineInput& input, UnitFormat format);
  Result<void> ReadLine(std::string_view line);

  UnitSource source_;
  bool repeatable_;
  UnitFormat format_ = UnitFormat::kText;
  std::unique_ptr<LineInput> lines_;  // none for documents
  std::deque<EncodedUnit> units_;     // read and not yet given
};

}  // namespace coord

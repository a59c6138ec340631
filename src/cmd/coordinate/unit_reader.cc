// SPDX-License-Identifier: MIT
#include "cmd/coordinate/unit_reader.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/arena.h"
#include "domain/unit_items.h"
#include "value/cbor_reader.h"
#include "value/json.h"
#include "value/utf8.h"
#include "value/yaml.h"

namespace coord {

namespace {

// The daemon's limit of 128 levels, less those of the message around a unit.
constexpr int kUnitDepthMax = 120;
// A message of the daemon's default limit, 64 MiB, holds such a unit.
constexpr std::size_t kUnitBytesMax = kLineBytesMax;
// How much of a text FormatOfText() gets to see.
constexpr std::size_t kPeekBytes = std::size_t{64} << 10U;
constexpr std::string_view kWhite = " \t\r\n";
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

struct FormatName {
  std::string_view text;
  UnitFormat format;
};
constexpr std::array kFormatNames = {
    FormatName{"yaml", UnitFormat::kYaml}, FormatName{"json", UnitFormat::kJson},
    FormatName{"jsonl", UnitFormat::kJsonLines}, FormatName{"text", UnitFormat::kText},
    FormatName{"nul", UnitFormat::kNul}};
constexpr std::array kSuffixes = {
    FormatName{".yaml", UnitFormat::kYaml},        FormatName{".yml", UnitFormat::kYaml},
    FormatName{".json", UnitFormat::kJson},        FormatName{".jsonl", UnitFormat::kJsonLines},
    FormatName{".ndjson", UnitFormat::kJsonLines}, FormatName{".txt", UnitFormat::kText}};

bool IsDocument(UnitFormat format) {
  return format == UnitFormat::kYaml || format == UnitFormat::kJson;
}

std::string_view Trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kWhite);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kWhite) - begin + 1);
}

std::string_view WithoutByteOrderMark(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text;
}

Error Located(Error error, const std::string& place) {
  error.detail = place + ": " + error.detail;
  error.code = ErrorCode::kInvalid;
  return error;
}

// For error texts: a name as JSON, cut where it is long.
std::string Shown(const Value& name) {
  constexpr std::size_t kShownMax = 80;
  std::string text = ToJson(name, JsonStyle::kCompact);
  if (text.size() > kShownMax) text = text.substr(0, kShownMax) + "...";
  return text;
}

bool HasKey(const Value& map, std::string_view key) {
  const Value* found = map.Find(key);
  return found != nullptr && !found->is_null();
}

void AddDefaults(const UnitDefaults& defaults, std::vector<Value>& parts) {
  constexpr std::size_t kMeta = 2;
  constexpr std::size_t kPriority = 3;
  if (parts[1].is_null()) parts[1] = defaults.data;
  if (!defaults.priority && !defaults.delay) return;
  if (parts.size() <= kMeta) parts.resize(kMeta + 1);
  if (parts[kMeta].is_null()) parts[kMeta] = Map{};
  Map& meta = *parts[kMeta].As<Map>();
  const bool has_priority =
      HasKey(parts[kMeta], "priority") || (parts.size() > kPriority && !parts[kPriority].is_null());
  const bool has_delay = HasKey(parts[kMeta], "delay");
  if (defaults.priority && !has_priority) meta.emplace_back("priority", *defaults.priority);
  if (defaults.delay && !has_delay) meta.emplace_back("delay", *defaults.delay);
}

EncodedUnit EncodeParts(const std::vector<Value>& parts) {
  EncodedUnit encoded;
  CborWriter writer(encoded);
  writer.ArrayHead(parts.size());
  for (const Value& part : parts) EncodeCbor(part, writer);
  return encoded;
}

// Checks one unit by the daemon's own rules, and encodes it.
Result<EncodedUnit> EncodeUnit(std::vector<Value> parts, const UnitDefaults& defaults) {
  EncodedUnit encoded = EncodeParts(parts);
  if (encoded.size() > kUnitBytesMax) return InvalidError("the unit is too large to be sent");
  if (!CborItemSize(encoded, kUnitDepthMax)) {
    return InvalidError("the unit's data is nested too deep");
  }
  Arena arena;
  if (const Result<UnitItem> unit = ParseUnitItem(encoded, arena); !unit.has_value()) {
    return unit.error();
  }
  if (defaults.data.is_null() && !defaults.priority && !defaults.delay) return encoded;
  AddDefaults(defaults, parts);
  return EncodeParts(parts);
}

Result<void> AppendUnit(std::vector<Value> parts, const UnitDefaults& defaults,
                        std::vector<EncodedUnit>& units) {
  std::string name = parts.empty() ? "" : Shown(parts[0]);
  Result<EncodedUnit> unit = EncodeUnit(std::move(parts), defaults);
  if (!unit.has_value()) {
    return name.empty() ? unit.error() : Located(unit.error(), "unit " + name);
  }
  units.push_back(std::move(*unit));
  return {};
}

// The form {key, data, priority, delay}.
Result<std::vector<Value>> PartsOfRecord(const Map& record) {
  std::vector<Value> parts(2);
  Map meta;
  for (const auto& [key, value] : record) {
    const std::string* field = key.AsString();
    if (field != nullptr && *field == "key") {
      parts[0] = value;
    } else if (field != nullptr && *field == "data") {
      parts[1] = value;
    } else if (field != nullptr && (*field == "priority" || *field == "delay")) {
      meta.emplace_back(key, value);
    } else {
      return InvalidError("a unit has key, data, priority and delay, and no " + Shown(key));
    }
  }
  if (!meta.empty()) parts.emplace_back(std::move(meta));
  return parts;
}

Result<void> AppendMapUnits(const Value& value, const UnitDefaults& defaults,
                            std::vector<EncodedUnit>& units) {
  const Map& map = *value.As<Map>();
  const Value* key = value.Find("key");
  if (key != nullptr && key->AsString() != nullptr) {
    Result<std::vector<Value>> parts = PartsOfRecord(map);
    if (!parts.has_value()) return Located(parts.error(), "unit " + Shown(*key));
    return AppendUnit(std::move(*parts), defaults, units);
  }
  for (const auto& [name, data] : map) COORD_TRY_VOID(AppendUnit({name, data}, defaults, units));
  return {};
}

// Decides between a JSON document and lines of JSON by the first line.
UnitFormat FormatOfJson(std::string_view beginning) {
  const std::size_t end = beginning.find('\n');
  if (end == std::string_view::npos || Trimmed(beginning.substr(end)).empty()) {
    return UnitFormat::kJson;
  }
  return ParseJson(beginning.substr(0, end)).has_value() ? UnitFormat::kJsonLines
                                                         : UnitFormat::kJson;
}

bool BeginsAsYaml(std::string_view line) {
  return line == "---" || line.starts_with("--- ") || line.starts_with("%YAML") ||
         line.starts_with("- ") || line.starts_with("#") || line.ends_with(":") ||
         line.find(": ") != std::string_view::npos;
}

}  // namespace

std::optional<UnitFormat> UnitFormatFromText(std::string_view text) {
  for (const FormatName& name : kFormatNames) {
    if (name.text == text) return name.format;
  }
  return std::nullopt;
}

std::optional<UnitFormat> FormatOfName(std::string_view path) {
  if (path.ends_with(".gz")) path.remove_suffix(3);
  for (const FormatName& suffix : kSuffixes) {
    if (path.ends_with(suffix.text)) return suffix.format;
  }
  return std::nullopt;
}

UnitFormat FormatOfText(std::string_view beginning) {
  beginning = WithoutByteOrderMark(beginning);
  const std::size_t first = beginning.find_first_not_of(kWhite);
  if (first == std::string_view::npos) return UnitFormat::kText;
  beginning.remove_prefix(first);
  if (std::string_view("{[\"").find(beginning[0]) != std::string_view::npos) {
    return FormatOfJson(beginning);
  }
  const std::string_view line = Trimmed(beginning.substr(0, beginning.find('\n')));
  return BeginsAsYaml(line) ? UnitFormat::kYaml : UnitFormat::kText;
}

Result<Value> ParseDocument(std::string_view text, UnitFormat format) {
  text = WithoutByteOrderMark(text);
  return format == UnitFormat::kJson ? ParseJson(text) : ParseYaml(text);
}

Result<Value> ReadDocument(const std::string& path, std::istream& standard_input) {
  Result<std::unique_ptr<ByteInput>> input = ByteInput::Open(path, standard_input);
  if (!input.has_value()) return Located(input.error(), path);
  const Result<std::string> text = ReadAll(**input);
  if (!text.has_value()) return Located(text.error(), path);
  const UnitFormat told = FormatOfName(path).value_or(FormatOfText(*text));
  Result<Value> document =
      ParseDocument(*text, told == UnitFormat::kJson ? UnitFormat::kJson : UnitFormat::kYaml);
  // A YAML document may begin as a JSON one does.
  if (!document.has_value() && told == UnitFormat::kJson && !FormatOfName(path)) {
    if (Result<Value> yaml = ParseDocument(*text, UnitFormat::kYaml); yaml.has_value()) return yaml;
  }
  if (!document.has_value()) return Located(document.error(), path);
  return document;
}

Result<void> AppendUnits(const Value& value, const UnitDefaults& defaults,
                         std::vector<EncodedUnit>& units) {
  if (const std::vector<Value>* items = value.AsItems()) {
    return AppendUnit(*items, defaults, units);
  }
  if (value.AsString() != nullptr) return AppendUnit({value, Value()}, defaults, units);
  if (value.As<Map>() != nullptr) return AppendMapUnits(value, defaults, units);
  return InvalidError("a unit must be a name, a list of name and data, or a map, not " +
                      Shown(value));
}

Result<void> AppendDocumentUnits(const Value& document, const UnitDefaults& defaults,
                                 std::vector<EncodedUnit>& units) {
  if (document.is_null()) return {};
  const std::vector<Value>* items = document.AsItems();
  if (items == nullptr) return AppendUnits(document, defaults, units);
  for (std::size_t i = 0; i < items->size(); ++i) {
    const Result<void> appended = AppendUnits((*items)[i], defaults, units);
    if (!appended.has_value()) {
      return Located(appended.error(), "item " + std::to_string(i + 1));
    }
  }
  return {};
}

Result<std::unique_ptr<UnitReader>> UnitReader::Open(const UnitSource& source,
                                                     std::istream& standard_input) {
  Result<std::unique_ptr<ByteInput>> input = ByteInput::Open(source.path, standard_input);
  if (!input.has_value()) return Located(input.error(), source.path);
  auto lines = std::make_unique<LineInput>(std::move(*input), '\n');
  std::optional<UnitFormat> format = source.format;
  if (!format) format = FormatOfName(source.path);
  if (!format) {
    const Result<std::string_view> beginning = lines->Peek(kPeekBytes);
    if (!beginning.has_value()) return Located(beginning.error(), source.path);
    format = FormatOfText(*beginning);
  }
  std::unique_ptr<UnitReader> reader(new UnitReader(source, lines->repeatable()));
  reader->format_ = *format;
  if (IsDocument(*format)) {
    const Result<void> read = reader->ReadWhole(*lines, *format);
    if (!read.has_value()) return Located(read.error(), source.path);
    return reader;
  }
  if (*format == UnitFormat::kNul) lines->set_separator('\0');
  reader->lines_ = std::move(lines);
  return reader;
}

Result<void> UnitReader::ReadWhole(LineInput& input, UnitFormat format) {
  COORD_TRY(text, input.Rest());
  COORD_TRY(document, ParseDocument(text, format));
  std::vector<EncodedUnit> units;
  COORD_TRY_VOID(AppendDocumentUnits(document, source_.defaults, units));
  units_.assign(std::make_move_iterator(units.begin()), std::make_move_iterator(units.end()));
  return {};
}

Result<void> UnitReader::ReadLine(std::string_view line) {
  if (lines_->number() == 1) line = WithoutByteOrderMark(line);
  std::vector<EncodedUnit> units;
  if (format_ == UnitFormat::kJsonLines) {
    if (Trimmed(line).empty()) return {};
    COORD_TRY(value, ParseJson(line));
    COORD_TRY_VOID(AppendUnits(value, source_.defaults, units));
  } else {
    if (format_ == UnitFormat::kText && line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) return {};
    const Value name = IsUtf8(line) ? Value(line) : Value(Bytes{std::string(line)});
    COORD_TRY_VOID(AppendUnits(name, source_.defaults, units));
  }
  std::move(units.begin(), units.end(), std::back_inserter(units_));
  return {};
}

Result<std::optional<EncodedUnit>> UnitReader::Next() {
  while (units_.empty() && lines_ != nullptr) {
    std::string_view line;
    const Result<bool> more = lines_->Next(line);
    const std::size_t at = lines_->number() + (more.has_value() ? 0 : 1);
    const std::string place = source_.path + ":" + std::to_string(at);
    if (!more.has_value()) return Located(more.error(), place);
    if (!*more) break;
    if (const Result<void> read = ReadLine(line); !read.has_value()) {
      return Located(read.error(), place);
    }
  }
  if (units_.empty()) return std::optional<EncodedUnit>();
  std::optional<EncodedUnit> unit(std::move(units_.front()));
  units_.pop_front();
  return unit;
}

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "cmd/coordinate/work_options.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <utility>

#include "value/cbor_reader.h"
#include "value/json.h"

namespace coord {

namespace {

// The daemon's limit of 128 levels, less those of the message around the data.
constexpr int kDataDepthMax = 120;
constexpr std::string_view kDataPrefix = "data.";

// Walks into maps along the dots; nullptr where that leads nowhere.
const Value* FindField(const Value& data, std::string_view path) {
  const Value* at = &data;
  while (at != nullptr) {
    const std::size_t dot = path.find('.');
    at = at->Find(path.substr(0, dot));
    if (dot == std::string_view::npos) return at;
    path.remove_prefix(dot + 1);
  }
  return nullptr;
}

// The text for what stands between a pair of braces; nothing if it is no placeholder.
Result<std::optional<std::string>> Replacement(std::string_view inside, const WorkUnit& unit) {
  if (inside == "key") return std::optional(unit.key);
  if (inside == "spec") return std::optional(unit.spec);
  if (!inside.starts_with(kDataPrefix) || inside == kDataPrefix)
    return std::optional<std::string>();
  const std::string_view field = inside.substr(kDataPrefix.size());
  const Value* value = FindField(unit.data, field);
  if (value == nullptr || value->is_null()) {
    return InvalidError("the work unit's data has no " + std::string(field));
  }
  if (const std::string* text = value->AsString()) return std::optional(*text);
  return std::optional(ToJson(*value, JsonStyle::kCompact));
}

// The length of the placeholder-like text at the front, braces included; 0 where there is none.
std::size_t BracedLength(std::string_view text) {
  if (!text.starts_with('{')) return 0;
  const std::size_t end = text.find_first_of("{}", 1);
  return end != std::string_view::npos && text[end] == '}' ? end + 1 : 0;
}

Result<std::string> ExpandWord(std::string_view word, const WorkUnit& unit) {
  std::string expanded;
  while (!word.empty()) {
    const std::size_t braced = BracedLength(word);
    std::optional<std::string> replacement;
    if (braced > 0) {
      COORD_TRY(found, Replacement(word.substr(1, braced - 2), unit));
      replacement = std::move(found);
    }
    const std::size_t taken = replacement ? braced : 1;
    expanded += replacement ? *replacement : std::string(word.substr(0, 1));
    word.remove_prefix(taken);
  }
  if (expanded.find('\0') != std::string::npos) {
    return InvalidError("an argument of the program would hold a NUL byte");
  }
  return expanded;
}

bool IsExecutable(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         access(path.c_str(), X_OK) == 0;
}

}  // namespace

Result<std::vector<std::string>> ExpandCommand(const std::vector<std::string>& command,
                                               const WorkUnit& unit) {
  std::vector<std::string> expanded;
  for (const std::string& word : command) {
    COORD_TRY(text, ExpandWord(word, unit));
    expanded.push_back(std::move(text));
  }
  return expanded;
}

bool HasPlaceholder(std::string_view word) {
  for (; !word.empty(); word.remove_prefix(1)) {
    const std::size_t braced = BracedLength(word);
    if (braced == 0) continue;
    const std::string_view inside = word.substr(1, braced - 2);
    if (inside == "key" || inside == "spec" ||
        (inside.starts_with(kDataPrefix) && inside != kDataPrefix)) {
      return true;
    }
  }
  return false;
}

std::vector<std::string> UnitEnvironment(const WorkOptions& options, const WorkUnit& unit) {
  std::vector<std::string> entries{"COORDINATE_SPEC=" + unit.spec,
                                   "COORDINATE_WORKER=" + options.worker_id,
                                   "COORDINATE_ADDRESS=" + ToText(options.address)};
  if (unit.key.find('\0') == std::string::npos) entries.push_back("COORDINATE_KEY=" + unit.key);
  if (options.result_descriptor >= 0) {
    entries.push_back("COORDINATE_RESULT_FD=" + std::to_string(options.result_descriptor));
  }
  return entries;
}

Result<void> CheckProgram(const std::string& program) {
  if (program.empty()) return InvalidError("the program's name is empty");
  if (HasPlaceholder(program)) return {};
  if (program.find('/') != std::string::npos) {
    if (IsExecutable(program)) return {};
    return InvalidError(program + " is no program that can be run");
  }
  const char* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin";
  while (true) {
    const std::size_t colon = rest.find(':');
    const std::string folder(rest.substr(0, colon));
    if (IsExecutable((folder.empty() ? "." : folder) + "/" + program)) return {};
    if (colon == std::string_view::npos) break;
    rest.remove_prefix(colon + 1);
  }
  return InvalidError("there is no program " + program + " in PATH");
}

Value WithTraceback(const Value& data, std::string traceback) {
  Map map = data.As<Map>() != nullptr ? *data.As<Map>() : Map();
  std::erase_if(map, [](const auto& entry) {
    const std::string* key = entry.first.AsString();
    return key != nullptr && *key == "traceback";
  });
  map.emplace_back("traceback", std::move(traceback));
  return map;
}

Result<Value> ReadResult(std::string_view text) {
  if (text.size() > kResultBytesMax) {
    return InvalidError("the result is longer than " + std::to_string(kResultBytesMax) + " bytes");
  }
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return Value();
  Result<Value> value = ParseJson(text);
  if (!value.has_value()) return InvalidError("the result is no JSON: " + value.error().detail);
  if (value->As<Map>() == nullptr) return InvalidError("the result is no JSON object");
  if (!CborItemSize(EncodeCbor(*value), kDataDepthMax)) {
    return InvalidError("the result is nested too deep");
  }
  return value;
}

}  // namespace coord

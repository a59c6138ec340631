// SPDX-License-Identifier: MIT
#include "rest/body_format.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace coord {

namespace {

constexpr std::array<std::string_view, 4> kJsonNames = {
    kJsonType, "application/vnd.diffeo.coordinate+json", "application/json", "text/json"};

std::string_view Trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool EqualNoCase(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  });
}

// Takes what comes before the next `separator` that is not in quotes off the front.
std::string_view TakePart(std::string_view& rest, char separator) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < rest.size(); ++end) {
    if (rest[end] == '"') quoted = !quoted;
    if (rest[end] == '\\' && quoted) ++end;
    if (end < rest.size() && rest[end] == separator && !quoted) break;
  }
  end = std::min(end, rest.size());
  const std::string_view part = Trim(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

// A weight in thousandths; one that cannot be read counts as none given.
int ReadWeight(std::string_view text) {
  if (text.empty() || (text[0] != '0' && text[0] != '1')) return 1000;
  int weight = (text[0] - '0') * 1000;
  int unit = 100;
  for (std::size_t i = 2; i < text.size() && i < 5; ++i, unit /= 10) {
    if (text[i] < '0' || text[i] > '9') return 1000;
    weight += (text[i] - '0') * unit;
  }
  return std::min(weight, 1000);
}

// A range of media types with its weight.
struct Range {
  std::string_view type;
  int weight = 1000;
};

Range ReadRange(std::string_view text) {
  Range range;
  range.type = TakePart(text, ';');
  while (!text.empty()) {
    std::string_view parameter = TakePart(text, ';');
    const std::string_view name = TakePart(parameter, '=');
    if (EqualNoCase(name, "q")) range.weight = ReadWeight(Trim(parameter));
  }
  return range;
}

// How closely a range names a type: 0 not at all, 3 exactly.
int Closeness(std::string_view range, std::string_view type) {
  if (EqualNoCase(range, type)) return 3;
  if (range == "*/*") return 1;
  const std::size_t slash = type.find('/');
  const bool any_subtype = range.size() == slash + 2 && range.substr(slash) == "/*" &&
                           EqualNoCase(range.substr(0, slash), type.substr(0, slash));
  return any_subtype ? 2 : 0;
}

// What the fields say of one type: the weight of the range that names it most closely.
struct Verdict {
  int closeness = 0;
  int weight = 0;

  void Consider(const Range& range, std::string_view type) {
    const int close = Closeness(range.type, type);
    if (close == 0 || close < closeness) return;
    weight = close > closeness ? range.weight : std::max(weight, range.weight);
    closeness = close;
  }
};

}  // namespace

std::optional<BodyFormat> FormatOfContentType(std::string_view content_type) {
  const std::string_view type = TakePart(content_type, ';');
  if (EqualNoCase(type, kCborType)) return BodyFormat::kCbor;
  for (const std::string_view name : kJsonNames) {
    if (EqualNoCase(type, name)) return BodyFormat::kJson;
  }
  return std::nullopt;
}

std::optional<BodyFormat> NegotiateFormat(std::span<const std::string_view> accept) {
  std::array<Verdict, kJsonNames.size()> json;
  Verdict cbor;
  bool any = false;
  for (std::string_view field : accept) {
    while (!field.empty()) {
      const std::string_view part = TakePart(field, ',');
      if (part.empty()) continue;
      any = true;
      const Range range = ReadRange(part);
      for (std::size_t i = 0; i < json.size(); ++i) json[i].Consider(range, kJsonNames[i]);
      cbor.Consider(range, kCborType);
    }
  }
  if (!any) return BodyFormat::kJson;
  int json_weight = 0;
  for (const Verdict& verdict : json) json_weight = std::max(json_weight, verdict.weight);
  if (json_weight == 0 && cbor.weight == 0) return std::nullopt;
  return cbor.weight > json_weight ? BodyFormat::kCbor : BodyFormat::kJson;
}

}  // namespace coord

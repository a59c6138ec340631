// SPDX-License-Identifier: MIT
#include "rest/body_format.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace coord {

namespace {

constexpr std::array<std::string_view, 4> kJsonNames = {
    kJsonType, "application/vnd.diffeo.coordinate+json", "application/json", "text/json"};

std::string_view Trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
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

// How much a request likes each form, in thousandths.
struct Weights {
  bool any = false;  // it says so at all
  int json = 0;
  int cbor = 0;
  int html = 0;
};

Weights WeighFormats(std::span<const std::string_view> accept) {
  std::array<Verdict, kJsonNames.size()> json;
  Verdict cbor;
  Verdict html;
  Weights weights;
  for (std::string_view field : accept) {
    while (!field.empty()) {
      const std::string_view part = TakePart(field, ',');
      if (part.empty()) continue;
      weights.any = true;
      const Range range = ReadRange(part);
      for (std::size_t i = 0; i < json.size(); ++i) json[i].Consider(range, kJsonNames[i]);
      cbor.Consider(range, kCborType);
      html.Consider(range, "text/html");
    }
  }
  for (const Verdict& verdict : json) weights.json = std::max(weights.json, verdict.weight);
  weights.cbor = cbor.weight;
  weights.html = html.weight;
  return weights;
}

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
  const Weights weights = WeighFormats(accept);
  if (!weights.any) return BodyFormat::kJson;
  if (weights.json == 0 && weights.cbor == 0) return std::nullopt;
  return weights.cbor > weights.json ? BodyFormat::kCbor : BodyFormat::kJson;
}

bool PrefersHtml(std::span<const std::string_view> accept) {
  const Weights weights = WeighFormats(accept);
  return weights.html > std::max(weights.json, weights.cbor);
}

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "value/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <limits>

#include "value/base64.h"
#include "value/number_text.h"

namespace coord {

namespace {

constexpr std::string_view kDecimal = "0123456789";

template <std::size_t size>
bool IsOneOf(std::string_view text, const std::array<std::string_view, size>& spellings) {
  return std::find(spellings.begin(), spellings.end(), text) != spellings.end();
}

constexpr std::array<std::string_view, 9> kTrue = {"yes",  "Yes", "YES", "true", "True",
                                                   "TRUE", "on",  "On",  "ON"};
constexpr std::array<std::string_view, 9> kFalse = {"no",    "No",  "NO",  "false", "False",
                                                    "FALSE", "off", "Off", "OFF"};
constexpr std::array<std::string_view, 5> kNull = {"", "~", "null", "Null", "NULL"};

// A cursor over a scalar, for matching PyYAML's expressions by hand.
class Matcher {
 public:
  explicit Matcher(std::string_view text) : rest_(text) {}

  bool AtEnd() const { return rest_.empty(); }

  bool Take(std::string_view prefix) {
    if (!rest_.starts_with(prefix)) return false;
    rest_.remove_prefix(prefix.size());
    return true;
  }

  bool TakeOneOf(std::string_view characters) {
    if (rest_.empty() || characters.find(rest_[0]) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Takes as many of these characters as there are and says how many.
  std::size_t TakeAll(std::string_view characters) {
    const std::size_t count = std::min(rest_.find_first_not_of(characters), rest_.size());
    rest_.remove_prefix(count);
    return count;
  }

  // (:[0-5]?[0-9])+
  bool TakeSixties() {
    bool any = false;
    while (Take(":")) {
      const bool tens = !rest_.empty() && rest_[0] <= '5';
      if (!TakeOneOf(kDecimal)) return false;
      if (tens) TakeOneOf(kDecimal);
      any = true;
    }
    return any;
  }

 private:
  std::string_view rest_;
};

bool IsInteger(std::string_view text) {
  Matcher matcher(text);
  matcher.TakeOneOf("+-");
  if (matcher.Take("0")) {
    if (matcher.AtEnd()) return true;
    if (matcher.Take("b")) return matcher.TakeAll("01_") > 0 && matcher.AtEnd();
    if (matcher.Take("x")) return matcher.TakeAll("0123456789abcdefABCDEF_") > 0 && matcher.AtEnd();
    return matcher.TakeAll("01234567_") > 0 && matcher.AtEnd();
  }
  if (!matcher.TakeOneOf("123456789")) return false;
  matcher.TakeAll("0123456789_");
  return matcher.AtEnd() || (matcher.TakeSixties() && matcher.AtEnd());
}

bool IsFloat(std::string_view text) {
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return true;
  Matcher matcher(text);
  const bool sign = matcher.TakeOneOf("+-");
  if (matcher.Take(".")) {
    if (matcher.Take("inf") || matcher.Take("Inf") || matcher.Take("INF")) return matcher.AtEnd();
    if (sign || !matcher.TakeOneOf(kDecimal)) return false;
    matcher.TakeAll("0123456789_");
  } else {
    if (!matcher.TakeOneOf(kDecimal)) return false;
    matcher.TakeAll("0123456789_");
    const bool sixties = matcher.TakeSixties();
    if (!matcher.Take(".")) return false;
    matcher.TakeAll("0123456789_");
    if (sixties) return matcher.AtEnd();
  }
  if (matcher.AtEnd()) return true;
  return matcher.TakeOneOf("eE") && matcher.TakeOneOf("+-") && matcher.TakeAll(kDecimal) > 0 &&
         matcher.AtEnd();
}

bool TakeSign(std::string_view& text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  return negative;
}

std::string WithoutUnderscores(std::string_view text) {
  std::string kept(text);
  std::erase(kept, '_');
  return kept;
}

std::vector<std::string_view> SplitAtColons(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t colon = 0; (colon = text.find(':')) != std::string_view::npos;) {
    parts.push_back(text.substr(0, colon));
    text.remove_prefix(colon + 1);
  }
  parts.push_back(text);
  return parts;
}

std::uint32_t DigitOf(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0');
  return static_cast<std::uint32_t>((c | 0x20) - 'a' + 10);
}

Result<Value> NotA(std::string_view what, std::string_view text) {
  return InvalidError("'" + std::string(text.substr(0, 100)) + "' is no " + std::string(what));
}

// `text` has passed IsInteger().
Result<Value> IntegerValue(std::string_view text) {
  const std::string kept = WithoutUnderscores(text);
  std::string_view digits = kept;
  const bool negative = TakeSign(digits);
  std::uint32_t base = 10;
  if (digits.starts_with("0b") || digits.starts_with("0x")) {
    base = digits[1] == 'b' ? 2 : 16;
    digits.remove_prefix(2);
  } else if (digits.starts_with('0')) {
    base = 8;
  }
  if (digits.empty()) return NotA("integer", text);
  if (digits.size() > kIntegerDigitsMax) return InvalidError("the integer has too many digits");
  IntegerBuilder builder;
  for (const std::string_view part : SplitAtColons(digits)) {
    if (part.data() != digits.data()) {
      builder.Push(60, static_cast<std::uint32_t>(std::stoul(std::string(part))));
      continue;
    }
    for (const char digit : part) builder.Push(base, DigitOf(digit));
  }
  return builder.Finish(negative);
}

// `text` has passed IsFloat() or has an explicit tag.
Result<Value> FloatValue(std::string_view text) {
  const std::string kept = WithoutUnderscores(text);
  std::string_view digits = kept;
  const double sign = TakeSign(digits) ? -1.0 : 1.0;
  if (digits == ".inf" || digits == ".Inf" || digits == ".INF") {
    return sign * std::numeric_limits<double>::infinity();
  }
  if (digits == ".nan" || digits == ".NaN" || digits == ".NAN") {
    return std::numeric_limits<double>::quiet_NaN();
  }
  // The least significant part first, so that the sum is rounded as PyYAML rounds it.
  std::vector<std::string_view> parts = SplitAtColons(digits);
  double base = 1;
  double sum = 0;
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    const auto value = ParseDouble(*part);
    if (!value) return NotA("float", text);
    sum += *value * base;
    base *= 60;
  }
  return sign * sum;
}

Result<Value> BinaryValue(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; });
  auto bytes = DecodeBase64(text);
  if (!bytes) return InvalidError("the !!binary text is not base64");
  return Bytes{*std::move(bytes)};
}

bool IsBool(std::string text, bool& value) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  value = IsOneOf(text, kTrue);
  return value || IsOneOf(text, kFalse);
}

}  // namespace

Result<Value> PlainYamlScalar(std::string text) {
  if (IsOneOf(text, kNull)) return Value();
  if (IsOneOf(text, kTrue)) return true;
  if (IsOneOf(text, kFalse)) return false;
  if (IsFloat(text)) return FloatValue(text);
  if (IsInteger(text)) return IntegerValue(text);
  return Value(std::move(text));
}

Result<Value> TaggedYamlScalar(std::string_view tag, std::string text) {
  constexpr std::string_view kPrefix = "tag:yaml.org,2002:";
  if (tag == "!") return Value(std::move(text));
  const std::string_view name =
      tag.starts_with(kPrefix) ? tag.substr(kPrefix.size()) : std::string_view();
  if (name == "str" || name == "timestamp") return Value(std::move(text));
  if (name == "int") return IsInteger(text) ? IntegerValue(text) : NotA("integer", text);
  if (name == "float") return FloatValue(text);
  if (name == "null") return Value();
  if (name == "binary") return BinaryValue(std::move(text));
  if (name == "bool") {
    bool value = false;
    return IsBool(text, value) ? Result<Value>(value) : NotA("boolean", text);
  }
  return InvalidError("a scalar cannot have the tag " + std::string(tag));
}

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "value/readable_text.h"

#include <array>
#include <cmath>
#include <ctime>

#include "value/utf8.h"

namespace coord {

namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

bool IsControl(unsigned char byte) { return byte < 0x20 || byte == 0x7f; }

bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80; }

// The controls U+0080 to U+009F, which terminals obey, are C2 80 to C2 9F in UTF-8.
bool HasLateControl(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] == '\xc2' && static_cast<unsigned char>(text[i + 1]) < 0xa0) return true;
  }
  return false;
}

bool IsPrintable(std::string_view text) {
  for (const char c : text) {
    if (IsControl(static_cast<unsigned char>(c))) return false;
  }
  return IsUtf8(text) && !HasLateControl(text);
}

std::string TwoDigits(std::int64_t number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

}  // namespace

std::string Readable(std::string_view bytes) {
  if (bytes.empty()) return "''";
  if (IsPrintable(bytes)) return std::string(bytes);
  std::string quoted = "$'";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == '\'' || byte == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (IsControl(byte) || byte >= 0x80) {
      quoted += "\\x";
      quoted += kHexDigits[byte >> 4U];
      quoted += kHexDigits[byte & 15U];
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

std::string ShellQuoted(std::string_view bytes) {
  if (!IsPrintable(bytes)) return Readable(bytes);
  std::string quoted = "'";
  for (const char c : bytes) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

std::string OneLine(std::string_view text, std::size_t width_max) {
  const bool utf8 = IsUtf8(text) && !HasLateControl(text);
  std::string line;
  std::size_t width = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (utf8 && IsContinuation(c)) {
      line += c;
      continue;
    }
    const bool blank = IsControl(byte) || c == ' ';
    if (blank && (line.empty() || line.back() == ' ')) continue;
    if (width == width_max) return line + "...";
    ++width;
    line += blank ? ' ' : (byte >= 0x80 && !utf8 ? '?' : c);
  }
  return line;
}

std::string_view LastLine(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\v\f";
  const std::size_t last = text.find_last_not_of(kBlanks);
  if (last == std::string_view::npos) return {};
  text = text.substr(0, last + 1);
  const std::size_t line_break = text.rfind('\n');
  if (line_break != std::string_view::npos) text.remove_prefix(line_break + 1);
  return text.substr(text.find_first_not_of(kBlanks));
}

std::size_t DisplayWidth(std::string_view text) {
  std::size_t width = 0;
  for (const char c : text) {
    if (!IsContinuation(c)) ++width;
  }
  return width;
}

std::string FormatSpan(double seconds) {
  constexpr std::int64_t kMinute = 60;
  constexpr std::int64_t kHour = 60 * kMinute;
  constexpr std::int64_t kDay = 24 * kHour;
  if (!(seconds >= 1)) return "0s";
  if (seconds >= 1e4 * static_cast<double>(kDay)) return ">9999d";
  const auto whole = static_cast<std::int64_t>(seconds);
  if (whole < kMinute) return std::to_string(whole) + "s";
  if (whole < kHour) {
    return std::to_string(whole / kMinute) + "m" + TwoDigits(whole % kMinute) + "s";
  }
  if (whole < kDay) {
    return std::to_string(whole / kHour) + "h" + TwoDigits(whole % kHour / kMinute) + "m";
  }
  return std::to_string(whole / kDay) + "d" + TwoDigits(whole % kDay / kHour) + "h";
}

std::string FormatInstant(double unix_seconds) {
  const auto whole = static_cast<std::time_t>(std::floor(unix_seconds));
  std::tm parts{};
  std::array<char, 64> text{};
  if (gmtime_r(&whole, &parts) == nullptr ||
      std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
    return "?";
  }
  return text.data();
}

}  // namespace coord

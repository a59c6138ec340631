// SPDX-License-Identifier: MIT
#include "rest/time_text.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace coord {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

void PutDigits(char* to, unsigned count, unsigned value) {
  for (unsigned i = count; i > 0; --i) {
    to[i - 1] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

// Takes exactly `count` digits off the front.
std::optional<unsigned> TakeDigits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  unsigned value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool TakeChar(std::string_view& text, std::string_view allowed) {
  if (text.empty() || allowed.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// Takes "AA<separator>BB<separator>CC" off the front.
std::optional<std::array<unsigned, 3>> TakeTriple(std::string_view& text, std::size_t first_digits,
                                                  std::string_view separator) {
  std::array<unsigned, 3> triple{};
  for (std::size_t i = 0; i < 3; ++i) {
    if (i > 0 && !TakeChar(text, separator)) return std::nullopt;
    const auto number = TakeDigits(text, i == 0 ? first_digits : 2);
    if (!number) return std::nullopt;
    triple[i] = *number;
  }
  return triple;
}

std::optional<Duration> TakeFraction(std::string_view& text) {
  if (!TakeChar(text, ".")) return Duration(0);
  std::int64_t micros = 0;
  std::int64_t unit = 100'000;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    micros += unit * (text[digits] - '0');
    unit /= 10;
  }
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  return Duration(micros);
}

// The whole rest: "Z" or an offset, which is what local time is ahead of UTC.
std::optional<Duration> ReadOffset(std::string_view text) {
  if (text == "Z" || text == "z") return Duration(0);
  const bool behind = !text.empty() && text.front() == '-';
  if (!TakeChar(text, "+-")) return std::nullopt;
  const auto hour = TakeDigits(text, 2);
  if (!hour || !TakeChar(text, ":")) return std::nullopt;
  const auto minute = TakeDigits(text, 2);
  if (!minute || !text.empty() || *hour > 23 || *minute > 59) return std::nullopt;
  const Duration offset = hours(*hour) + minutes(*minute);
  return behind ? -offset : offset;
}

}  // namespace

void AppendTime(std::string& out, WallTime time) {
  if (time == kNoTime) {
    out.append(kNoTimeText);
    return;
  }
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 27> text{};
  std::string_view("0000-00-00T00:00:00.000000Z").copy(text.data(), text.size());
  PutDigits(text.data(), 4, static_cast<unsigned>(static_cast<int>(date.year())));
  PutDigits(text.data() + 5, 2, static_cast<unsigned>(date.month()));
  PutDigits(text.data() + 8, 2, static_cast<unsigned>(date.day()));
  PutDigits(text.data() + 11, 2, static_cast<unsigned>(clock.hours().count()));
  PutDigits(text.data() + 14, 2, static_cast<unsigned>(clock.minutes().count()));
  PutDigits(text.data() + 17, 2, static_cast<unsigned>(clock.seconds().count()));
  PutDigits(text.data() + 20, 6, static_cast<unsigned>(clock.subseconds().count()));
  out.append(text.data(), text.size());
}

std::optional<WallTime> ReadTime(std::string_view text) {
  const auto date = TakeTriple(text, 4, "-");
  if (!date || !TakeChar(text, "Tt ")) return std::nullopt;
  const auto clock = TakeTriple(text, 2, ":");
  if (!clock) return std::nullopt;
  const auto fraction = TakeFraction(text);
  if (!fraction) return std::nullopt;
  const auto offset = ReadOffset(text);
  const std::chrono::year_month_day day{std::chrono::year(static_cast<int>((*date)[0])),
                                        std::chrono::month((*date)[1]),
                                        std::chrono::day((*date)[2])};
  if (!offset || !day.ok() || (*clock)[0] > 23 || (*clock)[1] > 59 || (*clock)[2] > 60) {
    return std::nullopt;
  }
  if ((*date)[0] <= 1) return kNoTime;
  const WallTime time = WallTime(std::chrono::sys_days(day)) + hours((*clock)[0]) +
                        minutes((*clock)[1]) + seconds((*clock)[2]) + *fraction - *offset;
  return std::clamp(time, WallTime(), kMaxTime);
}

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "value/number_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace coord {

namespace {

// More than this many bytes always have more than kIntegerDigitsMax digits.
constexpr std::size_t kMagnitudeBytesMax = kIntegerDigitsMax * 10 / 24 + 1;

bool TakeSign(std::string_view& text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  return negative;
}

bool AllDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void MultiplyAdd(std::vector<std::uint32_t>& limbs, std::uint32_t factor, std::uint32_t addend) {
  std::uint64_t carry = addend;
  for (std::uint32_t& limb : limbs) {
    carry += std::uint64_t{limb} * factor;
    limb = static_cast<std::uint32_t>(carry);
    carry >>= 32U;
  }
  if (carry != 0) limbs.push_back(static_cast<std::uint32_t>(carry));
}

// Divides in place and returns the remainder.
std::uint32_t Divide(std::vector<std::uint32_t>& limbs, std::uint32_t divisor) {
  std::uint64_t remainder = 0;
  for (std::size_t i = limbs.size(); i-- > 0;) {
    remainder = (remainder << 32U) | limbs[i];
    limbs[i] = static_cast<std::uint32_t>(remainder / divisor);
    remainder %= divisor;
  }
  while (!limbs.empty() && limbs.back() == 0) limbs.pop_back();
  return static_cast<std::uint32_t>(remainder);
}

// True where a decimal number that no double can hold is too large rather than too small: the power
// of ten of its first digit that counts tells.
bool IsHuge(std::string_view text) {
  const std::size_t e = std::min(text.find_first_of("eE"), text.size());
  const std::string_view mantissa = text.substr(0, e);
  std::string_view exponent_text = text.substr(std::min(e + 1, text.size()));
  const bool negative = TakeSign(exponent_text);
  // An exponent beyond `long` outweighs any mantissa.
  long exponent = 0;
  if (std::from_chars(exponent_text.data(), exponent_text.data() + exponent_text.size(), exponent)
          .ec == std::errc::result_out_of_range) {
    return !negative;
  }
  if (negative) exponent = -exponent;
  const auto point = static_cast<long>(std::min(mantissa.find('.'), mantissa.size()));
  const auto first =
      static_cast<long>(std::min(mantissa.find_first_of("123456789"), mantissa.size()));
  return exponent > first - point;
}

}  // namespace

void IntegerBuilder::Push(std::uint32_t base, std::uint32_t digit) {
  MultiplyAdd(limbs_, base, digit);
}

Value IntegerBuilder::Finish(bool negative) const {
  std::vector<std::uint32_t> limbs = limbs_;
  const bool zero = std::all_of(limbs.begin(), limbs.end(), [](auto limb) { return limb == 0; });
  if (zero) return 0;
  if (negative) {  // -n is kept as -1 - (n - 1)
    for (std::uint32_t& limb : limbs) {
      if (limb-- != 0) break;
    }
  }
  std::string magnitude;
  for (std::size_t i = limbs.size(); i-- > 0;) {
    for (unsigned shift = 32; shift > 0;) {
      shift -= 8;
      magnitude.push_back(static_cast<char>(limbs[i] >> shift));
    }
  }
  return IntegerOfMagnitude(negative, magnitude);
}

std::optional<Value> ParseInteger(std::string_view text) {
  const bool negative = TakeSign(text);
  if (text.empty() || text.size() > kIntegerDigitsMax || !AllDigits(text)) return std::nullopt;
  std::uint64_t small = 0;
  if (text.size() < 19) {
    std::from_chars(text.data(), text.data() + text.size(), small);
    const auto value = static_cast<std::int64_t>(small);
    return negative ? Value(-value) : Value(value);
  }
  IntegerBuilder builder;
  for (const char digit : text) builder.Push(10, static_cast<std::uint32_t>(digit - '0'));
  return builder.Finish(negative);
}

std::optional<std::string> BignumDigits(const Bignum& bignum) {
  if (bignum.magnitude.size() > kMagnitudeBytesMax) return std::nullopt;
  std::vector<std::uint32_t> limbs;
  for (const char byte : bignum.magnitude)
    MultiplyAdd(limbs, 256, static_cast<unsigned char>(byte));
  if (bignum.negative) MultiplyAdd(limbs, 1, 1);
  std::string digits;
  while (!limbs.empty()) digits.push_back(static_cast<char>('0' + Divide(limbs, 10)));
  if (digits.size() > kIntegerDigitsMax) return std::nullopt;
  if (digits.empty()) digits.push_back('0');
  if (bignum.negative) digits.push_back('-');
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::optional<double> ParseDouble(std::string_view text) {
  const bool negative = TakeSign(text);
  if (text.empty() || (text[0] != '.' && !AllDigits(text.substr(0, 1)))) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    value = IsHuge(text) ? std::numeric_limits<double>::infinity() : 0.0;
  } else if (error != std::errc{}) {
    return std::nullopt;
  }
  return negative ? -value : value;
}

std::string DoubleText(double value) {
  char buffer[32];
  const auto [end, error] = std::to_chars(std::begin(buffer), std::end(buffer), value);
  std::string text(std::begin(buffer), end);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

}  // namespace coord

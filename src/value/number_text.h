// SPDX-License-Identifier: MIT
// Numbers as text: integers of any size and doubles, for JSON, YAML and the command line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "value/value.h"

namespace coord {

// Decimal digits that an integer may have in a text. Conversion costs their square.
inline constexpr std::size_t kIntegerDigitsMax = 4300;

// Puts an integer of any size together from its digits, the most significant first.
class IntegerBuilder {
 public:
  // value = value * base + digit
  void Push(std::uint32_t base, std::uint32_t digit);

  // The integer, of the kind that its size asks for.
  Value Finish(bool negative) const;

 private:
  std::vector<std::uint32_t> limbs_;  // the least significant first
};

// An optional sign and decimal digits, as int64, uint64 or bignum; nothing for any other text and
// for more than kIntegerDigitsMax digits.
std::optional<Value> ParseInteger(std::string_view text);

// The decimal digits of a bignum, or nothing where they would be more than kIntegerDigitsMax.
std::optional<std::string> BignumDigits(const Bignum& bignum);

// A decimal number with optional sign, point and exponent, as the nearest double: beyond the range
// of doubles that is an infinity or zero. Nothing for any other text, "inf" and "nan" included.
std::optional<double> ParseDouble(std::string_view text);

// The shortest text that reads back as the same finite double, with a point or an exponent.
std::string DoubleText(double value);

}  // namespace coord

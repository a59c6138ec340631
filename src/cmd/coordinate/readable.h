// SPDX-License-Identifier: MIT
// Keys and values as text for people; more of that is in value/readable_text.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "value/readable_text.h"
#include "value/value.h"

namespace coord {

// A string by Readable(), anything else as compact JSON; null is "-".
std::string ReadableValue(const Value& value);

// Two digits a byte. Errors of FromHex: kInvalid (odd length, no hexadecimal digit).
std::string ToHex(std::string_view bytes);
Result<std::string> FromHex(std::string_view digits);

// Adds "key" to a map for JSON output, and "key_hex" where the key is not UTF-8 and so "key" is
// only its readable form.
void AddKey(Map& map, std::string_view key);

// The value of a definition or meta map's entry as a number; `otherwise` where it is none.
double NumberOr(const Value& map, std::string_view key, double otherwise);
// The same for text; a missing or other value is "".
std::string TextOr(const Value& map, std::string_view key);

}  // namespace coord

// SPDX-License-Identifier: MIT
// JSON to and from Value. Link with coord_json.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "value/value.h"

namespace coord {

// Lists and maps may nest this deep in a text.
inline constexpr int kJsonDepthMax = 128;

// Reads one JSON document (RFC 8259, UTF-8; white space may surround it). Objects become maps with
// text keys in the order of the text; of equal keys the later value wins, at the earlier's place.
// A number without point and exponent is an integer of any size up to kIntegerDigitsMax digits,
// every other one a double ("1.0" and "1e3" too).
// Errors: kInvalid, "line L, column C: ..." (both from 1, the column in characters): not JSON, more
// than one document, nested deeper than kJsonDepthMax, a number that no double can hold.
Result<Value> ParseJson(std::string_view text);

enum class JsonStyle : std::uint8_t {
  kCompact,   // no white space at all
  kIndented,  // an entry a line, two spaces a level, no line break at the end
};

// Writes any value as JSON for people and scripts to read. Never fails; what JSON cannot say is
// said as near as it gets: byte strings as text where they are UTF-8, else as base64 (also text
// that is not UTF-8); tuples as lists; a UUID as its 8-4-4-4-12 text; NaN and the infinities as the
// strings "NaN", "Infinity" and "-Infinity"; Opaque as the base64 of its CBOR; a map's key that is
// no string as the JSON of that key, in a string, but within such a key as the base64 of its CBOR,
// so that the text is never longer than some multiple of the value. Integers are written in full,
// doubles in the shortest form that reads back as the same double, always with a point or an
// exponent.
std::string ToJson(const Value& value, JsonStyle style);

// True where ToJson() loses nothing that spec/rest.md, section 1, wants kept: no tuple, UUID,
// string that is not UTF-8, key that is no string, NaN, infinity or Opaque, no two keys of a map
// with the same bytes. A byte string that is UTF-8 counts as text there.
bool JsonKeepsExactly(const Value& value);

}  // namespace coord

// SPDX-License-Identifier: MIT
// JSON that keeps every value, for files that are read back. Link with coord_json.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "value/value.h"

namespace coord {

// Writes a value as one line of JSON. What JSON has no way to say is an object of one key that
// begins with a dollar sign: {"$bytes": BASE64}, {"$tuple": [...]}, {"$uuid": TEXT}, {"$float":
// "NaN"} (or "Infinity", "-Infinity"), {"$map": [[KEY, VALUE], ...]} for a map that is no object of
// JSON or would read as one of these, and {"$cbor": BASE64}, the encoded item, for all others and
// for what nests deeper than JSON may.
std::string ToExactJson(const Value& value);

// Reads what ToExactJson() wrote: the result is equal to what was written.
// Errors: those of ParseJson(); kInvalid for an object of one such key that is none of these.
Result<Value> ParseExactJson(std::string_view text);

}  // namespace coord

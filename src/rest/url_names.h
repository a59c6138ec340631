// SPDX-License-Identifier: MIT
// Names in URLs (spec/rest.md, section 1). Any bytes can be a name, and each has one form in a
// path.
#pragma once

#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"

namespace coord {

// Appends a name as a path segment: as it is where it is not empty, not "." or "..", does not begin
// with '-' and has only A-Za-z0-9-._: ; else '-' and the unpadded URL-safe base64 of its bytes.
void AppendPathName(std::string& out, std::string_view name);

// Reads a segment: percent-decoded first, then, where it begins with '-', from base64. Other bytes
// than those above are taken as they are. The result points into the segment or the arena.
// Errors: kInvalid (no whole percent-escape, no base64).
Result<std::string_view> ReadPathName(std::string_view segment, Arena& arena);

// Appends text for the value of a query: everything but A-Za-z0-9-._~ as percent-escapes.
void AppendQueryText(std::string& out, std::string_view text);

// Decodes percent-escapes; '+' becomes a blank where `plus_is_blank`, as in queries. The result is
// the text itself where there is nothing to decode. Errors: kInvalid.
Result<std::string_view> PercentDecode(std::string_view text, bool plus_is_blank, Arena& arena);

// The bytes as UTF-8 for people: what is none becomes U+FFFD. Returns `bytes` where all is well.
std::string_view LossyUtf8(std::string_view bytes, std::string& scratch);

}  // namespace coord

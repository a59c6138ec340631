// SPDX-License-Identifier: MIT
// Base64 (RFC 4648): the standard alphabet with padding, and the URL-safe one without.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace coord {

// Encodes with `+` and `/`, padded with `=`.
std::string EncodeBase64(std::string_view bytes);

// Encodes with `-` and `_`, not padded.
std::string EncodeBase64Url(std::string_view bytes);

// Decodes what EncodeBase64() can have made; nothing for any other text (white space, missing
// padding and stray bits in the last character included), so that each value has one spelling.
std::optional<std::string> DecodeBase64(std::string_view text);

// The same for EncodeBase64Url().
std::optional<std::string> DecodeBase64Url(std::string_view text);

}  // namespace coord

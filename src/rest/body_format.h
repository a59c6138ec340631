// SPDX-License-Identifier: MIT
// The two forms that bodies come in.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace coord {

enum class BodyFormat : std::uint8_t { kJson, kCbor };

// What answers are called.
inline constexpr std::string_view kJsonType = "application/vnd.diffeo.coordinate.v1+json";
inline constexpr std::string_view kCborType = "application/cbor";

constexpr std::string_view TypeOf(BodyFormat format) {
  return format == BodyFormat::kJson ? kJsonType : kCborType;
}

// The form that a Content-Type names, whatever its parameters; nothing for any other type.
std::optional<BodyFormat> FormatOfContentType(std::string_view content_type);

// The form that the Accept fields of a request like best (RFC 9110, section 12.5.1): JSON where it
// is all the same, or where there are none. Nothing where neither is acceptable.
std::optional<BodyFormat> NegotiateFormat(std::span<const std::string_view> accept);

// True where they like text/html better than both: a browser asks, and no program.
bool PrefersHtml(std::span<const std::string_view> accept);

}  // namespace coord

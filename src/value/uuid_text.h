// SPDX-License-Identifier: MIT
// UUIDs as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "value/value.h"

namespace coord {

// In groups of 8-4-4-4-12 lower-case hexadecimal digits.
std::string UuidText(const Uuid& uuid);

// Reads what UuidText() can have made; nothing for any other text.
std::optional<Uuid> ParseUuid(std::string_view text);

}  // namespace coord

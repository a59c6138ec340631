// SPDX-License-Identifier: MIT
// The rules for names (spec/domain.md, section 1, "Names").
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "value/utf8.h"

namespace coord {

inline constexpr std::size_t kNameBytesMax = 1024;

// A namespace's or worker's name: UTF-8, at most kNameBytesMax bytes, may be empty.
// `what` names the parameter in the error (kInvalid).
Result<void> CheckName(std::string_view name, std::string_view what);

// A work spec's name as part of a definition: not empty, UTF-8.
// Errors: kNoWorkSpecName, kBadWorkSpecName.
Result<void> CheckWorkSpecName(std::string_view name);

// A work unit's name: any bytes, at most kNameBytesMax. Errors: kInvalid.
Result<void> CheckWorkUnitName(std::string_view name);

}  // namespace coord

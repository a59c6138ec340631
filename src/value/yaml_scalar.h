// SPDX-License-Identifier: MIT
// What a YAML scalar means, as PyYAML's safe loader has it. A part of yaml.h.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "value/value.h"

namespace coord {

// The value of a plain scalar without a tag. Errors: kInvalid, without a position (digits that make
// no number, as in 0b_; more than kIntegerDigitsMax digits).
Result<Value> PlainYamlScalar(std::string text);

// The value of a scalar with a tag, which is given in full ("tag:yaml.org,2002:int"), or as "!".
// Errors: kInvalid, without a position: an unknown tag, or a text that it does not fit.
Result<Value> TaggedYamlScalar(std::string_view tag, std::string text);

}  // namespace coord

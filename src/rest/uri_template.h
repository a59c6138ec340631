// SPDX-License-Identifier: MIT
// URL templates (RFC 6570), as far as the documents use them: {name}, {?name,...} and {?name*}.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace coord {

// The values of one variable; none at all leaves it out.
struct TemplateVariable {
  std::string_view name;
  std::vector<std::string_view> values;
};

// Puts the values into the template. A variable that is not given counts as undefined. Without '*'
// several values are joined by commas. Errors: kInvalid (an operator or modifier that is not among
// the above, an expression without end).
Result<std::string> ExpandTemplate(std::string_view text,
                                   std::span<const TemplateVariable> variables);

}  // namespace coord

// SPDX-License-Identifier: MIT
// What the daemon offers.
#pragma once

#include <string_view>

#include "cmd/coordinate/command.h"

namespace coord {

// What the daemon tells of itself, if it offers this extension.
// Errors: kInvalid, "the daemon does not offer NAME".
Result<Value> GetServerInfo(Context& context, std::string_view extension);
// The check alone.
Result<void> RequireExtension(Context& context, std::string_view name);

}  // namespace coord

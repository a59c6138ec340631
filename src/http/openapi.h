// SPDX-License-Identifier: MIT
// The OpenAPI 3.1 description of the interface, as it is served.
#pragma once

#include <string_view>

namespace coord {

// JSON. Lives for ever.
std::string_view OpenApiText();

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "base/version.h"

namespace coord {

std::string_view Version() { return COORD_VERSION; }

}  // namespace coord

// SPDX-License-Identifier: MIT
// The way back from an error's status and document to the error.
#pragma once

#include <string_view>

#include "base/error.h"

namespace coord {

// The error that a daemon's answer tells: by its code where that is one of a kind, else by its
// status. `item` is the encoded document; where it is none, the detail says the status.
Error ReadErrorDocument(int status, std::string_view item);

}  // namespace coord

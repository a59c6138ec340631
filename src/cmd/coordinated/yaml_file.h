// SPDX-License-Identifier: MIT
// Reading the daemon's own YAML files.
#pragma once

#include <string>

#include "base/result.h"
#include "value/value.h"

namespace coord {

// Reads a YAML file that holds a map; an empty file is an empty map. Errors: kInvalid, which names
// the file.
Result<Value> ReadYamlMapFile(const std::string& path);

}  // namespace coord

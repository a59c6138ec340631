// SPDX-License-Identifier: MIT
// The whole command line put together: used to parse it, and to generate its completion.
#pragma once

#include <memory>

#include "cmd/coordinate/command.h"

namespace coord {

// All commands of the program.
Registry AllCommands();

// Builds the parser with the options of every command in it; `registry` and `options` are written
// to by parsing and outlive it.
std::unique_ptr<CLI::App> BuildApp(const Registry& registry, GlobalOptions& options);

}  // namespace coord

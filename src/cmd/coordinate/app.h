// SPDX-License-Identifier: MIT
// The whole command line put together.
#pragma once

#include <memory>

#include "cmd/coordinate/command.h"

namespace coord {

// All commands of the program.
Registry AllCommands();

// Builds the parser with the options of every command in it; `registry` and `options` are written
// to by parsing and outlive it.
std::unique_ptr<CLI::App> BuildApp(const Registry& registry, GlobalOptions& options);

// Parses the words of a command line, which mean what they say: no key, argument or name is taken
// apart, whatever it looks like. Throws CLI::ParseError, as CLI::App::parse() does.
void ParseWords(CLI::App& app, int argc, const char* const* argv);

}  // namespace coord

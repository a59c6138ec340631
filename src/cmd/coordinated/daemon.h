// SPDX-License-Identifier: MIT
// The daemon from start to stop.
#pragma once

#include "cmd/coordinated/options.h"

namespace coord {

// Runs until it is told to stop; returns the exit code: 0, or 1 where it could not start.
int RunDaemon(const DaemonOptions& options);

}  // namespace coord

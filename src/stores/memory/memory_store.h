// SPDX-License-Identifier: MIT
// The store that keeps everything in memory and loses it when it stops.
#pragma once

#include <memory>

#include "domain/store.h"

namespace coord {

// Opens an empty store. `clock` outlives it. Outcomes are delivered from within Submit(), those of
// long commands from within Step().
std::unique_ptr<Store> OpenMemoryStore(Clock& clock, const StoreOptions& options);

}  // namespace coord

// SPDX-License-Identifier: MIT
// The daemon's numbers in the text format of Prometheus.
#pragma once

#include <string>

#include "base/clock.h"
#include "domain/outcome.h"
#include "http/operation.h"

namespace coord {

// Appends all of it; what is not counted (Dispatcher::keeps_stats()) is left out. `summary` is of
// all namespaces, and took so long. Cost: a line for each of its records, up to a few thousand, and
// those of the methods that have been called.
void WriteMetrics(const HttpFacts& facts, const SummaryReply& summary, Duration took,
                  std::string& out);

}  // namespace coord

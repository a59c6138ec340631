// SPDX-License-Identifier: MIT
// What a store learns of the work that another daemon has to give.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "domain/scheduler.h"
#include "stores/rest/rest_session.h"

namespace coord {

// A spec as it was when it was looked at.
struct SpecSeen {
  std::string name_space;
  std::string spec;
  WorkSpecMeta meta;
  SpecLoad load;
};

// Looks at all specs of those of these namespaces that there are: three round trips, however many.
// It makes no namespace, unless one is destroyed meanwhile. One that cannot be read is as one
// without specs.
std::vector<SpecSeen> LookAround(RestSession& session, std::span<const std::string> name_spaces,
                                 WallTime now);

}  // namespace coord

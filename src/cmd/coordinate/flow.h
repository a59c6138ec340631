// SPDX-License-Identifier: MIT
// Flow files: work spec definitions that belong together (docs/flows.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "value/value.h"

namespace coord {

// One definition of a flow, ready to be sent.
struct FlowSpec {
  std::string name;
  std::string then;   // the work spec that it chains to; empty: none
  std::string place;  // its keys in the file, joined with "."; for errors
  Value definition;   // a map
};

// Lays `over` over `under`: where both have a map under the same key these are merged likewise,
// else what is over wins. Keys keep the order of `under`, new ones follow.
Value MergedOver(const Value& under, const Value& over);

// Reads a flow: a map of names to work specs and groups, nested as deep as one likes, or a list of
// definitions. A map that has `min_gb` is a work spec, whose `name` is, where it has none, its path
// joined with "."; any other map is a group. Definitions in a list need no `min_gb`, but a `name`.
//
// Every definition gets `config`: its own, laid over `config`; neither: none. Each is checked by
// the daemon's own rules.
//
// The specs come in an order in which each follows the one that it chains to, so that a worker that
// is quick to finish the first finds the second there already.
//
// Errors: kInvalid "PLACE: KEY ...": no map or list, a group that holds something else than maps,
// an empty group, a definition that the daemon would refuse, `config` that is no map, a name twice.
Result<std::vector<FlowSpec>> ReadFlow(const Value& document, const Value& config);

// The error for a `then` that leads nowhere. Suggests the spec of the same group, where `specs` has
// it.
Error NoSuchThen(const FlowSpec& spec, const std::vector<FlowSpec>& specs);

// True if the flow has a spec of this name.
bool HasSpec(const std::vector<FlowSpec>& specs, std::string_view name);

}  // namespace coord

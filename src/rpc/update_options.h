// SPDX-License-Identifier: MIT
// Reading what update_work_unit, update_work_units and get_work's `updates` have in common.
#pragma once

#include <span>
#include <string_view>

#include "domain/command.h"
#include "value/cbor_reader.h"

namespace coord {

// Reads the options of one update. An unknown status is left as the update's defect. Errors:
// kInvalid, an option of a wrong kind.
Result<void> ReadUpdateOptions(CborMap options, Arena& arena, WorkUnitUpdate& update);

// Reads a list of (spec, key, options) items. One that cannot be read is an update with a defect.
// Errors: kInvalid where `list` is no list.
Result<std::span<const WorkUnitUpdate>> ReadUpdates(std::string_view list, std::string_view name,
                                                    Arena& arena);

}  // namespace coord

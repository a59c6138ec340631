// SPDX-License-Identifier: MIT
// What the engine keeps, as records of an export.
#pragma once

#include "base/arena.h"
#include "domain/export_record.h"
#include "engine/spec.h"

namespace coord {

// Views of the records are valid until the next change, and those of a unit's attempts as long as
// the arena's memory.
WorkSpecRecord RecordOf(const Spec& spec);
WorkerRecord RecordOf(const Worker& worker);
WorkUnitRecord RecordOf(const Unit& unit, const Spec& spec, const AttemptPool& attempts,
                        Arena& arena);

}  // namespace coord

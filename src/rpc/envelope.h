// SPDX-License-Identifier: MIT
// The map around a request: its id, method and parameters.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "base/arena.h"
#include "value/cbor_reader.h"

namespace coord {

// No method takes more parameters than this.
inline constexpr std::size_t kParametersMax = 5;

// One request, split and checked. Views are borrowed from the payload.
struct Envelope {
  std::string_view id = "\xf6";  // encoded; null where there is none
  std::string_view method;       // empty where there is none or it is no string
  std::string_view params;       // encoded; empty where there are none
  // If `params` is a list: how many, and the first of them, encoded.
  bool positional = false;
  std::size_t count = 0;
  std::array<std::string_view, kParametersMax> values;
};

// Reads the map at the front of `payload` and checks, in the same pass, that it is well-formed and
// that nothing in it nests deeper than `nesting_max` (the map counts). Of equal keys the later
// wins; other keys are ignored. Returns kDone, kMalformed or kTooDeep; after an error the envelope
// holds what came before it, so that an id may be there.
CborScan ReadEnvelope(std::string_view payload, int nesting_max, Arena& arena, Envelope& envelope);

}  // namespace coord

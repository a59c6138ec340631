// SPDX-License-Identifier: MIT
// YAML to Value, typed as PyYAML's safe loader types it. Link with coord_yaml.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "value/value.h"

namespace coord {

// Lists and maps may nest this deep, aliases followed.
inline constexpr int kYamlDepthMax = 128;

// What the aliases of a text may add to the document, in nodes (and 64 bytes of text count as a
// node): far above any honest file, far below what exhausts a machine.
inline constexpr std::size_t kYamlAliasNodesMax = 1'000'000;

// Reads a YAML text of at most one document; a text without one is null.
//
// Plain scalars follow YAML 1.1 as PyYAML reads it: yes/no/on/off are booleans, 010 is eight, 0x1f,
// 0b11, 1_000 and 1:30 are integers, 1e5 (no point) is text. Dates stay text. Quoted and block
// scalars are text. Tags: !!str !!int !!float !!bool !!null !!binary !!timestamp !!seq !!map.
// Merge keys (<<: a map or a list of maps) are carried out, explicit keys win; the merged ones come
// first. Integers may have kIntegerDigitsMax digits.
//
// Errors: kInvalid, "line L, column C: ..." (both from 1): not YAML, not UTF-8, control characters,
// a second document, an unknown tag or one that its text does not fit, a key that occurs twice, a
// list or map as a key, an alias to a node that holds it, and the limits above.
Result<Value> ParseYaml(std::string_view text);

}  // namespace coord

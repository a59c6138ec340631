// SPDX-License-Identifier: MIT
// What the fuzzers run. Each function takes any bytes and aborts (COORD_CHECK) where a property of
// the code does not hold; the replay test in tests/value runs them on the corpus.
#pragma once

#include <string_view>

namespace coord::fuzz {

// CborScanner, the readers of items, DecodeCbor, EncodeCbor and ToJson.
void TryCbor(std::string_view bytes);

// ParseJson and ToJson.
void TryJson(std::string_view bytes);

// TakeRecords: what was read and is written reads back the same.
void TryRecords(std::string_view bytes);

// ParseYaml.
void TryYaml(std::string_view bytes);

// RequestReader: requests are the same whether they come at once or byte by byte.
void TryHttp(std::string_view bytes);

// Commands and outcomes as bodies: what is read and written again reads the same.
void TryCommand(std::string_view bytes);

// Names in URLs, query strings, templates, times and Accept fields.
void TryUrl(std::string_view bytes);

}  // namespace coord::fuzz

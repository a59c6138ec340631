// SPDX-License-Identifier: MIT
// Reading bodies. Whatever their form, what comes out is CBOR that is read in place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/clock.h"
#include "base/result.h"
#include "rest/body_format.h"
#include "value/data.h"

namespace coord {

// Turns a body into one encoded item: CBOR is checked and stays where it is, JSON is written anew
// into `scratch`. Errors: kInvalid, for people to read.
Result<std::string_view> ReadBody(BodyFormat format, std::string_view body, int nesting_max,
                                  std::string& scratch);

// The value of a key, or an empty view where it is absent or null.
std::string_view FindField(std::string_view map, std::string_view key);

// The name under `key`, or where that is no UTF-8, under `key`_base64, which wins. Nothing where
// there is neither. Errors: kInvalid.
Result<std::optional<std::string_view>> ReadNameField(std::string_view map, std::string_view key,
                                                      Arena& arena);

// A data map: a map, or a string that is the base64 of one's CBOR; null data where `item` is empty
// or null. Errors: kInvalid, which names the field.
Result<Data> ReadDataItem(std::string_view item, std::string_view name, int nesting_max,
                          Arena& arena);

// A duration in integer nanoseconds. Errors: kInvalid.
Result<Duration> ReadNanoseconds(std::string_view item, std::string_view name);

// A time. Errors: kInvalid.
Result<WallTime> ReadTimeItem(std::string_view item, std::string_view name, Arena& arena);

}  // namespace coord

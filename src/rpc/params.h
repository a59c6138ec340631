// SPDX-License-Identifier: MIT
// Typed access to the parameters of a request and to the options in them. Every error names the
// parameter or option that is wrong; whoever answers puts the method's name in front.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "domain/fields.h"
#include "domain/status.h"
#include "rpc/envelope.h"
#include "value/cbor_reader.h"

namespace coord {

// The parameters of one request, by position. Views are borrowed from the request.
class Params {
 public:
  // Matches what was sent, a list or a map of names to values, against the method's parameters.
  // Errors: kInvalid (neither list nor map, too few, too many, an unknown name).
  static Result<Params> Match(const Envelope& envelope,
                              std::span<const std::string_view> parameters, std::size_t required,
                              Arena& arena);

  // The encoded value; empty where it was left out.
  std::string_view operator[](std::size_t index) const { return values_[index]; }
  std::string_view name(std::size_t index) const { return parameters_[index]; }

  // Each reads one parameter and refuses one of another kind.
  Result<std::string_view> String(std::size_t index, Arena& arena) const;
  // A worker's name or the like: a string of UTF-8, and not too long.
  Result<std::string_view> Name(std::size_t index, Arena& arena) const;
  Result<double> Number(std::size_t index) const;
  // A map; null and a parameter left out give an empty one.
  Result<CborMap> Options(std::size_t index) const;

 private:
  std::span<const std::string_view> parameters_;
  std::array<std::string_view, kParametersMax> values_;
};

// A status number, or a list or tuple of them. 2 (blocked) and unknown ones select nothing.
Result<StatusSet> ReadStatuses(std::string_view value, std::string_view name);

}  // namespace coord

// SPDX-License-Identifier: MIT
// Which numbers attempts have.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>

#include "domain/command.h"

namespace coord {

// A set of numbers that mostly follow each other: a bit each, and two words for each 64 in a row.
class AttemptIds {
 public:
  void Add(AttemptId id) { rows_[RowOf(id)] |= BitOf(id); }
  bool Has(AttemptId id) const {
    const auto row = rows_.find(RowOf(id));
    return row != rows_.end() && (row->second & BitOf(id)) != 0;
  }

 private:
  static std::uint64_t RowOf(AttemptId id) { return static_cast<std::uint64_t>(id) / 64; }
  static std::uint64_t BitOf(AttemptId id) {
    return std::uint64_t{1} << (static_cast<std::uint64_t>(id) % 64);
  }

  absl::flat_hash_map<std::uint64_t, std::uint64_t> rows_;
};

}  // namespace coord

// SPDX-License-Identifier: MIT
// Rows read as records of an export, without locking them: each function is one statement, so that
// what it gives is of one instant.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/export_record.h"
#include "stores/postgres/images.h"
#include "stores/postgres/transaction.h"

namespace coord {

// Records and what they view; moving it keeps the views good.
template <typename Record>
struct RecordRows {
  std::vector<Record> records;
  PgRows rows;
  std::vector<std::vector<AttemptRecord>> attempts;  // of work units
};

WorkSpecRecord RecordOf(const SpecImage& spec);

// Workers that are known and whose names come after `after`, in the order of the names.
RecordRows<WorkerRecord> ReadWorkersAfter(PgTransaction& transaction, const NamespaceImage& in,
                                          const std::optional<std::string>& after,
                                          std::uint64_t limit);
// Those of these names.
RecordRows<WorkerRecord> ReadWorkersNamed(PgTransaction& transaction, const NamespaceImage& in,
                                          std::span<const std::string_view> names);

// The same for work units, with all their attempts.
RecordRows<WorkUnitRecord> ReadUnitsAfter(PgTransaction& transaction, const SpecImage& spec,
                                          const std::optional<std::string>& after,
                                          std::uint64_t limit);
RecordRows<WorkUnitRecord> ReadUnitsNamed(PgTransaction& transaction, const SpecImage& spec,
                                          std::span<const std::string_view> names);

}  // namespace coord

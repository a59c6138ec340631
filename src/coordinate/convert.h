// SPDX-License-Identifier: MIT
// Between the library's public types and those of the domain. Private.
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/error.h"
#include "coordinate/result.h"
#include "coordinate/types.h"
#include "domain/outcome.h"
#include "value/value.h"

namespace coordinate {

Error ToPublic(const coord::Error& error);

Value ToPublic(const coord::Value& value);
// Data that a store handed out, decoded.
Value DecodeData(coord::Data data);
// One encoded item, decoded.
Value DecodeItem(std::string_view item);

// Data as a store takes it, in `arena`; null where the value is. Errors: kInvalid.
Result<coord::Data> EncodeData(const Value& value, coord::Arena& arena);

// "No time" is none.
std::optional<Time> ToPublic(coord::WallTime time);

WorkUnitStatus ToPublic(coord::WorkUnitStatus status);
WorkUnitInfo ToPublic(const coord::WorkUnitView& unit);
AttemptInfo InfoOf(const coord::AttemptView& attempt);
WorkerInfo ToPublic(const coord::WorkerView& worker);
WorkSpecMeta ToPublic(const coord::MetaReply& reply);
std::vector<SummaryRecord> ToPublic(const coord::SummaryReply& reply);

// The query as the domain has it, in `arena` and in the query.
coord::WorkUnitQuery ToDomain(const WorkUnitQuery& query, coord::Arena& arena);
std::span<const std::string_view> ToDomain(const std::vector<std::string>& texts,
                                           coord::Arena& arena);
coord::WorkSpecMetaChange ToDomain(const WorkSpecMetaChange& change);

}  // namespace coordinate

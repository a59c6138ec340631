// SPDX-License-Identifier: MIT
// The documents of spec/rest.md, section 2, written from what a store answers.
#pragma once

#include <span>
#include <string_view>

#include "domain/outcome.h"
#include "rest/body_writer.h"

namespace coord {

// Each writes one value.
void WriteRoot(BodyWriter& writer, bool has_clock);
void WriteNamespace(BodyWriter& writer, std::string_view name_space);
void WriteNamespaces(BodyWriter& writer, std::span<const std::string_view> names);
void WriteSummary(BodyWriter& writer, const SummaryReply& reply);

// {"url","name"}
void WriteWorkSpecRef(BodyWriter& writer, std::string_view name_space, std::string_view spec);
void WriteWorkSpecs(BodyWriter& writer, std::string_view name_space, const SpecsReply& reply);
void WriteWorkSpec(BodyWriter& writer, std::string_view name_space, std::string_view spec,
                   Data definition);
void WriteMeta(BodyWriter& writer, const MetaReply& reply);
// Zeros are left out.
void WriteCounts(BodyWriter& writer, const StatusCounts& counts);

// {"url","name"}
void WriteWorkUnitRef(BodyWriter& writer, std::string_view name_space, std::string_view spec,
                      std::string_view unit);
void WriteWorkUnit(BodyWriter& writer, std::string_view name_space, std::string_view spec,
                   const WorkUnitView& unit);

void WriteAttempt(BodyWriter& writer, std::string_view name_space, const AttemptView& attempt);
// {"attempts": [AttemptShort]}
void WriteAttempts(BodyWriter& writer, std::string_view name_space, const AttemptsReply& reply);
// The answer of request_attempts.
void WriteWork(BodyWriter& writer, std::string_view name_space, std::string_view worker,
               const WorkReply& reply);

// {"url","name"}
void WriteWorkerRef(BodyWriter& writer, std::string_view name_space, std::string_view worker);
void WriteWorker(BodyWriter& writer, std::string_view name_space, const WorkerView& worker);

// "mode", of one encoded item; null is "".
void WriteModeField(BodyWriter& writer, std::string_view mode);

// {"error","message","value"?,"in_doubt"?}; the last is true where it may have been done after all
void WriteError(BodyWriter& writer, const Error& error);
// The same as fields of a map that has been begun.
void WriteErrorFields(BodyWriter& writer, const Error& error);

// A key and a name of any bytes: beside a lossy text goes KEY_base64 where they are no UTF-8.
void WriteNameField(BodyWriter& writer, std::string_view key, std::string_view name);
// A key and a number.
void WriteCount(BodyWriter& writer, std::string_view key, std::uint64_t count);

}  // namespace coord

// SPDX-License-Identifier: MIT
// The operations of each resource, by the pattern of its path.
#pragma once

#include <span>
#include <string_view>

#include "http/operation.h"
#include "http/web_files.h"

namespace coord {

struct ResourceOperations {
  std::string_view pattern;
  std::span<const Operation> operations;
};

std::span<const ResourceOperations> ServerResources();
std::span<const ResourceOperations> ClockResources();
std::span<const ResourceOperations> NamespaceResources();
std::span<const ResourceOperations> CommandResources();
std::span<const ResourceOperations> SpecResources();
std::span<const ResourceOperations> UnitResources();
std::span<const ResourceOperations> AttemptResources();
std::span<const ResourceOperations> WorkerResources();
std::span<const ResourceOperations> InsightResources();
std::span<const ResourceOperations> WebResources();

// A file of the dashboard, or that the browser has it already.
void AnswerWebFile(const RestCall& call, const WebFile& file, Response& response);

// Encoders that several use: 204, and a summary.
void EncodeNothing(RestCall& call, const HttpFacts& facts, const Outcome& outcome,
                   Response& response);
void EncodeSummary(RestCall& call, const HttpFacts& facts, const Outcome& outcome,
                   Response& response);

}  // namespace coord

// SPDX-License-Identifier: MIT
// Work specs.
#include <array>

#include "http/operations.h"
#include "rest/documents.h"
#include "rest/urls.h"

namespace coord {

namespace {

Result<void> DecodeList(RestCall&, RestContext&, Submission& submission) {
  submission.command = ListWorkSpecs{};
  return {};
}

void EncodeList(RestCall& call, const HttpFacts&, const Outcome& outcome, Response& response) {
  WriteWorkSpecs(response.Document(200), call.names.name_space, std::get<SpecsReply>(outcome));
}

Result<void> DecodeCreate(RestCall&, RestContext& context, Submission& submission) {
  COORD_TRY(body, BodyMap(context));
  COORD_TRY(definition, ReadDefinition(body, context.arena));
  submission.command = SetWorkSpec{definition, {}};
  return {};
}

void EncodeCreate(RestCall& call, const HttpFacts&, const Outcome& outcome, Response& response) {
  const std::string_view name = std::get<NamesReply>(outcome).names.front();
  std::string location;
  AppendWorkSpecUrl(location, call.names.name_space, name);
  WriteWorkSpecRef(response.Document(201, location), call.names.name_space, name);
}

Result<void> DecodeGet(RestCall& call, RestContext&, Submission& submission) {
  submission.command = GetWorkSpec{call.names.spec};
  return {};
}

void EncodeGet(RestCall& call, const HttpFacts&, const Outcome& outcome, Response& response) {
  WriteWorkSpec(response.Document(200), call.names.name_space, call.names.spec,
                std::get<DataReply>(outcome).data);
}

// Without `data` nothing is changed, and what is left is that the spec must exist.
Result<void> DecodeReplace(RestCall& call, RestContext& context, Submission& submission) {
  COORD_TRY(body, BodyMap(context));
  COORD_TRY(definition, ReadDefinition(body, context.arena));
  if (definition.is_null()) {
    submission.command = SetWorkSpecMeta{call.names.spec, {}};
  } else {
    submission.command = SetWorkSpec{definition, call.names.spec};
  }
  return {};
}

Result<void> DecodeDelete(RestCall& call, RestContext&, Submission& submission) {
  submission.command = DeleteWorkSpec{call.names.spec};
  return {};
}

Result<void> DecodeGetMeta(RestCall& call, RestContext& context, Submission& submission) {
  COORD_TRY(counts, ReadQueryFlag(call.query, "counts", context.arena));
  submission.command = GetWorkSpecMeta{call.names.spec, counts};
  return {};
}

void EncodeMeta(RestCall&, const HttpFacts&, const Outcome& outcome, Response& response) {
  WriteMeta(response.Document(200), std::get<MetaReply>(outcome));
}

Result<void> DecodeSetMeta(RestCall& call, RestContext& context, Submission& submission) {
  COORD_TRY(body, BodyMap(context));
  COORD_TRY(change, ReadMetaChange(body, context.arena));
  submission.command = SetWorkSpecMeta{call.names.spec, change};
  return {};
}

Result<void> DecodeCounts(RestCall& call, RestContext&, Submission& submission) {
  submission.command = CountWorkUnits{call.names.spec};
  return {};
}

void EncodeCounts(RestCall&, const HttpFacts&, const Outcome& outcome, Response& response) {
  WriteCounts(response.Document(200), std::get<StatusCountsReply>(outcome).counts);
}

Result<void> DecodeSummary(RestCall& call, RestContext&, Submission& submission) {
  submission.command = GetSummary{.all_namespaces = false, .spec = call.names.spec};
  return {};
}

// --- Priorities by query -------------------------------------------------------------------------

Result<void> DecodePriorities(RestCall& call, RestContext& context, Submission& submission,
                              bool adjust) {
  COORD_TRY(query, ReadUnitQuery(call.query, context.arena));
  COORD_TRY(body, BodyMap(context));
  COORD_TRY(priority, ReadPriorityChange(body));
  submission.command = PrioritizeWorkUnits{call.names.spec, query, priority, adjust};
  return {};
}

Result<void> DecodeChange(RestCall& call, RestContext& context, Submission& submission) {
  return DecodePriorities(call, context, submission, /*adjust=*/false);
}

Result<void> DecodeAdjust(RestCall& call, RestContext& context, Submission& submission) {
  return DecodePriorities(call, context, submission, /*adjust=*/true);
}

constexpr std::array kList = {
    Operation{.method = "GET", .id = "listWorkSpecs", .decode = DecodeList, .encode = EncodeList},
    Operation{.method = "POST",
              .id = "setWorkSpec",
              .decode = DecodeCreate,
              .encode = EncodeCreate,
              .needs_body = true}};
constexpr std::array kOne = {
    Operation{.method = "GET", .id = "getWorkSpec", .decode = DecodeGet, .encode = EncodeGet},
    Operation{.method = "PUT",
              .id = "replaceWorkSpec",
              .decode = DecodeReplace,
              .encode = EncodeNothing,
              .needs_body = true},
    Operation{.method = "DELETE",
              .id = "deleteWorkSpec",
              .decode = DecodeDelete,
              .encode = EncodeNothing}};
constexpr std::array kMeta = {Operation{.method = "GET",
                                        .id = "getWorkSpecMeta",
                                        .decode = DecodeGetMeta,
                                        .encode = EncodeMeta,
                                        .pace = Pace::kMany},
                              Operation{.method = "PUT",
                                        .id = "setWorkSpecMeta",
                                        .decode = DecodeSetMeta,
                                        .encode = EncodeNothing,
                                        .needs_body = true,
                                        .pace = Pace::kMany}};
constexpr std::array kCounts = {Operation{.method = "GET",
                                          .id = "countWorkUnits",
                                          .decode = DecodeCounts,
                                          .encode = EncodeCounts,
                                          .pace = Pace::kMany}};
constexpr std::array kSummary = {Operation{.method = "GET",
                                           .id = "getWorkSpecSummary",
                                           .decode = DecodeSummary,
                                           .encode = EncodeSummary,
                                           .pace = Pace::kMany}};
constexpr std::array kChange = {Operation{.method = "POST",
                                          .id = "changeWorkUnits",
                                          .decode = DecodeChange,
                                          .encode = EncodeNothing,
                                          .needs_body = true,
                                          .pace = Pace::kAlone}};
constexpr std::array kAdjust = {Operation{.method = "POST",
                                          .id = "adjustWorkUnits",
                                          .decode = DecodeAdjust,
                                          .encode = EncodeNothing,
                                          .needs_body = true,
                                          .pace = Pace::kAlone}};

constexpr std::array kResources = {
    ResourceOperations{"/namespace/{namespace}/work_spec", kList},
    ResourceOperations{"/namespace/{namespace}/work_spec/{spec}", kOne},
    ResourceOperations{"/namespace/{namespace}/work_spec/{spec}/meta", kMeta},
    ResourceOperations{"/namespace/{namespace}/work_spec/{spec}/counts", kCounts},
    ResourceOperations{"/namespace/{namespace}/work_spec/{spec}/summary", kSummary},
    ResourceOperations{"/namespace/{namespace}/work_spec/{spec}/change", kChange},
    ResourceOperations{"/namespace/{namespace}/work_spec/{spec}/adjust", kAdjust}};

}  // namespace

std::span<const ResourceOperations> SpecResources() { return kResources; }

}  // namespace coord

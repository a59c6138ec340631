// SPDX-License-Identifier: MIT
// Work units.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "http/operations.h"
#include "rest/documents.h"
#include "rest/urls.h"
#include "value/cbor_reader.h"

namespace coord {

namespace {

// Longer lists are read from the store in pages, and sent as they are read.
constexpr std::uint64_t kPageMax = 1'000;

std::span<const std::string_view> OneName(std::string_view name, Arena& arena) {
  return arena.CopyArray(std::span<const std::string_view>(&name, 1));
}

// --- Lists ---------------------------------------------------------------------------------------

// A list by names is as long as its query, so that it needs no pages.
Result<void> DecodeList(RestCall& call, RestContext& context, Submission& submission) {
  COORD_TRY(query, ReadUnitQuery(call.query, context.arena));
  if (!query.names) {
    ListInPages pages = call.pages.value_or(ListInPages{});
    if (!pages.continued && query.limit > 0) pages.left = query.limit;
    pages.page = std::min(pages.left, kPageMax);
    if (pages.next_after) {
      query.after = context.arena.Copy(*pages.next_after);
      pages.next_after.reset();
    }
    query.limit = pages.page;
    call.pages = std::move(pages);
  }
  submission.command = ListWorkUnits{call.names.spec, query};
  return {};
}

void WriteUnitRefs(BodyWriter& writer, const PathNames& names, const UnitsReply& reply) {
  for (const WorkUnitView& unit : reply.units) {
    WriteWorkUnitRef(writer, names.name_space, names.spec, unit.name);
  }
}

void EncodeList(RestCall& call, const HttpFacts&, const Outcome& outcome, Response& response) {
  const auto& reply = std::get<UnitsReply>(outcome);
  bool more = false;
  bool continued = false;
  if (call.pages) {
    call.pages->left -= std::min<std::uint64_t>(call.pages->left, reply.units.size());
    more = reply.units.size() >= call.pages->page && call.pages->left > 0;
    if (more) call.pages->next_after = reply.units.back().name;
    continued = std::exchange(call.pages->continued, true);
  }
  const bool in_pieces = more || continued;
  if (call.pages) call.pages->in_pieces = in_pieces;
  // It ends with the connection.
  if (in_pieces && call.frame.is_http_1_0) call.frame.keep_alive = false;
  BodyWriter& writer = !in_pieces  ? response.Document(200)
                       : continued ? response.ContinueChunked()
                                   : response.BeginChunked();
  if (continued) {
    writer.ContinueList();
  } else {
    writer.BeginMap();
    writer.Key("work_units");
    writer.BeginList();
  }
  WriteUnitRefs(writer, call.names, reply);
  if (!more) {
    writer.EndList();
    writer.EndMap();
  }
  if (in_pieces) response.FinishChunk(/*last=*/!more);
}

// --- Adding and deleting -------------------------------------------------------------------------

// One unit, or a list of them.
Result<void> DecodeAdd(RestCall& call, RestContext& context, Submission& submission) {
  if (CborList::Open(context.body)) {
    COORD_TRY(units, ReadUnits(context.body, context.nesting_max, context.arena));
    call.count = units.size();
    submission.command = AddWorkUnits{call.names.spec, units};
    return {};
  }
  COORD_TRY(body, BodyMap(context));
  const auto units = context.arena.NewArray<UnitItem>(1);
  COORD_TRY(unit, ReadUnit(body, context.arena));
  units[0] = unit;
  call.names.unit = unit.name;
  call.text = "one";
  submission.command = AddWorkUnits{call.names.spec, units};
  return {};
}

void EncodeAdd(RestCall& call, const HttpFacts&, const Outcome&, Response& response) {
  const PathNames& names = call.names;
  std::string location;
  if (call.text.empty()) {
    AppendWorkSpecUrl(location, names.name_space, names.spec);
    BodyWriter& writer = response.Document(201, location.append("/work_unit"));
    writer.BeginMap();
    WriteCount(writer, "Added", call.count);
    writer.EndMap();
  } else {
    AppendWorkUnitUrl(location, names.name_space, names.spec, names.unit);
    WriteWorkUnitRef(response.Document(201, location), names.name_space, names.spec, names.unit);
  }
}

Result<void> DecodeDeleteMany(RestCall& call, RestContext& context, Submission& submission) {
  COORD_TRY(query, ReadUnitQuery(call.query, context.arena));
  submission.command = DeleteWorkUnits{call.names.spec, query};
  return {};
}

void EncodeDeleted(RestCall&, const HttpFacts&, const Outcome& outcome, Response& response) {
  BodyWriter& writer = response.Document(200);
  writer.BeginMap();
  WriteCount(writer, "Deleted", std::get<CountReply>(outcome).count);
  writer.EndMap();
}

// --- One unit ------------------------------------------------------------------------------------

Result<void> DecodeGet(RestCall& call, RestContext& context, Submission& submission) {
  submission.command = GetWorkUnits{call.names.spec, OneName(call.names.unit, context.arena)};
  return {};
}

void EncodeGet(RestCall& call, const HttpFacts&, const Outcome& outcome, Response& response) {
  const WorkUnitView& unit = std::get<UnitsReply>(outcome).units.front();
  if (!unit.exists) return response.Failure(NoSuchWorkUnitError(call.names.unit));
  WriteWorkUnit(response.Document(200), call.names.name_space, call.names.spec, unit);
}

Result<void> DecodeChange(RestCall& call, RestContext& context, Submission& submission) {
  COORD_TRY(body, BodyMap(context));
  COORD_TRY(change, ReadUnitChange(body, context.arena));
  change.spec = call.names.spec;
  change.unit = call.names.unit;
  submission.command = change;
  return {};
}

Result<void> DecodeDelete(RestCall& call, RestContext& context, Submission& submission) {
  WorkUnitQuery query;
  query.names = OneName(call.names.unit, context.arena);
  submission.command = DeleteWorkUnits{call.names.spec, query};
  return {};
}

void EncodeDelete(RestCall& call, const HttpFacts&, const Outcome& outcome, Response& response) {
  if (std::get<CountReply>(outcome).count == 0) {
    return response.Failure(NoSuchWorkUnitError(call.names.unit));
  }
  response.Empty();
}

Result<void> DecodeAttempts(RestCall& call, RestContext&, Submission& submission) {
  submission.command = ListUnitAttempts{call.names.spec, call.names.unit};
  return {};
}

void EncodeAttempts(RestCall& call, const HttpFacts&, const Outcome& outcome, Response& response) {
  WriteAttempts(response.Document(200), call.names.name_space, std::get<AttemptsReply>(outcome));
}

void EncodeAttemptCount(RestCall&, const HttpFacts&, const Outcome& outcome, Response& response) {
  response.Document(200).Unsigned(std::get<AttemptsReply>(outcome).attempts.size());
}

constexpr std::array kList = {Operation{.method = "GET",
                                        .id = "listWorkUnits",
                                        .decode = DecodeList,
                                        .encode = EncodeList,
                                        .pace = Pace::kAlone},
                              Operation{.method = "POST",
                                        .id = "addWorkUnits",
                                        .decode = DecodeAdd,
                                        .encode = EncodeAdd,
                                        .needs_body = true,
                                        .pace = Pace::kMany},
                              Operation{.method = "DELETE",
                                        .id = "deleteWorkUnits",
                                        .decode = DecodeDeleteMany,
                                        .encode = EncodeDeleted,
                                        .pace = Pace::kAlone}};
constexpr std::array kOne = {
    Operation{.method = "GET", .id = "getWorkUnit", .decode = DecodeGet, .encode = EncodeGet},
    Operation{.method = "PUT",
              .id = "changeWorkUnit",
              .decode = DecodeChange,
              .encode = EncodeNothing,
              .needs_body = true,
              .pace = Pace::kMany},
    Operation{.method = "DELETE",
              .id = "deleteWorkUnit",
              .decode = DecodeDelete,
              .encode = EncodeDelete,
              .pace = Pace::kAlone}};
constexpr std::array kAttempts = {Operation{.method = "GET",
                                            .id = "listWorkUnitAttempts",
                                            .decode = DecodeAttempts,
                                            .encode = EncodeAttempts}};
constexpr std::array kAttemptCount = {Operation{.method = "GET",
                                                .id = "countWorkUnitAttempts",
                                                .decode = DecodeAttempts,
                                                .encode = EncodeAttemptCount}};

constexpr std::array kResources = {
    ResourceOperations{"/namespace/{namespace}/work_spec/{spec}/work_unit", kList},
    ResourceOperations{"/namespace/{namespace}/work_spec/{spec}/work_unit/{unit}", kOne},
    ResourceOperations{"/namespace/{namespace}/work_spec/{spec}/work_unit/{unit}/attempts",
                       kAttempts},
    ResourceOperations{"/namespace/{namespace}/work_spec/{spec}/work_unit/{unit}/num-attempts",
                       kAttemptCount}};

}  // namespace

std::span<const ResourceOperations> UnitResources() { return kResources; }

}  // namespace coord

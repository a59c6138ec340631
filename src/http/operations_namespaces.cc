// SPDX-License-Identifier: MIT
// Namespaces, and what is done to many attempts of one at once.
#include <array>

#include "domain/names.h"
#include "http/operations.h"
#include "rest/body_reader.h"
#include "rest/documents.h"
#include "rest/urls.h"

namespace coord {

namespace {

Result<void> DecodeList(RestCall&, RestContext&, Submission& submission) {
  submission.command = ListNamespaces{};
  return {};
}

void EncodeList(RestCall&, const HttpFacts&, const Outcome& outcome, Response& response) {
  WriteNamespaces(response.Document(200), std::get<NamesReply>(outcome).names);
}

Result<void> DecodeCreate(RestCall& call, RestContext& context, Submission& submission) {
  COORD_TRY(body, BodyMap(context));
  COORD_TRY(name, ReadNameField(body.map, "name", context.arena));
  if (!name) return InvalidError("name is missing");
  COORD_TRY_VOID(CheckName(*name, "name"));
  call.names.name_space = *name;
  submission.command = CreateNamespace{};
  return {};
}

void EncodeCreate(RestCall& call, const HttpFacts&, const Outcome&, Response& response) {
  std::string location;
  AppendNamespaceUrl(location, call.names.name_space);
  WriteNamespace(response.Document(201, location), call.names.name_space);
}

Result<void> DecodeGet(RestCall&, RestContext&, Submission& submission) {
  submission.command = CreateNamespace{};
  return {};
}

void EncodeGet(RestCall& call, const HttpFacts&, const Outcome&, Response& response) {
  WriteNamespace(response.Document(200), call.names.name_space);
}

Result<void> DecodeDelete(RestCall&, RestContext&, Submission& submission) {
  submission.command = DestroyNamespace{};
  return {};
}

Result<void> DecodeSummary(RestCall&, RestContext&, Submission& submission) {
  submission.command = GetSummary{};
  return {};
}

// --- complete ------------------------------------------------------------------------------------

Result<void> DecodeComplete(RestCall& call, RestContext& context, Submission& submission) {
  COORD_TRY(read,
            ReadChanges(context.body, call.names.name_space, context.nesting_max, context.arena));
  call.count = read.changes.size() + read.defects.size();
  call.defects = std::move(read.defects);
  submission.command = ChangeAttempts{read.changes};
  return {};
}

void WriteResult(BodyWriter& writer, const Error* error) {
  writer.BeginMap();
  writer.Key("ok");
  writer.Bool(error == nullptr);
  if (error != nullptr) WriteErrorFields(writer, *error);
  writer.EndMap();
}

void EncodeComplete(RestCall& call, const HttpFacts&, const Outcome& outcome, Response& response) {
  const auto& errors = std::get<ResultsReply>(outcome).errors;
  BodyWriter& writer = response.Document(200);
  writer.BeginMap();
  writer.Key("results");
  writer.BeginList();
  auto defect = call.defects.begin();
  std::size_t executed = 0;
  for (std::size_t i = 0; i < call.count; ++i) {
    if (defect != call.defects.end() && defect->index == i) {
      WriteResult(writer, &defect->error);
      ++defect;
    } else {
      WriteResult(writer, errors[executed++]);
    }
  }
  writer.EndList();
  writer.EndMap();
}

constexpr std::array kList = {
    Operation{.method = "GET", .id = "listNamespaces", .decode = DecodeList, .encode = EncodeList},
    Operation{.method = "POST",
              .id = "createNamespace",
              .decode = DecodeCreate,
              .encode = EncodeCreate,
              .needs_body = true,
              .pace = Pace::kMany}};
constexpr std::array kOne = {Operation{.method = "GET",
                                       .id = "getNamespace",
                                       .decode = DecodeGet,
                                       .encode = EncodeGet,
                                       .pace = Pace::kMany},
                             Operation{.method = "DELETE",
                                       .id = "deleteNamespace",
                                       .decode = DecodeDelete,
                                       .encode = EncodeNothing}};
constexpr std::array kSummary = {Operation{.method = "GET",
                                           .id = "getNamespaceSummary",
                                           .decode = DecodeSummary,
                                           .encode = EncodeSummary}};
constexpr std::array kComplete = {Operation{.method = "POST",
                                            .id = "completeAttempts",
                                            .decode = DecodeComplete,
                                            .encode = EncodeComplete,
                                            .needs_body = true}};

constexpr std::array kResources = {
    ResourceOperations{"/namespace", kList}, ResourceOperations{"/namespace/{namespace}", kOne},
    ResourceOperations{"/namespace/{namespace}/summary", kSummary},
    ResourceOperations{"/namespace/{namespace}/complete", kComplete}};

}  // namespace

std::span<const ResourceOperations> NamespaceResources() { return kResources; }

}  // namespace coord

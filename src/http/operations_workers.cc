// SPDX-License-Identifier: MIT
// Workers, and what they ask for.
#include <algorithm>
#include <array>
#include <string>

#include "http/operations.h"
#include "rest/documents.h"
#include "rest/insight_documents.h"
#include "rest/url_names.h"
#include "rest/urls.h"

namespace coord {

namespace {

// Workers in a page: where the query names no limit, and at most.
constexpr std::uint64_t kPageDefault = 1'000;
constexpr std::uint64_t kPageMax = 10'000;

// --- The list ------------------------------------------------------------------------------------

// One more than fit is asked for, so that it is known whether there is another page.
Result<void> DecodeList(RestCall& call, RestContext& context, Submission& submission) {
  COORD_TRY(command, ReadWorkerQuery(call.query, context.arena));
  call.count = command.limit == 0 ? kPageDefault : std::min(command.limit, kPageMax);
  command.limit = call.count + 1;
  // For the link to the next page.
  if (command.active) call.text = *command.active ? "active=true&" : "active=false&";
  submission.command = command;
  return {};
}

// `write` writes a worker; `path` is the list's, in the namespace.
template <typename Write>
void EncodePage(const RestCall& call, const Outcome& outcome, std::string_view path, Write write,
                Response& response) {
  auto workers = std::get<WorkersReply>(outcome).workers;
  const bool more = workers.size() > call.count;
  if (more) workers = workers.first(call.count);
  const std::string_view name_space = call.names.name_space;
  BodyWriter& writer = response.Document(200);
  writer.BeginMap();
  writer.Key("workers");
  writer.BeginList();
  for (const WorkerView& worker : workers) write(writer, name_space, worker);
  writer.EndList();
  if (more) {
    writer.Key("next");
    std::string& url = writer.BeginPlainText();
    AppendNamespaceUrl(url, name_space);
    url.append(path).append("?").append(call.text).append("limit=").append(
        std::to_string(call.count));
    AppendPathName(url.append("&previous="), workers.back().name);
    writer.EndPlainText();
  }
  writer.EndMap();
}

void EncodeList(RestCall& call, const HttpFacts&, const Outcome& outcome, Response& response) {
  const auto write = [](BodyWriter& writer, std::string_view name_space, const WorkerView& worker) {
    WriteWorkerRef(writer, name_space, worker.name);
  };
  EncodePage(call, outcome, "/worker", write, response);
}

void EncodeStates(RestCall& call, const HttpFacts&, const Outcome& outcome, Response& response) {
  EncodePage(call, outcome, "/worker_states", WriteWorkerState, response);
}

// --- One worker ----------------------------------------------------------------------------------

Result<void> DecodeGet(RestCall& call, RestContext&, Submission& submission) {
  submission.command = GetWorker{call.names.worker, /*create=*/true};
  return {};
}

void EncodeGet(RestCall& call, const HttpFacts&, const Outcome& outcome, Response& response) {
  WriteWorker(response.Document(200), call.names.name_space,
              std::get<WorkersReply>(outcome).workers.front());
}

Result<void> DecodeUpdate(RestCall& call, RestContext& context, Submission& submission) {
  COORD_TRY(body, BodyMap(context));
  COORD_TRY(update, ReadWorkerUpdate(body, context.arena));
  update.worker = call.names.worker;
  submission.command = update;
  return {};
}

// --- Work ----------------------------------------------------------------------------------------

Result<void> DecodeRequest(RestCall& call, RestContext& context, Submission& submission) {
  COORD_TRY(body, BodyMap(context));
  COORD_TRY(request, ReadWorkRequest(body, context.arena));
  request.command.worker = call.names.worker;
  submission.command = request.command;
  submission.wait = request.wait;
  return {};
}

void EncodeRequest(RestCall& call, const HttpFacts&, const Outcome& outcome, Response& response) {
  WriteWork(response.Document(200), call.names.name_space, call.names.worker,
            std::get<WorkReply>(outcome));
}

Result<void> DecodeMake(RestCall& call, RestContext& context, Submission& submission) {
  COORD_TRY(body, BodyMap(context));
  COORD_TRY(command, ReadMakeAttempt(body, context.arena));
  command.worker = call.names.worker;
  context.before = GetWorker{call.names.worker, /*create=*/true};
  submission.command = command;
  return {};
}

void EncodeMake(RestCall& call, const HttpFacts&, const Outcome& outcome, Response& response) {
  WriteAttempt(response.Document(200), call.names.name_space,
               std::get<AttemptsReply>(outcome).attempts.front());
}

template <WorkerAttempts which>
Result<void> DecodeAttempts(RestCall& call, RestContext& context, Submission& submission) {
  context.before = GetWorker{call.names.worker, /*create=*/true};
  submission.command = ListWorkerAttempts{call.names.worker, which};
  return {};
}

void EncodeAttempts(RestCall& call, const HttpFacts&, const Outcome& outcome, Response& response) {
  WriteAttempts(response.Document(200), call.names.name_space, std::get<AttemptsReply>(outcome));
}

template <WorkerAttempts which>
constexpr std::array<Operation, 1> Attempts(std::string_view id) {
  return {Operation{
      .method = "GET", .id = id, .decode = DecodeAttempts<which>, .encode = EncodeAttempts}};
}

constexpr std::array kList = {
    Operation{.method = "GET", .id = "listWorkers", .decode = DecodeList, .encode = EncodeList}};
constexpr std::array kStates = {Operation{
    .method = "GET", .id = "listWorkerStates", .decode = DecodeList, .encode = EncodeStates}};
constexpr std::array kOne = {
    Operation{.method = "GET", .id = "getWorker", .decode = DecodeGet, .encode = EncodeGet},
    Operation{.method = "PUT",
              .id = "updateWorker",
              .decode = DecodeUpdate,
              .encode = EncodeNothing,
              .needs_body = true,
              .pace = Pace::kMany}};
constexpr std::array kRequest = {Operation{
    .method = "POST", .id = "requestAttempts", .decode = DecodeRequest, .encode = EncodeRequest}};
constexpr std::array kMake = {Operation{.method = "POST",
                                        .id = "makeAttempt",
                                        .decode = DecodeMake,
                                        .encode = EncodeMake,
                                        .needs_body = true}};
constexpr auto kActive = Attempts<WorkerAttempts::kActive>("listActiveAttempts");
constexpr auto kAll = Attempts<WorkerAttempts::kAll>("listAllAttempts");
constexpr auto kChildren = Attempts<WorkerAttempts::kChildren>("listChildAttempts");

constexpr std::array kResources = {
    ResourceOperations{"/namespace/{namespace}/worker", kList},
    ResourceOperations{"/namespace/{namespace}/worker_states", kStates},
    ResourceOperations{"/namespace/{namespace}/worker/{worker}", kOne},
    ResourceOperations{"/namespace/{namespace}/worker/{worker}/request_attempts", kRequest},
    ResourceOperations{"/namespace/{namespace}/worker/{worker}/make_attempt", kMake},
    ResourceOperations{"/namespace/{namespace}/worker/{worker}/active_attempts", kActive},
    ResourceOperations{"/namespace/{namespace}/worker/{worker}/all_attempts", kAll},
    ResourceOperations{"/namespace/{namespace}/worker/{worker}/child_attempts", kChildren}};

}  // namespace

std::span<const ResourceOperations> WorkerResources() { return kResources; }

}  // namespace coord

// SPDX-License-Identifier: MIT
// The server itself: its root, its description, its health, and the clock of test daemons.
#include <array>

#include "domain/fields.h"
#include "http/metrics.h"
#include "http/openapi.h"
#include "http/operations.h"
#include "rest/body_reader.h"
#include "rest/documents.h"

namespace coord {

Result<RequestBody> BodyMap(const RestContext& context) {
  if (IsCborNull(context.body)) return RequestBody{"\xa0", context.nesting_max};
  if (!CborMap::Open(context.body)) return MustBeError("the body", "a map");
  return RequestBody{context.body, context.nesting_max};
}

void EncodeNothing(RestCall&, const HttpFacts&, const Outcome&, Response& response) {
  response.Empty();
}

void EncodeSummary(RestCall&, const HttpFacts&, const Outcome& outcome, Response& response) {
  WriteSummary(response.Document(200), std::get<SummaryReply>(outcome));
}

namespace {

void AnswerRoot(RestCall& call, const HttpFacts& facts, Response& response) {
  if (call.wants_page) return AnswerWebFile(call, *FindWebFile("index.html"), response);
  WriteRoot(response.Document(200), facts.manual_clock != nullptr);
}

void AnswerOpenApi(RestCall&, const HttpFacts&, Response& response) {
  response.Plain(200, "application/json").append(OpenApiText());
}

void AnswerHealth(RestCall&, const HttpFacts&, Response& response) {
  response.Plain(200, "text/plain; charset=utf-8").append("ok\n");
}

Result<void> DecodeReady(RestCall&, RestContext&, Submission& submission) {
  submission.command = ListNamespaces{};
  return {};
}

void EncodeReady(RestCall&, const HttpFacts& facts, const Outcome&, Response& response) {
  if (!facts.store->available()) {
    return response.Failure({ErrorCode::kUnavailable, "the storage does not answer", {}});
  }
  response.Plain(200, "text/plain; charset=utf-8").append("ok\n");
}

Result<void> DecodeSummary(RestCall&, RestContext&, Submission& submission) {
  submission.command = GetSummary{.all_namespaces = true, .spec = {}};
  return {};
}

// --- Metrics -------------------------------------------------------------------------------------

Result<void> NoteTime(RestCall& call, const HttpFacts& facts) {
  call.time = facts.clock->Now();
  return {};
}

void EncodeMetrics(RestCall& call, const HttpFacts& facts, const Outcome& outcome,
                   Response& response) {
  const Duration took = facts.clock->Now() - *call.time;
  WriteMetrics(facts, std::get<SummaryReply>(outcome), took,
               response.Plain(200, "text/plain; version=0.0.4; charset=utf-8"));
}

constexpr std::array kRoot = {
    Operation{.method = "GET", .id = "getRoot", .answer = AnswerRoot, .has_page = true}};
constexpr std::array kOpenApi = {Operation{
    .method = "GET", .id = "getDescription", .answer = AnswerOpenApi, .negotiates = false}};
constexpr std::array kHealth = {
    Operation{.method = "GET", .id = "getHealth", .answer = AnswerHealth, .negotiates = false}};
constexpr std::array kReady = {Operation{.method = "GET",
                                         .id = "getReadiness",
                                         .decode = DecodeReady,
                                         .encode = EncodeReady,
                                         .negotiates = false}};
constexpr std::array kMetrics = {Operation{.method = "GET",
                                           .id = "getMetrics",
                                           .decode = DecodeSummary,
                                           .encode = EncodeMetrics,
                                           .prepare = NoteTime,
                                           .negotiates = false}};
constexpr std::array kSummary = {Operation{
    .method = "GET", .id = "getSummary", .decode = DecodeSummary, .encode = EncodeSummary}};

constexpr std::array kResources = {
    ResourceOperations{"/", kRoot},           ResourceOperations{"/openapi.json", kOpenApi},
    ResourceOperations{"/metrics", kMetrics}, ResourceOperations{"/healthz", kHealth},
    ResourceOperations{"/readyz", kReady},    ResourceOperations{"/summary", kSummary}};

// --- The clock -----------------------------------------------------------------------------------

void AnswerClock(RestCall&, const HttpFacts& facts, Response& response) {
  BodyWriter& writer = response.Document(200);
  writer.BeginMap();
  writer.Key("now");
  writer.Time(facts.clock->Now());
  writer.EndMap();
}

// The command has no other purpose than that its outcome comes after those of all that the new time
// causes.
Result<void> DecodeSetClock(RestCall& call, RestContext& context, Submission& submission) {
  COORD_TRY(body, BodyMap(context));
  const std::string_view now = FindField(body.map, "now");
  if (now.empty()) return InvalidError("now is missing");
  COORD_TRY(time, ReadTimeItem(now, "now", context.arena));
  if (time == kNoTime) return MustBeError("now", "a time");
  call.time = time;
  submission.command = ListNamespaces{};
  return {};
}

Result<void> SetClock(RestCall& call, const HttpFacts& facts) {
  if (*call.time < facts.clock->Now()) return InvalidError("time does not go back");
  facts.manual_clock->Set(*call.time);
  facts.dispatcher->Poll();
  return {};
}

constexpr std::array kClock = {
    Operation{.method = "GET", .id = "getClock", .answer = AnswerClock, .pace = Pace::kAlone},
    Operation{.method = "PUT",
              .id = "setClock",
              .decode = DecodeSetClock,
              .encode = EncodeNothing,
              .prepare = SetClock,
              .needs_body = true,
              .pace = Pace::kAlone}};

constexpr std::array kClockResources = {ResourceOperations{"/clock", kClock}};

}  // namespace

std::span<const ResourceOperations> ServerResources() { return kResources; }
std::span<const ResourceOperations> ClockResources() { return kClockResources; }

}  // namespace coord

// SPDX-License-Identifier: MIT
// Attempts.
#include <array>

#include "http/operations.h"
#include "rest/documents.h"
#include "rest/urls.h"

namespace coord {

namespace {

// The key that a path names. Nobody wrote a segment that cannot be read, so that it names nothing;
// the id 0, which no attempt has, gives the errors of what is missing from the left.
AttemptKey KeyOf(const PathNames& names) {
  const AttemptSegment segment = ReadAttemptSegment(names.start).value_or(AttemptSegment{});
  return {names.spec, names.unit, segment.id, names.worker, segment.start};
}

Result<void> DecodeGet(RestCall& call, RestContext&, Submission& submission) {
  submission.command = GetAttempt{KeyOf(call.names)};
  return {};
}

void EncodeGet(RestCall& call, const HttpFacts&, const Outcome& outcome, Response& response) {
  WriteAttempt(response.Document(200), call.names.name_space,
               std::get<AttemptsReply>(outcome).attempts.front());
}

template <AttemptEvent event>
Result<void> DecodeChange(RestCall& call, RestContext& context, Submission& submission) {
  COORD_TRY(body, BodyMap(context));
  const auto changes = context.arena.NewArray<AttemptChange>(1);
  COORD_TRY(change, ReadAttemptChange(body, event, context.arena));
  changes[0] = change;
  changes[0].key = KeyOf(call.names);
  submission.command = ChangeAttempts{changes};
  return {};
}

void EncodeChange(RestCall&, const HttpFacts&, const Outcome& outcome, Response& response) {
  const Error* error = std::get<ResultsReply>(outcome).errors.front();
  if (error != nullptr) return response.Failure(*error);
  response.Empty();
}

template <AttemptEvent event>
constexpr std::array<Operation, 1> Change(std::string_view id) {
  return {Operation{.method = "POST",
                    .id = id,
                    .decode = DecodeChange<event>,
                    .encode = EncodeChange,
                    .pace = Pace::kMany}};
}

constexpr std::array kOne = {
    Operation{.method = "GET", .id = "getAttempt", .decode = DecodeGet, .encode = EncodeGet}};
constexpr auto kRenew = Change<AttemptEvent::kRenew>("renewAttempt");
constexpr auto kExpire = Change<AttemptEvent::kExpire>("expireAttempt");
constexpr auto kFinish = Change<AttemptEvent::kFinish>("finishAttempt");
constexpr auto kFail = Change<AttemptEvent::kFail>("failAttempt");
constexpr auto kRetry = Change<AttemptEvent::kRetry>("retryAttempt");

#define COORD_ATTEMPT_PATH \
  "/namespace/{namespace}/work_spec/{spec}/work_unit/{unit}/attempt/{worker}/{start}"

constexpr std::array kResources = {ResourceOperations{COORD_ATTEMPT_PATH, kOne},
                                   ResourceOperations{COORD_ATTEMPT_PATH "/renew", kRenew},
                                   ResourceOperations{COORD_ATTEMPT_PATH "/expire", kExpire},
                                   ResourceOperations{COORD_ATTEMPT_PATH "/finish", kFinish},
                                   ResourceOperations{COORD_ATTEMPT_PATH "/fail", kFail},
                                   ResourceOperations{COORD_ATTEMPT_PATH "/retry", kRetry}};

#undef COORD_ATTEMPT_PATH

}  // namespace

std::span<const ResourceOperations> AttemptResources() { return kResources; }

}  // namespace coord

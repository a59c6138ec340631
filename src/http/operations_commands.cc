// SPDX-License-Identifier: MIT
// Any command, for stores of other daemons that have this one behind them.
#include <array>
#include <type_traits>

#include "http/operations.h"
#include "rest/command_body.h"

namespace coord {

namespace {

// Units that a request may get for its answer to count as short.
constexpr std::uint64_t kShortRequest = 100;

Pace PaceOf(const Command& command) {
  if (MayBeLong(command)) return Pace::kAlone;
  const auto* request = std::get_if<RequestWork>(&command);
  if (request != nullptr) return request->count > kShortRequest ? Pace::kLast : Pace::kMany;
  return std::visit(
      [](const auto& alternative) {
        constexpr bool kHasList =
            kIsOneOf<std::remove_cvref_t<decltype(alternative)>, ListNamespaces, ListWorkSpecs,
                     ListWorkUnits, GetWorkUnits, ListUnitAttempts, ListWorkerAttempts, ListWorkers,
                     GetChildWorkUnits, GetSummary>;
        return kHasList ? Pace::kLast : Pace::kMany;
      },
      command);
}

Result<void> DecodeCommand(RestCall& call, RestContext& context, Submission& submission) {
  COORD_TRY(body, BodyMap(context));
  COORD_TRY(command, ReadCommand(body.map, context.arena));
  submission.command = command;
  // Whom to take back from what never gets there.
  if (const auto* request = std::get_if<RequestWork>(&command)) call.names.worker = request->worker;
  return {};
}

void EncodeOutcome(RestCall&, const HttpFacts&, const Outcome& outcome, Response& response) {
  WriteOutcome(outcome, response.Plain(200, kCborType));
}

constexpr std::array kRun = {Operation{.method = "POST",
                                       .id = "runCommand",
                                       .decode = DecodeCommand,
                                       .encode = EncodeOutcome,
                                       .needs_body = true,
                                       .negotiates = false,
                                       .pace_of = PaceOf}};

constexpr std::array kResources = {ResourceOperations{"/namespace/{namespace}/command", kRun}};

}  // namespace

std::span<const ResourceOperations> CommandResources() { return kResources; }

}  // namespace coord

// SPDX-License-Identifier: MIT
// Commands to another daemon, over a connection that is opened again when it is lost.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "rest/outcome_shape.h"
#include "stores/rest/rest_address.h"
#include "stores/rest/rest_connection.h"

namespace coord {

// A command, encoded, so that it borrows nothing.
struct RestRequest {
  std::string name_space;
  std::string command;
  OutcomeShape shape;
  bool repeatable = false;  // it changes nothing, so that it may be sent again
};

// Encodes a command.
RestRequest MakeRestRequest(std::string_view name_space, const Command& command);

// The body of an outcome, or why there is none.
using RestAnswer = Result<std::string>;

// Used from one thread.
class RestSession {
 public:
  explicit RestSession(RestAddress address);

  // Connects, and reads from the root document where commands go. Errors: kUnavailable; kInvalid
  // where what answers is no daemon that takes commands.
  Result<void> Connect();

  // Sends the commands, in order, and returns an answer for each. `now` is for the pauses between
  // attempts to connect: a second after the first, up to half a minute.
  //
  // Errors in answers: those of the daemon; kUnavailable: nothing was done, it may be tried again;
  // kInDoubt: the connection broke when the command was on its way, and it may have been executed.
  std::vector<RestAnswer> Run(std::span<const RestRequest> requests, WallTime now);

  // The daemon did not answer last time.
  bool unreachable() const { return unreachable_; }
  const Error& last_error() const { return last_error_; }

 private:
  bool MakeReady(WallTime now);
  Result<std::string> ReadRoot(RestConnection& connection);
  // Runs those that `pending` lists, and takes off it those that have an answer.
  void TryRun(std::span<const RestRequest> requests, std::vector<std::size_t>& pending,
              std::vector<std::optional<RestAnswer>>& answers);
  std::string TargetOf(std::string_view name_space) const;

  const RestAddress address_;
  std::unique_ptr<RestConnection> connection_;
  std::string command_template_;
  bool unreachable_ = false;
  Error last_error_;
  Duration pause_{0};
  WallTime next_try_{};
};

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "stores/rest/rest_session.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "rest/body_reader.h"
#include "rest/command_body.h"
#include "rest/error_document.h"
#include "rest/uri_template.h"
#include "rest/url_names.h"
#include "value/cbor_reader.h"

namespace coord {

namespace {

constexpr std::chrono::milliseconds kConnectTimeout{10'000};
constexpr Duration kFirstPause = std::chrono::seconds(1);
constexpr Duration kLongestPause = std::chrono::seconds(30);
// The connection may have been lost while nobody looked.
constexpr int kTries = 2;

Error TryAgain(const Error& error) {
  return {ErrorCode::kUnavailable, "storage unavailable, try again: " + error.detail, {}};
}

Error InDoubt(const Error& error) {
  return {
      ErrorCode::kInDoubt,
      "storage unavailable; this may have been done, look before you try again: " + error.detail,
      {}};
}

RestAnswer AnswerOf(HttpAnswer answer) {
  if (answer.status == 200) return std::move(answer.body);
  const bool is_cbor = CborItemSize(answer.body, CborScanner::kDepthMax) == answer.body.size();
  return ReadErrorDocument(answer.status, is_cbor ? answer.body : std::string_view());
}

}  // namespace

RestRequest MakeRestRequest(std::string_view name_space, const Command& command) {
  RestRequest request;
  request.name_space = name_space;
  WriteCommand(command, request.command);
  request.shape = ShapeOf(command);
  request.repeatable = IsRepeatable(command);
  return request;
}

RestSession::RestSession(RestAddress address) : address_(std::move(address)) {}

Result<void> RestSession::Connect() {
  connection_.reset();
  COORD_TRY(connection, RestConnection::Open(address_.address, kConnectTimeout));
  COORD_TRY(found, ReadRoot(*connection));
  command_template_ = found;
  connection_ = std::move(connection);
  return {};
}

Result<std::string> RestSession::ReadRoot(RestConnection& connection) {
  RequestWriter request(ToText(address_.address));
  request.Add("GET", address_.path, {});
  HttpExchanged exchanged;
  COORD_TRY_VOID(connection.Exchange(request, exchanged));
  const RestAnswer answer = AnswerOf(std::move(exchanged.answers.front()));
  Arena arena;
  const std::string_view root = answer.has_value() ? std::string_view(*answer) : "";
  const auto found = CborAsString(FindField(root, "command_url"), arena);
  if (!found) {
    return InvalidError(ToText(address_) +
                        " is not the root document of a daemon that takes commands");
  }
  return std::string(*found);
}

bool RestSession::MakeReady(WallTime now) {
  if (connection_ && !connection_->IsStale()) return true;
  if (unreachable_ && now < next_try_) return false;
  const Result<void> connected = Connect();
  if (connected.has_error()) {
    last_error_ = connected.error();
    pause_ = std::clamp(pause_ * 2, kFirstPause, kLongestPause);
    next_try_ = AddTime(now, pause_);
  } else {
    pause_ = Duration(0);
  }
  unreachable_ = connected.has_error();
  return !unreachable_;
}

std::vector<RestAnswer> RestSession::Run(std::span<const RestRequest> requests, WallTime now) {
  std::vector<std::optional<RestAnswer>> found(requests.size());
  std::vector<std::size_t> pending(requests.size());
  std::iota(pending.begin(), pending.end(), std::size_t{0});
  for (int tries = 0; tries < kTries && !pending.empty() && MakeReady(now); ++tries) {
    TryRun(requests, pending, found);
  }
  for (const std::size_t index : pending) found[index] = TryAgain(last_error_);
  std::vector<RestAnswer> answers;
  answers.reserve(found.size());
  for (std::optional<RestAnswer>& answer : found) answers.push_back(*std::move(answer));
  return answers;
}

void RestSession::TryRun(std::span<const RestRequest> requests, std::vector<std::size_t>& pending,
                         std::vector<std::optional<RestAnswer>>& answers) {
  RequestWriter writer(ToText(address_.address));
  std::string target;
  const std::string* target_of = nullptr;
  for (const std::size_t index : pending) {
    const std::string& name_space = requests[index].name_space;
    if (target_of == nullptr || *target_of != name_space) target = TargetOf(name_space);
    target_of = &name_space;
    writer.Add("POST", target, requests[index].command);
  }
  HttpExchanged exchanged;
  const Result<void> done = connection_->Exchange(writer, exchanged);
  for (std::size_t i = 0; i < exchanged.answers.size(); ++i) {
    answers[pending[i]] = AnswerOf(std::move(exchanged.answers[i]));
  }
  if (done.has_error()) {
    connection_.reset();
    last_error_ = done.error();
    for (std::size_t i = exchanged.answers.size(); i < exchanged.begun; ++i) {
      if (!requests[pending[i]].repeatable) answers[pending[i]] = InDoubt(last_error_);
    }
  }
  std::erase_if(pending, [&](std::size_t index) { return answers[index].has_value(); });
}

std::string RestSession::TargetOf(std::string_view name_space) const {
  std::string name;
  AppendPathName(name, name_space);
  const std::array variables = {TemplateVariable{"namespace", {name}}};
  auto target = ExpandTemplate(command_template_, variables);
  // What cannot be expanded is not found at the daemon.
  return target.has_value() ? *std::move(target) : command_template_;
}

}  // namespace coord

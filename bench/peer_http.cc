// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "cmd/coordbench/http_answer.h"
#include "cmd/coordbench/wire.h"
#include "peers.h"

namespace coord::bench {

namespace {

constexpr std::string_view kUnitPlace = "{unit}";
// Both kinds of requests have it and no other field that they could do without.
constexpr std::string_view kHost = " HTTP/1.1\r\nHost: localhost\r\n";
constexpr std::string_view kFinishUrl = "\"finish_url\":\"";

std::string GetRequest(std::string path) {
  const std::size_t place = path.find(kUnitPlace);
  if (place != std::string::npos) path.replace(place, kUnitPlace.size(), kBlankUnitName);
  return fmt::format("GET {}{}\r\n", path, kHost);
}

std::string WorkRequest() {
  constexpr std::string_view kBody = "{\"number_of_work_units\":1}";
  return fmt::format(
      "POST /namespace/-/worker/bench-{}/request_attempts{}Content-Type: application/json\r\n"
      "Content-Length: {}\r\n\r\n{}",
      kBlankWorker, kHost, kBody.size(), kBody);
}

}  // namespace

std::size_t HttpTraffic::OnBytes(Connection& connection, std::string_view bytes) {
  const HttpAnswer answer = ReadHttpAnswer(bytes);
  if (answer.state == HttpAnswer::State::kNeedMore) return 0;
  const bool is_whole = answer.state == HttpAnswer::State::kWhole;
  if (!is_whole || answer.status >= 300) {
    Fail("http: " + std::string(bytes.substr(0, is_whole ? answer.size : 80)));
    return bytes.size();
  }
  OnAnswer(connection, answer);
  return answer.size;
}

// --- GET -----------------------------------------------------------------------------------------

HttpGetTraffic::HttpGetTraffic(EpollLoop& loop, std::uint32_t connections, const std::string& path,
                               std::uint64_t units)
    : HttpTraffic(loop, connections),
      request_(GetRequest(path)),
      unit_at_(request_.find(kBlankUnitName)),
      units_(units) {}

void HttpGetTraffic::OnStart(Connection& connection) {
  if (unit_at_ != std::string::npos) {
    WriteUnitName(next_unit_, false, request_.data() + unit_at_);
    next_unit_ = (next_unit_ + 1) % units_;
  }
  Send(connection, request_);
}

void HttpGetTraffic::OnAnswer(Connection& connection, const HttpAnswer&) {
  Answered(connection, 1);
  OnStart(connection);
}

// --- Cycles --------------------------------------------------------------------------------------

RestTraffic::RestTraffic(EpollLoop& loop, std::uint32_t connections)
    : HttpTraffic(loop, connections),
      request_(WorkRequest()),
      worker_at_(request_.find(kBlankWorker)) {}

void RestTraffic::OnStart(Connection& connection) {
  WriteWorkerNumber(connection.index(), request_.data() + worker_at_);
  Send(connection, request_);
}

void RestTraffic::OnAnswer(Connection& connection, const HttpAnswer& answer) {
  if (answer.body.empty()) {  // to finish
    Answered(connection, 1);
    return OnStart(connection);
  }
  const std::size_t found = answer.body.find(kFinishUrl);
  if (found == std::string_view::npos) return Fail("rest: no units left; add more");
  const std::string_view url = answer.body.substr(found + kFinishUrl.size());
  finish_.assign("POST ").append(url.substr(0, url.find('"')));
  finish_.append(kHost).append("Content-Length: 0\r\n\r\n");
  Answered(connection, 0);
  Send(connection, finish_);
}

}  // namespace coord::bench

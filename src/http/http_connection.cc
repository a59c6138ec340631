// SPDX-License-Identifier: MIT
#include "http/http_connection.h"

#include <string>
#include <utility>

namespace coord {

HttpConnection::HttpConnection(IoLoop& loop, HttpContext& context, std::uint64_t number, Fd socket)
    : Connection(loop, number, std::move(socket)),
      context_(context),
      reader_(context.options.limits),
      exchange_(context, *this) {}

bool HttpConnection::Gather() {
  exchange_.Begin();
  if (exchange_.has_open_call()) {
    exchange_.AddNext(loop().turn(), loop().nobody());
  } else {
    while (!exchange_.full() && input().size() > 0 && GatherRequest()) {
    }
  }
  if (exchange_.size() > 0) HandIn();
  return false;
}

// Takes one request. Returns false where nothing more can be taken now.
bool HttpConnection::GatherRequest() {
  const ReadRequest read = reader_.Next(input().data(), input().size());
  unfinished_ = read.kind == ReadRequest::Kind::kNeedMore;
  if (unfinished_) {
    Need(read.size);
    WatchMe();
    if (read.waits_for_continue && exchange_.size() == 0) TellToContinue();
    return false;
  }
  unfinished_ticks_ = 0;
  if (read.kind == ReadRequest::Kind::kBad) {
    exchange_.AddDefect(read.defect);
    Report(read.defect.reason);
    return false;
  }
  const Exchange::Added added = exchange_.Add(read.request, loop().turn(), loop().nobody());
  if (added == Exchange::Added::kLater) return false;
  reader_.Consumed();
  told_to_continue_ = false;
  input().Consume(read.size);
  return added == Exchange::Added::kMore;
}

void HttpConnection::TellToContinue() {
  if (std::exchange(told_to_continue_, true)) return;
  std::string answer = "HTTP/1.1 100 Continue\r\n\r\n";
  Grants none;
  AppendAnswers(answer, none);
  Flush();
}

void HttpConnection::RefuseUnfinished(std::string_view why) {
  exchange_.Begin();
  exchange_.AddDefect({503, why});
  Report(why);
}

void HttpConnection::OnProtocolTick() {
  const auto grace = static_cast<int>(input().size() / context_.options.bytes_a_tick);
  if (++unfinished_ticks_ < context_.options.request_ticks + grace) return;
  exchange_.Begin();
  exchange_.AddDefect({408, "the request takes too long"});
  HandIn();
}

void HttpConnection::TakeAnswers() {
  Connection::TakeAnswers();
  if (exchange_.ends_connection()) CloseWhenSent(/*linger=*/true);
}

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "rpc/rpc_connection.h"

#include <utility>

#include "base/check.h"
#include "rpc/answer.h"

namespace coord {

RpcConnection::RpcConnection(IoLoop& loop, ServerContext& context, std::uint64_t number, Fd socket)
    : Connection(loop, number, std::move(socket)),
      context_(context),
      frames_(context.options.frames),
      exchange_(context, *this) {}

// Fills the exchange with requests that are all there. Returns true if a message has been answered
// without one, so that the next may be looked at.
bool RpcConnection::Gather() {
  exchange_.Begin(/*framed=*/batch_ == nullptr);
  if (batch_) {
    GatherBatch();
  } else {
    while (!exchange_.full() && input().size() > 0 && GatherMessage()) {
    }
    // A batch message comes alone.
    if (batch_ && exchange_.size() == 0) {
      exchange_.Begin(/*framed=*/false);
      GatherBatch();
    }
  }
  if (exchange_.size() > 0) {
    HandIn();
    return false;
  }
  if (!batch_) return false;
  FinishBatch();
  Flush();
  return true;
}

// Takes one message. Returns false where nothing more can be taken now.
bool RpcConnection::GatherMessage() {
  const Frame frame = NextFrame();
  switch (frame.kind) {
    case FrameKind::kNeedMore:
      Need(frame.size);
      return false;
    case FrameKind::kClose:
      CloseWhenSent(/*linger=*/false);
      return false;
    case FrameKind::kBad:
      OnBadMessage(frame.payload, frame.reason, false);
      return false;
    case FrameKind::kBatch:
      if (exchange_.size() > 0) {
        Defer(frame);
      } else {
        StartBatch(frame);
      }
      return false;
    case FrameKind::kRequest:
      break;
  }
  const Exchange::Added added = exchange_.Add(frame.payload, loop().turn());
  if (added == Exchange::Added::kLater) {
    Defer(frame);
    return false;
  }
  if (added == Exchange::Added::kWrong) {
    OnBadMessage({}, "a request that is not well-formed", false);
    return false;
  }
  input().Consume(frame.size);
  return added == Exchange::Added::kMore;
}

Frame RpcConnection::NextFrame() {
  if (!deferred_) return frames_.Next(input().data(), input().size());
  Frame frame = *std::exchange(deferred_, std::nullopt);
  frame.payload = {input().data() + deferred_at_, frame.payload.size()};
  return frame;
}

// Leaves a message at the front of the input for the next exchange. Its frame is kept, because a
// message in chunks cannot be read a second time: the first has joined them in place. The payload's
// place is kept by its offset, because the input may go on in another block meanwhile.
void RpcConnection::Defer(const Frame& frame) {
  deferred_ = frame;
  deferred_at_ = static_cast<std::size_t>(frame.payload.data() - input().data());
}

void RpcConnection::StartBatch(const Frame& frame) {
  auto requests = CborList::Open(frame.payload);
  COORD_CHECK(requests.has_value());
  const std::size_t count = requests->CountLeft();
  if (count > context_.options.batch_requests_max) {
    return OnBadMessage({}, "a batch of too many requests", false);
  }
  batch_ = std::make_unique<BatchInWork>();
  batch_->requests = *requests;
  batch_->left = count;
  batch_->start = BeginMessage(batch_->answers);
  CborWriter(batch_->answers).ArrayHead(count);
  input().Consume(frame.size);
}

void RpcConnection::GatherBatch() {
  std::string_view request;
  while (!exchange_.full() && batch_->left > 0 && batch_->requests.Next(request)) {
    --batch_->left;
    if (batch_->answers.size() > context_.options.frames.message_bytes_max) {
      // What is not executed can be sent again; an answer without bound could not be sent at all.
      exchange_.AddUnreadable(request, "not executed: the answer to this batch is too long", true);
    } else if (exchange_.AddItem(request, loop().turn()) != Exchange::Added::kMore) {
      return;
    }
  }
}

void RpcConnection::OnBadMessage(std::string_view seen, std::string_view reason,
                                 bool always_answer) {
  exchange_.AddUnreadable(seen, reason, always_answer);
  CloseWhenSent(/*linger=*/true);
  Report(reason);
}

void RpcConnection::RefuseUnfinished(std::string_view why) {
  exchange_.Begin(/*framed=*/true);
  const Frame frame = NextFrame();
  OnBadMessage(frame.payload, why, true);
}

void RpcConnection::TakeAnswers() {
  if (!batch_) return Connection::TakeAnswers();
  batch_->answers.append(exchange_.answers());
  batch_->grants.TakeFrom(exchange_.grants(), 0);
  exchange_.answers().clear();
  if (batch_->left == 0) FinishBatch();
}

void RpcConnection::FinishBatch() {
  EndMessage(batch_->answers, batch_->start);
  batch_->grants.JoinAnswers();
  AppendAnswers(batch_->answers, batch_->grants);
  batch_.reset();
}

void RpcConnection::ReleaseKept() {
  if (batch_) ReleaseFrom(batch_->grants, 0);
}

}  // namespace coord

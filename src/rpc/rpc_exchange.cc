// SPDX-License-Identifier: MIT
#include "rpc/rpc_exchange.h"

#include "rpc/answer.h"
#include "rpc/method_table.h"

namespace coord {

namespace {

constexpr std::string_view kEncodedNull = "\xf6";

}  // namespace

// --- Filling -------------------------------------------------------------------------------------

void RpcExchange::Begin(bool framed) {
  framed_ = framed;
  Reset();
}

RpcExchange::Call& RpcExchange::NewCall(std::string_view id, std::size_t bytes) {
  const std::size_t index = AddCall(bytes);
  if (index == calls_.size()) calls_.emplace_back();
  Call& call = calls_[index];
  call.id = id;
  call.method = nullptr;
  call.notes = {};
  call.notes.facts = &context_.facts;
  call.failed = false;
  return call;
}

RpcExchange::Added RpcExchange::Add(std::string_view payload, Turn& turn) {
  Batch& batch = turn.Room(*context_.dispatcher, payload.size());
  Envelope envelope;
  const CborScan scan =
      ReadEnvelope(payload, context_.options.frames.nesting_max, batch.arena, envelope);
  if (scan != CborScan::kDone) {
    AddUnreadable(payload, CborScanner::Describe(scan));
    return Added::kWrong;
  }
  return Decode(envelope, payload.size(), /*may_wait=*/true, turn);
}

RpcExchange::Added RpcExchange::AddItem(std::string_view item, Turn& turn) {
  Batch& batch = turn.Room(*context_.dispatcher, item.size());
  Envelope envelope;
  // The message has been scanned as a whole, so that only the kind can be wrong.
  if (ReadEnvelope(item, CborScanner::kDepthMax, batch.arena, envelope) != CborScan::kDone) {
    NewCall(kEncodedNull, 0);
    FailCall(kEncodedNull, {}, "a request must be a map");
    return Added::kMore;
  }
  return Decode(envelope, item.size(), /*may_wait=*/false, turn);
}

void RpcExchange::AddUnreadable(std::string_view seen, std::string_view message, bool always) {
  Arena arena;
  Envelope envelope;
  envelope.id = {};
  ReadEnvelope(seen, CborScanner::kDepthMax, arena, envelope);
  if (!envelope.id.empty() || always) {
    const std::string_view id = envelope.id.empty() ? kEncodedNull : envelope.id;
    NewCall(id, 0);
    WriteError(id, message);
  }
}

// The answer of the last call.
void RpcExchange::WriteError(std::string_view id, std::string_view message) {
  calls_[size() - 1].failed = true;
  WriteAnswer(AnswerNow(size() - 1),
              [&](CborWriter& writer) { WriteErrorAnswer(writer, id, message); });
}

// The last call is one that no store gets to see.
void RpcExchange::FailCall(std::string_view id, std::string_view method, std::string_view message) {
  WriteError(id, message);
  if (LogsRequests()) context_.events->OnRequest(method, Duration(0), message);
}

RpcExchange::Added RpcExchange::Decode(const Envelope& envelope, std::size_t bytes, bool may_wait,
                                       Turn& turn) {
  Call& call = NewCall(envelope.id, bytes);
  const Method* method = FindMethod(envelope.method);
  if (method == nullptr) {
    FailCall(call.id, envelope.method, "no such method '" + std::string(envelope.method) + "'");
    return Added::kMore;
  }
  const auto fail = [&](const Error& error) {
    call.method = nullptr;
    FailCall(call.id, method->name, std::string(method->name) + ": " + error.detail);
    return Added::kMore;
  };
  Batch& batch = *turn.batches.back();
  auto params = Params::Match(envelope, method->parameters, method->required, batch.arena);
  if (params.has_error()) return fail(params.error());
  call.method = method;
  if (method->answer != nullptr) return Added::kMore;
  DecodeContext decoding{batch.arena, may_wait};
  Submission& submission = batch.submissions.emplace_back();
  const auto decoded = method->decode(*params, decoding, submission, call.notes);
  if (decoded.has_error() || !call.notes.refusal.empty()) {
    batch.submissions.pop_back();
    return decoded.has_error() ? fail(decoded.error()) : Added::kMore;
  }
  const bool may_take_long = submission.wait > Duration(0) || MayBeLong(submission.command);
  if (may_take_long && framed_ && size() > 1) {
    batch.submissions.pop_back();
    RemoveCall(bytes);
    return Added::kLater;
  }
  submission.name_space = context_.options.name_space;
  submission.sink = this;
  submission.token = size() - 1;
  if (const auto* request = std::get_if<RequestWork>(&submission.command)) {
    call.notes.text = request->worker;
    if (!may_take_long) return Added::kMore;
    waiting_id_ = call.id;
    call.id = waiting_id_;
    waiting_worker_ = request->worker;
    call.notes.text = waiting_worker_;
    SetMayWait();
    return Added::kLast;
  }
  return may_take_long || method->long_answer ? Added::kLast : Added::kMore;
}

// --- Answering -----------------------------------------------------------------------------------

template <typename Write>
void RpcExchange::WriteAnswer(std::string& out, Write write) {
  const std::size_t start = framed_ ? BeginMessage(out) : 0;
  CborWriter writer(out);
  write(writer);
  if (framed_) EndMessage(out, start);
}

bool RpcExchange::WriteLocal(std::size_t index, std::string& out) {
  const Call& call = calls_[index];
  if (call.notes.refusal.empty() && call.method->answer == nullptr) return false;
  LogAnswer(call, call.notes.refusal);
  WriteAnswer(out, [&](CborWriter& writer) {
    if (!call.notes.refusal.empty()) {
      EncodeRefusal(*call.method, call.id, call.notes.refusal, writer);
    } else {
      WriteResultHead(writer, call.id);
      call.method->answer(context_.facts, writer);
    }
  });
  return true;
}

void RpcExchange::WriteOutcome(std::size_t index, const Outcome& outcome, std::string& out,
                               Grants& grants) {
  Call& call = calls_[index];
  call.failed = std::holds_alternative<Error>(outcome);
  if (LogsRequests()) {
    const auto* error = std::get_if<Error>(&outcome);
    LogAnswer(call, error != nullptr ? std::string_view(error->detail) : std::string_view());
  }
  if (const auto* work = std::get_if<WorkReply>(&outcome);
      work != nullptr && !work->units.empty()) {
    grants.Add(out.size(), context_.options.name_space, call.notes.text, work->units);
  }
  WriteAnswer(out, [&](CborWriter& writer) {
    EncodeAnswer(*call.method, call.id, outcome, call.notes, writer);
  });
}

bool RpcExchange::LogsRequests() const {
  return context_.events != nullptr && context_.events->wants_requests();
}

// Does nothing where requests are not logged. `error` is empty where all was well.
void RpcExchange::LogAnswer(const Call& call, std::string_view error) {
  if (!LogsRequests()) return;
  context_.events->OnRequest(call.method->name, context_.facts.clock->Now() - started(), error);
}

void RpcExchange::NoteCalls(Duration took) {
  const Method* first = Methods().data();
  for (std::size_t i = 0; i < size(); ++i) {
    const Call& call = calls_[i];
    const std::size_t number = call.method == nullptr
                                   ? context_.requests.other()
                                   : static_cast<std::size_t>(call.method - first);
    context_.requests.Note(number, took, call.failed);
  }
}

}  // namespace coord

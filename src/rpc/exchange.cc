// SPDX-License-Identifier: MIT
#include "rpc/exchange.h"

#include "base/check.h"
#include "rpc/answer.h"
#include "rpc/method_table.h"

namespace coord {

namespace {

constexpr std::size_t kBatchCommandsMax = 4096;
constexpr std::size_t kBatchBytesMax = std::size_t{16} << 20U;

constexpr std::string_view kEncodedNull = "\xf6";

}  // namespace

Batch& Turn::Room(Dispatcher& dispatcher, std::size_t bytes) {
  if (batches.empty() || batches.back()->submissions.size() >= kBatchCommandsMax ||
      bytes_ >= kBatchBytesMax) {
    batches.push_back(dispatcher.NewBatch());
    bytes_ = 0;
  }
  bytes_ += bytes;
  return *batches.back();
}

// --- Filling -------------------------------------------------------------------------------------

void Exchange::Begin(bool framed) {
  framed_ = framed;
  may_wait_ = false;
  tell_if_waiting_ = false;
  count_ = 0;
  bytes_ = 0;
  written_ = 0;
}

Exchange::Call& Exchange::NewCall(std::string_view id) {
  if (count_ == calls_.size()) calls_.emplace_back();
  Call& call = calls_[count_++];
  call.id = id;
  call.method = nullptr;
  call.notes = {};
  call.notes.facts = &context_.facts;
  call.early.reset();
  return call;
}

Exchange::Added Exchange::Add(std::string_view payload, Turn& turn) {
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

Exchange::Added Exchange::AddItem(std::string_view item, Turn& turn) {
  Batch& batch = turn.Room(*context_.dispatcher, item.size());
  Envelope envelope;
  // The message has been scanned as a whole, so that only the kind can be wrong.
  if (ReadEnvelope(item, CborScanner::kDepthMax, batch.arena, envelope) != CborScan::kDone) {
    FailCall(NewCall(kEncodedNull), {}, "a request must be a map");
    return Added::kMore;
  }
  return Decode(envelope, item.size(), /*may_wait=*/false, turn);
}

void Exchange::AddUnreadable(std::string_view seen, std::string_view message, bool always) {
  Arena arena;
  Envelope envelope;
  envelope.id = {};
  ReadEnvelope(seen, CborScanner::kDepthMax, arena, envelope);
  if (!envelope.id.empty() || always) {
    WriteError(NewCall(envelope.id.empty() ? kEncodedNull : envelope.id), message);
  }
}

void Exchange::WriteError(Call& call, std::string_view message) {
  call.early = std::make_unique<Early>();
  CborWriter writer(call.early->answer);
  WriteErrorAnswer(writer, call.id, message);
}

// A request that no store gets to see.
void Exchange::FailCall(Call& call, std::string_view method, std::string_view message) {
  WriteError(call, message);
  if (LogsRequests()) context_.events->OnRequest(method, Duration(0), message);
}

Exchange::Added Exchange::Decode(const Envelope& envelope, std::size_t bytes, bool may_wait,
                                 Turn& turn) {
  Call& call = NewCall(envelope.id);
  bytes_ += bytes;
  const Method* method = FindMethod(envelope.method);
  if (method == nullptr) {
    FailCall(call, envelope.method, "no such method '" + std::string(envelope.method) + "'");
    return Added::kMore;
  }
  const auto fail = [&](const Error& error) {
    call.method = nullptr;
    FailCall(call, method->name, std::string(method->name) + ": " + error.detail);
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
  if (may_take_long && framed_ && count_ > 1) {
    batch.submissions.pop_back();
    --count_;
    bytes_ -= bytes;
    return Added::kLater;
  }
  submission.name_space = context_.options.name_space;
  submission.sink = this;
  submission.token = count_ - 1;
  if (const auto* request = std::get_if<RequestWork>(&submission.command)) {
    call.notes.text = request->worker;
    if (!may_take_long) return Added::kMore;
    waiting_id_ = call.id;
    call.id = waiting_id_;
    waiting_worker_ = request->worker;
    call.notes.text = waiting_worker_;
    may_wait_ = true;
    return Added::kLast;
  }
  return may_take_long || method->long_answer ? Added::kLast : Added::kMore;
}

// --- Answering -----------------------------------------------------------------------------------

template <typename Write>
void Exchange::WriteAnswer(Write write) {
  if (!framed_) {
    write(std::size_t{0});
    return;
  }
  const std::size_t start = BeginMessage(answers_);
  write(start);
  EndMessage(answers_, start);
}

void Exchange::Start() {
  if (LogsRequests()) started_ = context_.facts.clock->Now();
  WriteReady();
}

void Exchange::WriteReady() {
  for (; written_ < count_; ++written_) {
    Call& call = calls_[written_];
    const bool ready = call.early != nullptr || !call.notes.refusal.empty() ||
                       (call.method != nullptr && call.method->answer != nullptr);
    if (!ready) return;
    WriteAnswer([&](std::size_t start) {
      CborWriter writer(answers_);
      if (call.early) {
        answers_.append(call.early->answer);
        grants_.TakeFrom(call.early->grants, start);
        call.early.reset();
        return;
      }
      LogAnswer(call, call.notes.refusal);
      if (!call.notes.refusal.empty()) {
        EncodeRefusal(*call.method, call.id, call.notes.refusal, writer);
      } else {
        WriteResultHead(writer, call.id);
        call.method->answer(context_.facts, writer);
      }
    });
  }
  if (count_ > 0) listener_.OnComplete(*this);
}

void Exchange::OnOutcome(std::uint64_t token, const Outcome& outcome) {
  COORD_CHECK(token >= written_ && token < count_);
  Call& call = calls_[token];
  if (started_ != kNoTime) {
    const auto* error = std::get_if<Error>(&outcome);
    LogAnswer(call, error != nullptr ? std::string_view(error->detail) : std::string_view());
  }
  if (token != written_) {
    call.early = std::make_unique<Early>();
    WriteOutcome(call, outcome, call.early->answer, call.early->grants, 0);
    return;
  }
  WriteAnswer([&](std::size_t start) { WriteOutcome(call, outcome, answers_, grants_, start); });
  ++written_;
  WriteReady();
}

void Exchange::TellWaiting() {
  if (context_.dispatcher->Waits(this, count_ - 1)) listener_.OnWaiting(*this);
}

void Exchange::WriteOutcome(const Call& call, const Outcome& outcome, std::string& out,
                            Grants& grants, std::size_t offset) {
  CborWriter writer(out);
  EncodeAnswer(*call.method, call.id, outcome, call.notes, writer);
  if (const auto* work = std::get_if<WorkReply>(&outcome);
      work != nullptr && !work->units.empty()) {
    grants.Add(offset, call.notes.text, work->units);
  }
}

void Exchange::CancelWait() {
  if (!may_wait_ || written_ >= count_) return;
  if (!context_.dispatcher->Cancel(this, count_ - 1)) return;
  COORD_CHECK(written_ + 1 == count_);
  written_ = count_;
  listener_.OnComplete(*this);
}

bool Exchange::LogsRequests() const {
  return context_.events != nullptr && context_.events->wants_requests();
}

// Does nothing where requests are not logged. `error` is empty where all was well.
void Exchange::LogAnswer(const Call& call, std::string_view error) {
  if (started_ == kNoTime) return;
  context_.events->OnRequest(call.method->name, context_.facts.clock->Now() - started_, error);
}

}  // namespace coord

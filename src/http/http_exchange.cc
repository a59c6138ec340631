// SPDX-License-Identifier: MIT
#include "http/http_exchange.h"

#include <utility>

#include "rest/body_reader.h"
#include "value/cbor_reader.h"

namespace coord {

namespace {

// No more is kept for the next body.
constexpr std::size_t kIdleScratchMax = 4096;

Error PlainError(std::string_view text) { return InvalidError(std::string(text)); }

// Asking for a namespace or a worker makes it, so that below /namespace/ a GET changes something
// too.
Reach ReachOf(const HttpRequest& request) {
  const std::string_view method = request.head.method;
  if (method == "OPTIONS") return Reach::kNothing;
  const bool reads = method == "GET" || method == "HEAD";
  return reads && !request.path.starts_with("/namespace/") ? Reach::kNothing : Reach::kChanges;
}

}  // namespace

// --- Filling -------------------------------------------------------------------------------------

RestCall& HttpExchange::NewCall(std::size_t bytes) {
  const std::size_t index = AddCall(bytes);
  if (index == calls_.size()) calls_.emplace_back();
  RestCall& call = calls_[index];
  call = RestCall();
  return call;
}

void HttpExchange::AddDefect(const RequestDefect& defect) {
  RestCall& call = NewCall(0);
  call.error = PlainError(defect.reason);
  call.error_status = defect.status;
  call.number = context_.requests.other();
  call.frame.keep_alive = false;
}

Exchange::Added HttpExchange::Add(const HttpRequest& request, Turn& turn, OutcomeSink& nobody) {
  const RouteMatch match = MatchRoute(request.path, context_.facts.manual_clock != nullptr);
  const Operation* operation =
      match.route == nullptr ? nullptr : FindOperation(*match.route, request.head.method);
  if (operation != nullptr && operation->pace == Pace::kAlone && size() > 0) return Added::kLater;
  const std::size_t bytes = request.path.size() + request.query.size() + request.body.size();
  RestCall& call = NewCall(bytes);
  call.operation = operation;
  call.number = operation == nullptr
                    ? context_.requests.other()
                    : match.route->first_number +
                          static_cast<std::size_t>(operation - match.route->operations.data());
  call.frame.head_only = request.head.method == "HEAD";
  call.frame.is_http_1_0 = request.head.is_http_1_0;
  call.frame.keep_alive = request.head.keep_alive;
  const Result<void> prepared = Prepare(request, match, call);
  if (prepared.has_error()) call.error = prepared.error();
  const bool local = call.error || operation == nullptr ||
                     (operation->decode == nullptr && operation->inquire == nullptr);
  const Added added = local ? Added::kMore : Decode(request, match.raw, call, turn, nobody);
  if (added == Added::kLater) {
    RemoveCall(bytes);
    return added;
  }
  return call.frame.keep_alive ? added : Added::kLast;
}

Result<void> HttpExchange::Prepare(const HttpRequest& request, const RouteMatch& match,
                                   RestCall& call) {
  const auto fail = [&call](int status, std::string_view text) {
    call.error_status = status;
    return PlainError(text);
  };
  const auto format = NegotiateFormat(request.head.accept());
  call.frame.format = format.value_or(BodyFormat::kJson);
  if (const auto defect = context_.guard.Check(request.head, ReachOf(request));
      defect.status != 0) {
    return fail(defect.status, defect.reason);
  }
  if (match.route == nullptr) return fail(404, "there is no such resource");
  call.allow = match.route->allow;
  if (call.operation == nullptr) {
    if (request.head.method == "OPTIONS") return {};
    return fail(405, "the resource has no such method");
  }
  call.allow = {};
  call.query = request.query;
  call.names.file = match.raw.file;
  call.if_none_match = request.head.if_none_match;
  call.wants_page = call.operation->has_page && PrefersHtml(request.head.accept());
  if (!format && call.operation->negotiates && !call.wants_page) {
    return fail(406, "the answer is JSON or CBOR, and neither is acceptable");
  }
  if (call.operation->needs_body && !request.has_body()) {
    return fail(411, "a request without a length has no body");
  }
  return {};
}

// The body as one encoded item, in the batch's memory; empty where there is none.
Result<std::string_view> HttpExchange::DecodeBody(const HttpRequest& request, RestCall& call,
                                                  Arena& arena) {
  if (request.body.empty() || call.operation->method == "GET" ||
      call.operation->method == "DELETE") {
    return std::string_view();
  }
  const auto format = FormatOfContentType(request.head.content_type);
  if (!format) {
    call.error_status = 415;
    return PlainError("the body must be JSON or CBOR, and its Content-Type must say so");
  }
  COORD_TRY(item, ReadBody(*format, request.body, context_.options.nesting_max, scratch_));
  if (*format == BodyFormat::kCbor) return item;
  const std::string_view copy = arena.Copy(item);
  if (scratch_.capacity() > kIdleScratchMax) scratch_ = std::string();
  return copy;
}

Exchange::Added HttpExchange::Decode(const HttpRequest& request, const PathNames& raw,
                                     RestCall& call, Turn& turn, OutcomeSink& nobody) {
  const auto fail = [&call](const Error& error) {
    call.error = error;
    return Added::kMore;
  };
  Batch& batch = turn.Room(dispatcher(), request.body.size());
  const auto names = DecodeNames(raw, batch.arena);
  if (names.has_error()) return fail(names.error());
  call.names = *names;
  if (call.operation->inquire != nullptr) {
    KeepOpen(call);
    open_call_->inquiry = call.operation->inquire(call.names);
    SubmitStep(call, batch);
    return Added::kLast;
  }
  const auto body = DecodeBody(request, call, batch.arena);
  if (body.has_error()) return fail(body.error());
  RestContext decoding{batch.arena, context_.options.nesting_max, *body, {}};
  Submission submission;
  if (const auto decoded = call.operation->decode(call, decoding, submission);
      decoded.has_error()) {
    return fail(decoded.error());
  }
  const bool may_wait = submission.wait > Duration(0);
  const auto pace_of = call.operation->pace_of;
  const Pace pace = pace_of == nullptr ? call.operation->pace : pace_of(submission.command);
  if ((may_wait || pace == Pace::kAlone) && size() > 1) return Added::kLater;
  Submit(call, decoding, std::move(submission), batch, nobody);
  if (may_wait) KeepForWait(call);
  return may_wait || pace != Pace::kMany ? Added::kLast : Added::kMore;
}

void HttpExchange::Submit(RestCall& call, RestContext& decoding, Submission&& submission,
                          Batch& batch, OutcomeSink& nobody) {
  if (decoding.before) {
    batch.submissions.push_back({*std::move(decoding.before), call.names.name_space, &nobody});
  }
  submission.name_space = call.names.name_space;
  submission.sink = this;
  submission.token = size() - 1;
  call.submitted = true;
  batch.submissions.push_back(std::move(submission));
}

// All outcomes but the last go to the inquiry; that comes to the exchange, which knows so that the
// step is over.
void HttpExchange::SubmitStep(RestCall& call, Batch& batch) {
  Inquiry& inquiry = *open_call_->inquiry;
  std::vector<Command> commands = inquiry.BeginStep(batch.arena);
  for (std::size_t i = 0; i < commands.size(); ++i) {
    Submission submission;
    submission.command = std::move(commands[i]);
    submission.name_space = open_call_->name_space;
    const bool is_last = i + 1 == commands.size();
    submission.sink = is_last ? static_cast<OutcomeSink*>(this) : &inquiry;
    submission.token = size() - 1;
    batch.submissions.push_back(std::move(submission));
  }
  call.submitted = true;
}

// What the answer needs when the message and the batch are gone.
void HttpExchange::KeepForWait(RestCall& call) {
  waiting_name_space_ = call.names.name_space;
  waiting_worker_ = call.names.worker;
  call.names = {waiting_name_space_, {}, {}, waiting_worker_, {}, {}};
  SetMayWait();
}

void HttpExchange::AddNext(Turn& turn, OutcomeSink& nobody) {
  const OpenCall& open = *open_call_;
  RestCall& call = NewCall(0);
  call = open.call;
  call.names.name_space = open.name_space;
  call.names.spec = open.spec;
  call.query = open.query;
  Batch& batch = turn.Room(dispatcher(), 0);
  if (open.inquiry) return SubmitStep(call, batch);
  call.is_page = true;
  RestContext decoding{batch.arena, context_.options.nesting_max, {}, {}};
  Submission submission;
  // It could be decoded when the first page was asked for.
  if (const auto decoded = call.operation->decode(call, decoding, submission);
      decoded.has_error()) {
    call.error = decoded.error();
    return;
  }
  Submit(call, decoding, std::move(submission), batch, nobody);
}

// --- Answering -----------------------------------------------------------------------------------

void HttpExchange::OnStart() {
  ends_connection_ = false;
  const std::string_view date = context_.date.Of(started());
  for (std::size_t i = 0; i < size(); ++i) {
    RestCall& call = calls_[i];
    call.frame.date = date;
    if (call.error || call.operation == nullptr || call.operation->prepare == nullptr) continue;
    const auto prepared = call.operation->prepare(call, context_.facts);
    if (prepared.has_error()) call.error = prepared.error();
  }
}

bool HttpExchange::WriteLocal(std::size_t index, std::string& out) {
  RestCall& call = calls_[index];
  if (call.submitted) return false;
  Response response(call.frame, out);
  if (call.error) {
    response.Failure(*call.error, call.error_status, call.allow);
  } else if (call.operation == nullptr) {
    response.Empty(204, call.allow);
  } else {
    call.operation->answer(call, context_.facts, response);
  }
  response.Finish();
  Finish(call, response);
  return true;
}

void HttpExchange::WriteOutcome(std::size_t index, const Outcome& outcome, std::string& out,
                                Grants& grants) {
  RestCall& call = calls_[index];
  if (open_call_ && open_call_->inquiry) return WriteInquiry(call, outcome, out);
  const bool was_continued = call.pages && call.pages->continued;
  if (const auto* work = std::get_if<WorkReply>(&outcome);
      work != nullptr && !work->units.empty()) {
    grants.Add(out.size(), call.names.name_space, call.names.worker, work->units);
  }
  Response response(call.frame, out);
  const auto* error = std::get_if<Error>(&outcome);
  if (error == nullptr && call.error) error = &*call.error;
  if (error != nullptr && was_continued) {
    // The list cannot be ended well: the peer sees that by the missing end.
    open_call_.reset();
    ends_connection_ = true;
    return;
  }
  if (error != nullptr) {
    response.Failure(*error);
  } else {
    call.operation->encode(call, context_.facts, outcome, response);
  }
  if (!call.pages || !call.pages->in_pieces) response.Finish();
  if (call.pages) AfterPage(call);
  Finish(call, response);
}

// Answers when the last step is over; before that the answer is empty, and the next step follows.
void HttpExchange::WriteInquiry(RestCall& call, const Outcome& outcome, std::string& out) {
  Inquiry& inquiry = *open_call_->inquiry;
  inquiry.OnOutcome(0, outcome);
  if (!inquiry.done()) return;
  Response response(call.frame, out);
  inquiry.Write({open_call_->name_space, open_call_->spec, {}, {}, {}, {}}, context_.facts,
                response);
  response.Finish();
  open_call_.reset();
  Finish(call, response);
}

// Keeps what the next page needs, or forgets what this one did.
void HttpExchange::AfterPage(RestCall& call) {
  if (!call.pages->next_after || call.frame.head_only) {
    open_call_.reset();
    return;
  }
  if (open_call_ == nullptr) {
    KeepOpen(call);
  } else {
    open_call_->call = call;
  }
}

void HttpExchange::KeepOpen(const RestCall& call) {
  open_call_ = std::make_unique<OpenCall>();
  open_call_->name_space = call.names.name_space;
  open_call_->spec = call.names.spec;
  open_call_->query = call.query;
  open_call_->call = call;
}

void HttpExchange::Finish(RestCall& call, Response& response) {
  call.status = response.status();
  if (!call.frame.keep_alive && open_call_ == nullptr) ends_connection_ = true;
  if (context_.events == nullptr || !context_.events->wants_requests()) return;
  const std::string status =
      response.status() < 400 ? std::string() : "status " + std::to_string(response.status());
  context_.events->OnRequest(call.operation == nullptr ? "http" : call.operation->id,
                             context_.facts.clock->Now() - started(), status);
}

void HttpExchange::NoteCalls(Duration took) {
  for (std::size_t i = 0; i < size(); ++i) {
    const RestCall& call = calls_[i];
    // The step of an inquiry that answers is the one that counts.
    if (!call.is_page && call.status != 0)
      context_.requests.Note(call.number, took, call.status >= 400);
  }
}

}  // namespace coord

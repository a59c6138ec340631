// SPDX-License-Identifier: MIT
// The exchange of an HTTP connection: requests to commands, outcomes to responses.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/http_options.h"
#include "http/operation.h"
#include "http/origin_guard.h"
#include "http/routes.h"
#include "serve/exchange.h"

namespace coord {

// What is the same for all connections of a server. Constant while it runs, but for the date and
// the statistics, which belong to the engine's thread.
struct HttpContext {
  HttpOptions options;
  OriginGuard guard;
  HttpFacts facts;
  ServerEvents* events = nullptr;
  Dispatcher* dispatcher = nullptr;
  DateText date;
  RequestStats requests;
};

class HttpExchange final : public Exchange {
 public:
  HttpExchange(HttpContext& context, ExchangeListener& listener)
      : Exchange(context.options, *context.dispatcher, listener), context_(context) {}

  // Starts anew.
  void Begin() { Reset(); }

  // Decodes a request, which stays where it is until the answers are there. Nothing may be added
  // after anything but kMore.
  Added Add(const HttpRequest& request, Turn& turn, OutcomeSink& nobody);
  // Answers what is no request, and ends the connection with it.
  void AddDefect(const RequestDefect& defect);

  // --- When it is complete -----------------------------------------------------------------------

  // A list or an inquiry goes on: before anything else is added, its next page or step must be.
  bool has_open_call() const { return open_call_ != nullptr; }
  void AddNext(Turn& turn, OutcomeSink& nobody);
  // The connection ends behind the answers.
  bool ends_connection() const { return ends_connection_; }

 private:
  // A list of which pages are still to come, or an inquiry whose steps are. Owns what its request
  // said.
  struct OpenCall {
    RestCall call;
    std::string name_space;
    std::string spec;
    std::string query;
    std::unique_ptr<Inquiry> inquiry;  // null: it is a list
  };

  RestCall& NewCall(std::size_t bytes);
  // Why a request is not executed, if it is not; sets what its response needs.
  Result<void> Prepare(const HttpRequest& request, const RouteMatch& match, RestCall& call);
  Result<std::string_view> DecodeBody(const HttpRequest& request, RestCall& call, Arena& arena);
  Added Decode(const HttpRequest& request, const PathNames& raw, RestCall& call, Turn& turn,
               OutcomeSink& nobody);
  void Submit(RestCall& call, RestContext& decoding, Submission&& submission, Batch& batch,
              OutcomeSink& nobody);
  void SubmitStep(RestCall& call, Batch& batch);
  void KeepForWait(RestCall& call);
  void KeepOpen(const RestCall& call);

  void OnStart() override;
  bool WriteLocal(std::size_t index, std::string& out) override;
  void WriteOutcome(std::size_t index, const Outcome& outcome, std::string& out,
                    Grants& grants) override;
  void NoteCalls(Duration took) override;
  void WriteInquiry(RestCall& call, const Outcome& outcome, std::string& out);
  void AfterPage(RestCall& call);
  void Finish(RestCall& call, Response& response);

  HttpContext& context_;
  std::vector<RestCall> calls_;     // the first size() are in use
  std::string scratch_;             // a body on its way from JSON to the batch
  std::string waiting_name_space_;  // of a request that may wait: outlive the message and the batch
  std::string waiting_worker_;      // that it came in
  std::unique_ptr<OpenCall> open_call_;
  bool ends_connection_ = false;
};

}  // namespace coord

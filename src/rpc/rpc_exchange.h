// SPDX-License-Identifier: MIT
// The exchange of a CBOR-RPC connection: envelopes to commands, outcomes to answers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rpc/envelope.h"
#include "rpc/method.h"
#include "rpc/server_options.h"
#include "serve/exchange.h"
#include "serve/request_stats.h"

namespace coord {

// What is the same for all connections of a server. Constant while it runs, but for the statistics.
struct ServerContext {
  ServerOptions options;
  ServerFacts facts;
  ServerEvents* events = nullptr;
  Dispatcher* dispatcher = nullptr;
  RequestStats requests;
};

class RpcExchange final : public Exchange {
 public:
  RpcExchange(ServerContext& context, ExchangeListener& listener)
      : Exchange(context.options, *context.dispatcher, listener), context_(context) {}

  // Starts anew. `framed`: each answer is a message; else they are items of one list.
  void Begin(bool framed);

  // Decodes the request at the front of `payload`, which stays where it is until the answers are
  // there. Nothing may be added after anything but kMore.
  Added Add(std::string_view payload, Turn& turn);
  // As Add, for a well-formed item of a batch message: nothing waits, and what is no map gets an
  // error of its own.
  Added AddItem(std::string_view item, Turn& turn);
  // Answers a message that cannot be executed, of which only this has arrived, with an error; if no
  // id can be told from it, adds nothing, or null where `always`.
  void AddUnreadable(std::string_view seen, std::string_view message, bool always = false);

 private:
  struct Call {
    std::string_view id;
    const Method* method = nullptr;  // nullptr: answered already
    CallNotes notes;
    bool failed = false;
  };

  Call& NewCall(std::string_view id, std::size_t bytes);
  Added Decode(const Envelope& envelope, std::size_t bytes, bool may_wait, Turn& turn);
  void WriteError(std::string_view id, std::string_view message);
  void FailCall(std::string_view id, std::string_view method, std::string_view message);
  template <typename Write>
  void WriteAnswer(std::string& out, Write write);

  bool WriteLocal(std::size_t index, std::string& out) override;
  void WriteOutcome(std::size_t index, const Outcome& outcome, std::string& out,
                    Grants& grants) override;
  void NoteCalls(Duration took) override;
  bool LogsRequests() const;
  void LogAnswer(const Call& call, std::string_view error);

  ServerContext& context_;
  bool framed_ = true;
  std::vector<Call> calls_;     // the first size() are in use
  std::string waiting_id_;      // of a request that may wait: outlive the message and the batch
  std::string waiting_worker_;  // that it came in
};

}  // namespace coord

// SPDX-License-Identifier: MIT
// The requests of one connection that are in the store together, and their answers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dispatch/dispatcher.h"
#include "rpc/envelope.h"
#include "rpc/grants.h"
#include "rpc/method.h"
#include "rpc/server_options.h"

namespace coord {

// What is the same for all connections of a server. Constant while it runs.
struct ServerContext {
  ServerOptions options;
  ServerFacts facts;
  ServerEvents* events = nullptr;
  Dispatcher* dispatcher = nullptr;
};

// The batches that one loop fills in one turn.
class Turn {
 public:
  // A batch with room for one more command.
  Batch& Room(Dispatcher& dispatcher, std::size_t bytes);

  std::vector<std::unique_ptr<Batch>> batches;

 private:
  std::size_t bytes_ = 0;  // of the last batch
};

class Exchange;

// Who is told, on the engine's thread, how far an exchange has come.
class ExchangeListener {
 public:
  virtual ~ExchangeListener() = default;
  virtual void OnComplete(Exchange& exchange) = 0;
  // All but the last request, which waits for work, have been executed: the exchange borrows
  // nothing any more. Called for those that asked for it with TellIfWaiting().
  virtual void OnWaiting(Exchange& exchange) = 0;
};

// A connection has one exchange, used again and again. While it is filled, and after OnComplete,
// it belongs to the connection's loop; from the hand-over until then to the engine's thread.
// Answers come out in the order of the requests, whatever the order of the outcomes.
class Exchange final : public OutcomeSink {
 public:
  // What adding a request came to.
  enum class Added : std::uint8_t {
    kMore,   // another may follow
    kLast,   // this one has to be answered before the next is executed
    kLater,  // nothing was added: its answer may take long, and must not hold back earlier ones
    kWrong,  // this is no request; its error, if it can be told, is among the answers
  };

  Exchange(const ServerContext& context, ExchangeListener& listener)
      : context_(context), listener_(listener) {}

  // --- Filling -----------------------------------------------------------------------------------

  // Starts anew. `framed`: each answer is a message; else they are items of one list.
  void Begin(bool framed);
  std::size_t size() const { return count_; }
  bool full() const {
    return count_ >= context_.options.exchange_requests_max ||
           bytes_ >= context_.options.exchange_bytes_max;
  }

  // Decodes the request at the front of `payload`, which stays where it is until the answers are
  // there. Nothing may be added after anything but kMore.
  Added Add(std::string_view payload, Turn& turn);
  // As Add, for a well-formed item of a batch message: nothing waits, and what is no map gets an
  // error of its own.
  Added AddItem(std::string_view item, Turn& turn);
  // Answers a message that cannot be executed, of which only this has arrived, with an error; if no
  // id can be told from it, adds nothing, or null where `always`.
  void AddUnreadable(std::string_view seen, std::string_view message, bool always = false);

  // True if the last request may be waiting for work.
  bool may_wait() const { return may_wait_; }
  // Has the listener told if it comes to that.
  void TellIfWaiting() { tell_if_waiting_ = true; }

  // --- On the engine's thread --------------------------------------------------------------------

  // Must come before the batches are submitted.
  void Start();
  void OnOutcome(std::uint64_t token, const Outcome& outcome) override;
  // The batches have been submitted.
  void OnSubmitted() {
    if (tell_if_waiting_) TellWaiting();
  }
  // Gives up the request that waits, if one does; then the exchange is complete without its answer.
  void CancelWait();

  // --- When it is complete -----------------------------------------------------------------------

  std::string& answers() { return answers_; }
  Grants& grants() { return grants_; }

 private:
  // An answer that has to wait for its turn.
  struct Early {
    std::string answer;
    Grants grants;
  };
  struct Call {
    std::string_view id;
    const Method* method = nullptr;  // nullptr: `early` is all there is
    CallNotes notes;
    std::unique_ptr<Early> early;
  };

  void TellWaiting();
  Call& NewCall(std::string_view id);
  Added Decode(const Envelope& envelope, std::size_t bytes, bool may_wait, Turn& turn);
  static void WriteError(Call& call, std::string_view message);
  void FailCall(Call& call, std::string_view method, std::string_view message);
  // Writes those that are ready, from the first unwritten one on.
  void WriteReady();
  template <typename Write>
  void WriteAnswer(Write write);
  void WriteOutcome(const Call& call, const Outcome& outcome, std::string& out, Grants& grants,
                    std::size_t offset);
  bool LogsRequests() const;
  void LogAnswer(const Call& call, std::string_view error);

  const ServerContext& context_;
  ExchangeListener& listener_;
  bool framed_ = true;
  bool may_wait_ = false;
  bool tell_if_waiting_ = false;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
  std::vector<Call> calls_;     // the first count_ are in use
  std::string waiting_id_;      // of a request that may wait: outlive the message and the batch
  std::string waiting_worker_;  // that it came in
  std::size_t written_ = 0;     // calls whose answers are in answers_
  WallTime started_ = kNoTime;  // known where requests are logged
  std::string answers_;
  Grants grants_;
};

}  // namespace coord

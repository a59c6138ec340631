// SPDX-License-Identifier: MIT
// The requests of one connection that are in the store together, and their answers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "serve/grants.h"
#include "serve/serve_options.h"
#include "serve/turn.h"

namespace coord {

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
// Answers come out in the order of the requests, whatever the order of the outcomes. How a request
// is read and an answer written is its protocol's.
class Exchange : public OutcomeSink {
 public:
  // What adding a request came to.
  enum class Added : std::uint8_t {
    kMore,   // another may follow
    kLast,   // this one has to be answered before the next is executed
    kLater,  // nothing was added: its answer may take long, and must not hold back earlier ones
    kWrong,  // this is no request; its error, if it can be told, is among the answers
  };

  // What is given outlives the exchange.
  Exchange(const ServeOptions& options, Dispatcher& dispatcher, ExchangeListener& listener)
      : options_(options), dispatcher_(dispatcher), listener_(listener) {}

  // --- Filling -----------------------------------------------------------------------------------

  std::size_t size() const { return count_; }
  bool full() const {
    return count_ >= options_.exchange_requests_max || bytes_ >= options_.exchange_bytes_max;
  }
  // True if the last request may be waiting for work.
  bool may_wait() const { return may_wait_; }
  // Has the listener told if it comes to that.
  void TellIfWaiting() { tell_if_waiting_ = true; }

  // --- On the engine's thread --------------------------------------------------------------------

  // Must come before the batches are submitted, at this time.
  void Start(WallTime now);
  void OnOutcome(std::uint64_t token, const Outcome& outcome) final;
  // The batches have been submitted.
  void OnSubmitted() {
    if (tell_if_waiting_) TellWaiting();
  }
  // The answers are all there, since this time or a moment before. Notes what they took.
  void NoteAnswered(WallTime now) { NoteCalls(now - started_); }
  // Gives up the request that waits, if one does; then the exchange is complete without its answer.
  void CancelWait();

  // --- When it is complete -----------------------------------------------------------------------

  std::string& answers() { return answers_; }
  Grants& grants() { return grants_; }

 protected:
  // Starts anew, with no request.
  void Reset();
  // Adds a request of so many bytes; returns its index, which is the token of its submission.
  std::size_t AddCall(std::size_t bytes);
  // Takes the last one back.
  void RemoveCall(std::size_t bytes);
  // The last one waits for work, if there is none.
  void SetMayWait() { may_wait_ = true; }
  // The answer of a call, as far as it can be told without a store and without the engine's thread.
  std::string& AnswerNow(std::size_t call);

  // For what follows, on the engine's thread: an answer goes to the end of `out`, and what it
  // grants to `grants`, whose offsets count from the start of `out`.

  // The exchange is handed over; its requests are about to be submitted.
  virtual void OnStart() {}
  // Writes the answer of a call that needs no store, and returns true; else returns false.
  virtual bool WriteLocal(std::size_t call, std::string& out) = 0;
  virtual void WriteOutcome(std::size_t call, const Outcome& outcome, std::string& out,
                            Grants& grants) = 0;

  // Notes each call in the server's statistics.
  virtual void NoteCalls(Duration took) = 0;

  const ServeOptions& options() const { return options_; }
  // When it was handed over.
  WallTime started() const { return started_; }
  Dispatcher& dispatcher() const { return dispatcher_; }

 private:
  // An answer that has to wait for its turn.
  struct Early {
    std::string answer;
    Grants grants;
  };

  void TellWaiting();
  // Writes those that are ready, from the first unwritten one on.
  void WriteReady();

  const ServeOptions& options_;
  Dispatcher& dispatcher_;
  ExchangeListener& listener_;
  bool may_wait_ = false;
  bool tell_if_waiting_ = false;
  WallTime started_ = kNoTime;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
  std::vector<std::unique_ptr<Early>> early_;  // the first count_ are in use
  std::size_t written_ = 0;                    // calls whose answers are in answers_
  std::string answers_;
  Grants grants_;
};

}  // namespace coord

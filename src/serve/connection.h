// SPDX-License-Identifier: MIT
// One connection of a server, whatever its protocol.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "serve/exchange.h"
#include "serve/grants.h"
#include "serve/input_budget.h"
#include "serve/input_buffer.h"
#include "serve/io_loop.h"

namespace coord {

// Reads messages, has them executed by exchanges of at most a few dozen, one exchange at a time,
// and writes the answers.
//
// The cycle: reading -> Read() -> Proceed() fills the exchange from whole messages and joins the
// loop's turn -> the loop hands the turn over -> OnAnswers() sends the answers, then Proceed()
// again, which reads on when no whole message is left. While the exchange is out, the commands
// borrow from the input buffer, so its blocks stay; a bounded read ahead notices a close.
//
// All functions run on the loop's thread, but for OnComplete() and OnWaiting().
class Connection : public ExchangeListener, private ReadyHandler {
 public:
  Connection(IoLoop& loop, std::uint64_t number, Fd socket);
  ~Connection() override;

  // Starts reading.
  void Begin();

  std::uint64_t number() const { return number_; }
  // For the engine's thread.
  virtual Exchange& exchange() = 0;

  // --- For the loop ------------------------------------------------------------------------------

  // The turn that the exchange has joined is being handed over.
  Exchange& HandOver();
  // It has been handed over; the answers may be there already.
  void OnHandedOver();
  // The exchange has come back with its answers.
  void OnAnswers();
  // The exchange waits, and borrows nothing from the input any more.
  void DropBorrowed();
  // What EngineLink::CancelWait() promised.
  void OnCancelled();
  // The budget has room again.
  void ResumeReading();
  // Counts a tick for what has a time limit. Returns false when there is nothing of the kind.
  bool OnTick();

  // Takes no more requests from the socket. Those that have been read are answered.
  void Stop();
  // After Stop(), again and again: resets the connection if all is answered and acknowledged, or if
  // either has taken too long.
  void TryReset();

  // Engine's thread.
  void OnComplete(Exchange& exchange) override;
  void OnWaiting(Exchange& exchange) override;

 protected:
  // --- What a protocol does ----------------------------------------------------------------------

  // Fills the exchange from the front of the input and hands it in, and returns false; or returns
  // true if something has been answered without one, so that there may be more to do; or returns
  // false because there is no whole message.
  virtual bool Gather() = 0;
  // The unfinished message at the front of the input is given up: fills the exchange with the error
  // that says why.
  virtual void RefuseUnfinished(std::string_view why) = 0;
  // The exchange is back: takes its answers over, with AppendAnswers() or for later.
  virtual void TakeAnswers() { AppendAnswers(exchange().answers(), exchange().grants()); }
  // True while what has been consumed of the input is still needed though the exchange is not out.
  virtual bool KeepsInput() const { return false; }
  // The connection is closed: releases what answers grant that are kept for later.
  virtual void ReleaseKept() {}
  // Whether OnProtocolTick() is wanted, and that, once a tick.
  virtual bool WantsTicks() const { return false; }
  virtual void OnProtocolTick() {}

  // --- What a protocol uses ----------------------------------------------------------------------

  // Hands in the exchange, which is not empty.
  void HandIn();
  // The unfinished message at the front of the input is known to need so many bytes.
  void Need(std::size_t size) { needed_ = size; }
  // No more requests are taken. `linger`: the peer is given time to read why.
  void CloseWhenSent(bool linger);
  // Appends to the output; both are empty afterwards.
  void AppendAnswers(std::string& answers, Grants& grants);
  void Flush();
  void ReleaseFrom(Grants& grants, std::size_t offset);
  // Has OnTick() called.
  void WatchMe();
  // Tells the server's owner what the peer did wrong.
  void Report(std::string_view reason);

  IoLoop& loop() { return loop_; }
  InputBuffer& input() { return input_; }
  bool exchange_out() const { return exchange_out_; }
  bool end_of_input() const { return end_of_input_; }
  bool closing() const { return close_when_sent_ || stopped_; }
  std::size_t unsent() const { return output_.size() - sent_; }

 private:
  // Input.
  void StartReading();
  bool MakeRoom();
  bool GrowForMessage();
  void OnReady(std::uint32_t events) override;
  void AskForEvents();
  void Read();
  void OnEndOfInput();
  void Proceed();
  void SetApartLongInput();
  void OnHoldingUp();
  void LeaveBudgetIfSettled();

  // Output.
  void WaitForWritable();
  void OnWritable();
  void TrimOutput();

  // The end.
  void EndIfDone();
  void Linger();
  void ReadLingering();
  void CancelWait();
  void Close();
  void BuryIfUnused();
  bool IsAcknowledged();

  IoLoop& loop_;
  const std::uint64_t number_;
  Fd socket_;
  InputBuffer input_;
  std::size_t needed_ = 1;  // the least size of the message at the front of the input
  InputBudget::Member budget_;
  bool in_budget_ = false;

  std::string output_;
  std::size_t sent_ = 0;  // of output_
  Grants unsent_grants_;  // offsets in output_

  std::uint32_t asked_events_ = 0;  // of the loop
  bool reading_ = false;            // what has come is wanted
  bool awaiting_writable_ = false;
  bool exchange_out_ = false;  // keeps the object alive, as cancelling_ does
  bool joined_ = false;        // and still with the loop
  bool cancelling_ = false;

  bool end_of_input_ = false;      // the peer sends no more
  bool stopped_ = false;           // by Stop()
  bool close_when_sent_ = false;   // no more requests are taken
  bool linger_when_sent_ = false;  // and the peer is given time to read why
  bool lingering_ = false;
  bool closed_ = false;
  bool buried_ = false;
  bool watched_ = false;
  int stall_ticks_ = 0;
  int linger_ticks_ = 0;
  int finish_polls_ = 0;       // during which requests were in hand
  int acknowledge_polls_ = 0;  // during which answers were not acknowledged
};

}  // namespace coord

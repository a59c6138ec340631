// SPDX-License-Identifier: MIT
// One CBOR-RPC connection.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "rpc/exchange.h"
#include "rpc/frame.h"
#include "rpc/grants.h"
#include "rpc/input_budget.h"
#include "rpc/input_buffer.h"
#include "rpc/io_loop.h"
#include "value/cbor_reader.h"

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
class Connection final : public ExchangeListener, private ReadyHandler {
 public:
  Connection(IoLoop& loop, std::uint64_t number, Fd socket);
  ~Connection() override;

  // Starts reading.
  void Begin();

  std::uint64_t number() const { return number_; }
  // For the engine's thread.
  Exchange& exchange() { return exchange_; }

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

 private:
  // A batch message whose requests are being executed.
  struct BatchInWork {
    CborList requests;
    std::size_t left = 0;
    std::string answers;
    std::size_t start = 0;
    Grants grants;
  };

  // Input.
  void StartReading();
  bool MakeRoom();
  bool GrowForMessage();
  void OnReady(std::uint32_t events) override;
  void AskForEvents();
  void Read();
  void OnEndOfInput();
  void Proceed();
  bool Gather();
  bool GatherMessage();
  void GatherBatch();
  Frame NextFrame();
  void Defer(const Frame& frame);
  void SetApartLongInput();
  void StartBatch(const Frame& frame);
  void OnBadMessage(std::string_view seen, std::string_view reason, bool always_answer);
  void OnHoldingUp();
  void LeaveBudgetIfSettled();

  // Output.
  std::size_t unsent() const { return output_.size() - sent_; }
  void TakeAnswers();
  void FinishBatch();
  void Flush();
  void WaitForWritable();
  void OnWritable();
  void TrimOutput();

  // The end.
  void EndIfDone();
  void Linger();
  void ReadLingering();
  void CancelWait();
  void Close();
  void ReleaseFrom(Grants& grants, std::size_t offset);
  void BuryIfUnused();
  bool IsAcknowledged();
  void WatchMe();
  void Report(std::string_view reason);

  IoLoop& loop_;
  const std::uint64_t number_;
  Fd socket_;
  InputBuffer input_;
  std::size_t needed_ = 1;  // the least size of the message at the front of the input
  FrameReader frames_;
  // The message at the front of the input, if it has been read but has to wait for its turn.
  std::optional<Frame> deferred_;
  std::size_t deferred_at_ = 0;  // where in the input its payload starts
  Exchange exchange_;
  std::unique_ptr<BatchInWork> batch_;
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

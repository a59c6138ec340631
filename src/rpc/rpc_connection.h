// SPDX-License-Identifier: MIT
// One CBOR-RPC connection.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "rpc/frame.h"
#include "rpc/rpc_exchange.h"
#include "serve/connection.h"
#include "value/cbor_reader.h"

namespace coord {

// Takes frames from the input; the requests of a batch message go through several exchanges.
class RpcConnection final : public Connection {
 public:
  RpcConnection(IoLoop& loop, ServerContext& context, std::uint64_t number, Fd socket);

  Exchange& exchange() override { return exchange_; }

 private:
  // A batch message whose requests are being executed.
  struct BatchInWork {
    CborList requests;
    std::size_t left = 0;
    std::string answers;
    std::size_t start = 0;
    Grants grants;
  };

  bool Gather() override;
  bool GatherMessage();
  void GatherBatch();
  Frame NextFrame();
  void Defer(const Frame& frame);
  void StartBatch(const Frame& frame);
  void OnBadMessage(std::string_view seen, std::string_view reason, bool always_answer);
  void RefuseUnfinished(std::string_view why) override;
  void TakeAnswers() override;
  void FinishBatch();
  bool KeepsInput() const override { return batch_ != nullptr; }
  void ReleaseKept() override;

  ServerContext& context_;
  FrameReader frames_;
  // The message at the front of the input, if it has been read but has to wait for its turn.
  std::optional<Frame> deferred_;
  std::size_t deferred_at_ = 0;  // where in the input its payload starts
  RpcExchange exchange_;
  std::unique_ptr<BatchInWork> batch_;
};

}  // namespace coord

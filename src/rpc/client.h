// SPDX-License-Identifier: MIT
// A blocking CBOR-RPC client (spec/cbor-rpc.md) over plain POSIX sockets, for command-line programs
// and tests: no event loop, nothing to start.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"
#include "net/address.h"
#include "value/cbor_reader.h"
#include "value/value.h"

namespace coord {

struct RpcClientOptions {
  // How long Connect() waits for each address of the host.
  std::chrono::milliseconds connect_timeout{10'000};
  // How long Receive() waits without a single byte arriving; none: for ever, as a held-back
  // get_work needs.
  std::optional<std::chrono::milliseconds> answer_timeout;
  // The longest answer that is taken.
  std::size_t answer_size_max = std::size_t{1} << 30U;
};

// One connection. Not thread-safe: one thread at a time uses it; several may live in one process.
// Requests are sent in order and answers come in that order.
//
// Errors of all functions: kUnavailable for all trouble with the connection ("cannot reach
// 127.0.0.1:5932: connection refused"; closed, reset, timed out), after which the client is spent
// and every call says so again; kCorrupt where the answer is no CBOR-RPC answer; kInternal where
// the server answered with an `error`: the detail is its message, which is all that the protocol
// carries, and the connection goes on.
class RpcClient {
 public:
  // Connects. A host name with several addresses is tried in the resolver's order.
  static Result<std::unique_ptr<RpcClient>> Connect(const Address& address,
                                                    const RpcClientOptions& options = {});
  RpcClient(const RpcClient&) = delete;
  RpcClient& operator=(const RpcClient&) = delete;
  ~RpcClient();

  // Sends one request and returns its `result`. Nothing sent before may be unanswered.
  Result<Value> Call(std::string_view method, List params);

  // Pipelining: queues one request, whose answer a later Receive() returns. Small requests are
  // gathered and leave with Flush(), the next Receive(), or once 64 KiB have come together; answers
  // that arrive meanwhile are kept in memory, so that the two sides never wait for each other: who
  // sends much receives now and then (unanswered()).
  Result<void> Send(std::string_view method, List params);
  Result<void> Flush();

  // Returns the `result` of the oldest request that is not yet answered; there must be one.
  Result<Value> Receive();

  // Requests sent and not yet received.
  std::size_t unanswered() const { return unanswered_; }

  const Address& address() const { return address_; }

  // The socket, for poll(); the client keeps it.
  int descriptor() const { return socket_.get(); }

 private:
  RpcClient(Fd socket, Address address, const RpcClientOptions& options);

  // Gives up the connection for good; what follows gets the same error.
  Error Lost(std::string_view why);
  Error Spent() const;
  Result<void> WriteSome();
  Result<void> ReadSome();
  // Waits for one of the poll() events; returns those that happened.
  Result<short> WaitFor(short events);
  // Takes the next whole message out of `input_`, unwrapped; nothing if it is not all there.
  Result<std::optional<std::string_view>> TakeMessage();
  Result<Value> ReadAnswer(std::string_view message, std::uint64_t id);

  Fd socket_;
  Address address_;
  RpcClientOptions options_;
  std::string output_;
  std::size_t output_sent_ = 0;
  std::string input_;
  std::size_t input_taken_ = 0;
  CborScanner scanner_;
  std::uint64_t next_id_ = 1;
  std::size_t unanswered_ = 0;
  Error lost_;  // why the client is spent; no detail while it works
};

// Most methods answer with a pair (value, message). Returns the value; or kNotFound with the
// message where there is one and the value is null, false, 0 or an empty list: then nothing was
// done, mostly because something does not exist. A message beside any other value is a note and is
// dropped. Errors: as `answer`, and kCorrupt where it is no pair.
Result<Value> ValueOfPair(Result<Value> answer);

}  // namespace coord

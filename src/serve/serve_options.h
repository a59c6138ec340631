// SPDX-License-Identifier: MIT
// The knobs that all servers have, and what a server tells its owner.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace coord {

// The defaults are those of the specification; tests make them small. Times are counted in ticks of
// a timer, so that nothing here reads a clock.
struct ServeOptions {
  std::size_t connections_max = 10'000;
  // Of one connection in the store at a time.
  std::size_t exchange_requests_max = 64;
  std::size_t exchange_bytes_max = std::size_t{1} << 20U;
  // Read while requests are being executed, so that a close is noticed.
  std::size_t read_ahead_max = std::size_t{64} << 10U;
  // Unsent output of a connection beyond which it is neither read nor executed.
  std::size_t unsent_max = std::size_t{1} << 20U;
  // Unfinished messages of all connections together.
  std::size_t unfinished_max = std::size_t{256} << 20U;
  std::chrono::milliseconds tick{1000};
  // Ticks without progress on unsent output, or with the oldest unfinished message holding up
  // others, after which a connection is closed.
  int stall_ticks = 60;
  // Ticks that a connection lingers for its peer to read the error before it is closed.
  int linger_ticks = 2;
  // During a shutdown: how often connections are looked at; how long one is given to acknowledge
  // its answers, once they are there; and how long requests in hand may take.
  std::chrono::milliseconds shutdown_poll{5};
  int acknowledge_polls = 200;
  int finish_polls = 1000;
};

// Where to listen and on how many threads.
struct ListenOptions {
  std::string host = "127.0.0.1";  // a name or a number
  std::uint16_t port = 5932;       // 0: any free one
  // 0 and 1: everything on the engine's loop. N: so many loops of their own, each with a thread.
  int io_threads = 1;
};

// What a server tells its owner. Called on any of the server's threads.
class ServerEvents {
 public:
  virtual ~ServerEvents() = default;
  // A connection is closed because of what its peer sent or did not read.
  virtual void OnBadPeer(std::string_view peer, std::string_view reason) = 0;
  // A new connection is closed at once: there are too many.
  virtual void OnRefusedConnection(std::size_t limit) = 0;
  // True if OnRequest() is wanted.
  virtual bool wants_requests() const = 0;
  // A request was answered; `error` is empty where all was well.
  virtual void OnRequest(std::string_view method, Duration took, std::string_view error) = 0;
};

}  // namespace coord

// SPDX-License-Identifier: MIT
// The CBOR-RPC server: spec/cbor-rpc.md over TCP.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "dispatch/dispatcher.h"
#include "net/event_loop.h"
#include "rpc/method.h"
#include "rpc/server_options.h"

namespace coord {

// Where to listen and on how many threads.
struct ListenOptions {
  std::string host = "127.0.0.1";  // a name or a number
  std::uint16_t port = 5932;       // 0: any free one
  // 0 and 1: everything on the engine's loop. N: so many loops of their own, each with a thread.
  int io_threads = 1;
};

class Server {
 public:
  // Listens and starts to serve. `engine` is the dispatcher's loop; it, `dispatcher` and `events`
  // (may be null) outlive the server. Errors: kInvalid (no such host), kUnavailable (the address
  // cannot be listened on), both for people to read.
  static Result<std::unique_ptr<Server>> Listen(EventLoop& engine, Dispatcher& dispatcher,
                                                const ListenOptions& listen,
                                                const ServerOptions& options,
                                                const ServerFacts& facts, ServerEvents* events);
  // Ends the server's threads. Must be called on the engine's thread or when its loop has stopped.
  ~Server();

  // The address that it listens on, "127.0.0.1:5932" or "[::1]:5932".
  std::string address() const;
  std::uint16_t port() const;
  bool on_loopback() const;

  // Connections that are open. Any thread.
  std::size_t connections() const;

  // Stops accepting, finishes what is in hand, answers those who wait, and then resets every
  // connection once its peer has acknowledged all of it. Calls `done` on the engine's loop when
  // that is over. Engine's thread, once.
  void Shutdown(std::function<void()> done);

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace coord

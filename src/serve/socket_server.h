// SPDX-License-Identifier: MIT
// What every server is: a socket that listens, the loops of its connections, and their end.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/fd.h"
#include "base/result.h"
#include "dispatch/dispatcher.h"
#include "net/endpoint.h"
#include "net/event_loop.h"
#include "serve/io_loop.h"
#include "serve/serve_options.h"

namespace coord {

class SocketServer {
 public:
  using MakeConnection =
      std::function<std::unique_ptr<Connection>(IoLoop& loop, std::uint64_t number, Fd socket)>;

  // Listens and starts to serve connections of the kind that `make` makes, on any of the server's
  // threads. `engine` is the dispatcher's loop; it, `dispatcher`, `options`, `events` (may be null)
  // and what `make` uses outlive the server. Errors: kInvalid (no such host), kUnavailable (the
  // address cannot be listened on), both for people to read.
  static Result<std::unique_ptr<SocketServer>> Listen(EventLoop& engine, Dispatcher& dispatcher,
                                                      const ListenOptions& listen,
                                                      const ServeOptions& options,
                                                      ServerEvents* events, MakeConnection make);
  // Ends the server's threads. Must be called on the engine's thread or when its loop has stopped.
  ~SocketServer();

  const Endpoint& endpoint() const;

  // Connections that are open. Any thread.
  std::size_t connections() const;

  // Stops accepting, finishes what is in hand, answers those who wait, and then resets every
  // connection once its peer has acknowledged all of it. Calls `done` on the engine's loop when
  // that is over. Engine's thread, once.
  void Shutdown(std::function<void()> done);

 private:
  class Impl;
  explicit SocketServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace coord

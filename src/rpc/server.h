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
#include "serve/request_stats.h"
#include "serve/socket_server.h"

namespace coord {

struct ServerContext;

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
  std::string address() const { return sockets_->endpoint().ToText(); }
  std::uint16_t port() const { return sockets_->endpoint().port(); }
  bool on_loopback() const { return sockets_->endpoint().is_loopback(); }

  // Connections that are open. Any thread.
  std::size_t connections() const { return sockets_->connections(); }

  // What it has answered. Engine's thread.
  const RequestStats& requests() const;

  // As SocketServer::Shutdown().
  void Shutdown(std::function<void()> done) { sockets_->Shutdown(std::move(done)); }

 private:
  Server(const ServerOptions& options, const ServerFacts& facts, ServerEvents* events,
         Dispatcher& dispatcher);

  std::unique_ptr<ServerContext> context_;
  std::unique_ptr<SocketServer> sockets_;
};

}  // namespace coord

// SPDX-License-Identifier: MIT
// The HTTP server: spec/rest.md over TCP.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "http/http_options.h"
#include "http/operation.h"
#include "serve/socket_server.h"

namespace coord {

struct HttpContext;

class HttpServer {
 public:
  // As Server::Listen() of CBOR-RPC.
  static Result<std::unique_ptr<HttpServer>> Listen(EventLoop& engine, Dispatcher& dispatcher,
                                                    const ListenOptions& listen,
                                                    const HttpOptions& options,
                                                    const HttpFacts& facts, ServerEvents* events);
  // Ends the server's threads. Must be called on the engine's thread or when its loop has stopped.
  ~HttpServer();

  std::string address() const { return sockets_->endpoint().ToText(); }
  std::uint16_t port() const { return sockets_->endpoint().port(); }
  bool on_loopback() const { return sockets_->endpoint().is_loopback(); }

  // Connections that are open. Any thread.
  std::size_t connections() const { return sockets_->connections(); }

  // As SocketServer::Shutdown().
  void Shutdown(std::function<void()> done) { sockets_->Shutdown(std::move(done)); }

 private:
  explicit HttpServer(std::unique_ptr<HttpContext> context);

  std::unique_ptr<HttpContext> context_;
  std::unique_ptr<SocketServer> sockets_;
};

}  // namespace coord

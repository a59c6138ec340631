// SPDX-License-Identifier: MIT
#include "rpc/server.h"

#include <utility>

#include "rpc/rpc_connection.h"

namespace coord {

Server::Server(const ServerOptions& options, const ServerFacts& facts, ServerEvents* events,
               Dispatcher& dispatcher)
    : context_(std::make_unique<const ServerContext>(
          ServerContext{options, facts, events, &dispatcher})) {}

Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::Listen(EventLoop& engine, Dispatcher& dispatcher,
                                               const ListenOptions& listen,
                                               const ServerOptions& options,
                                               const ServerFacts& facts, ServerEvents* events) {
  std::unique_ptr<Server> server(new Server(options, facts, events, dispatcher));
  const ServerContext& context = *server->context_;
  const auto make = [&context](IoLoop& loop, std::uint64_t number, Fd socket) {
    return std::make_unique<RpcConnection>(loop, context, number, std::move(socket));
  };
  COORD_TRY(sockets,
            SocketServer::Listen(engine, dispatcher, listen, context.options, events, make));
  server->sockets_ = std::move(sockets);
  return server;
}

}  // namespace coord

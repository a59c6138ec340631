// SPDX-License-Identifier: MIT
#include "rpc/server.h"

#include <utility>
#include <vector>

#include "rpc/method_table.h"
#include "rpc/rpc_connection.h"

namespace coord {

namespace {

// In the order of the table, so that the place of a method in it is its number.
std::vector<std::string_view> MethodNames() {
  std::vector<std::string_view> names;
  for (const Method& method : Methods()) names.push_back(method.name);
  return names;
}

}  // namespace

Server::Server(const ServerOptions& options, const ServerFacts& facts, ServerEvents* events,
               Dispatcher& dispatcher)
    : context_(std::make_unique<ServerContext>(
          ServerContext{options, facts, events, &dispatcher, RequestStats(MethodNames())})) {}

Server::~Server() = default;

const RequestStats& Server::requests() const { return context_->requests; }

Result<std::unique_ptr<Server>> Server::Listen(EventLoop& engine, Dispatcher& dispatcher,
                                               const ListenOptions& listen,
                                               const ServerOptions& options,
                                               const ServerFacts& facts, ServerEvents* events) {
  std::unique_ptr<Server> server(new Server(options, facts, events, dispatcher));
  ServerContext& context = *server->context_;
  const auto make = [&context](IoLoop& loop, std::uint64_t number, Fd socket) {
    return std::make_unique<RpcConnection>(loop, context, number, std::move(socket));
  };
  COORD_TRY(sockets,
            SocketServer::Listen(engine, dispatcher, listen, context.options, events, make));
  server->sockets_ = std::move(sockets);
  return server;
}

}  // namespace coord

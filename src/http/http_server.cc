// SPDX-License-Identifier: MIT
#include "http/http_server.h"

#include <utility>

#include "http/http_connection.h"
#include "http/routes.h"

namespace coord {

HttpServer::HttpServer(std::unique_ptr<HttpContext> context) : context_(std::move(context)) {}

HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::Listen(EventLoop& engine, Dispatcher& dispatcher,
                                                       const ListenOptions& listen,
                                                       const HttpOptions& options,
                                                       const HttpFacts& facts,
                                                       ServerEvents* events) {
  auto made = std::make_unique<HttpContext>(HttpContext{options,
                                                        OriginGuard(options.hosts),
                                                        facts,
                                                        events,
                                                        &dispatcher,
                                                        {},
                                                        RequestStats(OperationNames())});
  HttpContext& context = *made;
  std::unique_ptr<HttpServer> server(new HttpServer(std::move(made)));
  const auto make = [&context](IoLoop& loop, std::uint64_t number, Fd socket) {
    return std::make_unique<HttpConnection>(loop, context, number, std::move(socket));
  };
  COORD_TRY(sockets,
            SocketServer::Listen(engine, dispatcher, listen, context.options, events, make));
  server->sockets_ = std::move(sockets);
  context.facts.protocols.push_back({"http", &context.requests, [sockets = server->sockets_.get()] {
                                       return sockets->connections();
                                     }});
  return server;
}

}  // namespace coord

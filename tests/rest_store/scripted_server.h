// SPDX-License-Identifier: MIT
// An HTTP server that does what a test says, connection by connection.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/fd.h"

namespace coord::testing {

// What the server's side of one connection sees and says. The connection ends with the script.
class Conversation {
 public:
  explicit Conversation(Fd socket) : socket_(std::move(socket)) {}

  // The next request, with its body; an empty text where the client has left.
  std::string Receive() {
    while (true) {
      const std::size_t end = received_.find("\r\n\r\n");
      if (end != std::string::npos) {
        std::size_t size = end + 4;
        const std::size_t length = received_.find("Content-Length: ");
        if (length < end) size += std::stoul(received_.substr(length + 16));
        if (received_.size() >= size) {
          std::string request = received_.substr(0, size);
          received_.erase(0, size);
          return request;
        }
      }
      char buffer[4096];
      const ssize_t count = recv(socket_.get(), buffer, sizeof buffer, 0);
      if (count <= 0) return {};
      received_.append(buffer, static_cast<std::size_t>(count));
    }
  }

  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  // A response whose body is CBOR.
  void Answer(int status, std::string_view body) {
    Send("HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: application/cbor\r\n" +
         "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
  }

 private:
  Fd socket_;
  std::string received_;
};

using Script = std::function<void(Conversation&)>;

// Runs a script for each connection, one after the other, and refuses all further ones.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::vector<Script> scripts)
      : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);  // NOLINT: how sockets are
    COORD_CHECK(bind(listener_.get(), any, size) == 0 && listen(listener_.get(), 16) == 0);
    COORD_CHECK(getsockname(listener_.get(), any, &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, scripts = std::move(scripts)] { Run(scripts); });
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  // All scripts must have had their connections.
  ~ScriptedServer() { thread_.join(); }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }

 private:
  void Run(const std::vector<Script>& scripts) {
    for (const Script& script : scripts) {
      Conversation conversation(Fd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
      // Whoever sees the last connection end finds nobody listening any more.
      if (&script == &scripts.back()) listener_.Close();
      script(conversation);
    }
  }

  Fd listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace coord::testing

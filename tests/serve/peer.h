// SPDX-License-Identifier: MIT
// A peer of a server under test that never blocks, so that it can live on the server's thread.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>

namespace coord {

// A connection to this machine.
class Peer {
 public:
  explicit Peer(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how sockets are
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~Peer() { ::close(socket_); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  bool Send(std::string_view bytes) {
    return connected_ && ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
                             static_cast<ssize_t>(bytes.size());
  }
  // Reads what there is.
  void Receive() {
    std::string buffer(1U << 20U, '\0');
    while (end_ == 0) {
      const ssize_t got = ::recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (got <= 0) {
        end_ = got == 0 ? -1 : errno;
        return;
      }
      received_.append(buffer, 0, static_cast<std::size_t>(got));
    }
  }

  // All that has come.
  const std::string& received() const { return received_; }
  // 0 while the connection is open; -1 after an orderly end; else the error.
  int end() const { return end_; }

 private:
  int socket_;
  bool connected_ = false;
  std::string received_;
  int end_ = 0;
};

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "net/endpoint.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <array>
#include <cstring>
#include <memory>

namespace coord {

Result<Endpoint> Endpoint::Resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (code != 0) return InvalidError(gai_strerror(code));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  Endpoint endpoint;
  endpoint.size_ = found->ai_addrlen;
  std::memcpy(&endpoint.address_, found->ai_addr, found->ai_addrlen);
  return endpoint;
}

Endpoint Endpoint::LocalOf(int socket) { return Of(socket, &getsockname); }

Endpoint Endpoint::PeerOf(int socket) { return Of(socket, &getpeername); }

Endpoint Endpoint::Of(int socket, NameOf* name_of) {
  Endpoint endpoint;
  endpoint.size_ = sizeof endpoint.address_;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how sockets are
  if (name_of(socket, reinterpret_cast<sockaddr*>(&endpoint.address_), &endpoint.size_) != 0) {
    return {};
  }
  return endpoint;
}

const sockaddr* Endpoint::get() const {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how sockets are
  return reinterpret_cast<const sockaddr*>(&address_);
}

std::uint16_t Endpoint::port() const {
  // The port is at the same place in both kinds of address.
  sockaddr_in address{};
  std::memcpy(&address, &address_, sizeof address);
  return ntohs(address.sin_port);
}

bool Endpoint::is_loopback() const {
  if (family() == AF_INET) {
    sockaddr_in address{};
    std::memcpy(&address, &address_, sizeof address);
    return ntohl(address.sin_addr.s_addr) >> 24U == IN_LOOPBACKNET;
  }
  sockaddr_in6 address{};
  std::memcpy(&address, &address_, sizeof address);
  return family() == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&address.sin6_addr);
}

std::string Endpoint::ToText() const {
  std::array<char, NI_MAXHOST> host{};
  if (getnameinfo(get(), size_, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST) != 0) {
    return "?";
  }
  const std::string number = std::to_string(port());
  return family() == AF_INET6 ? "[" + std::string(host.data()) + "]:" + number
                              : std::string(host.data()) + ":" + number;
}

}  // namespace coord

// SPDX-License-Identifier: MIT
// The two ends of a TCP connection, as the system knows them.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "base/result.h"

namespace coord {

// An IPv4 or IPv6 address with a port.
class Endpoint {
 public:
  // The first address of a host, a name or a number. Waits for the resolver. Errors: kInvalid, with
  // its reason only.
  static Result<Endpoint> Resolve(const std::string& host, std::uint16_t port);

  // Of a socket; without an address if the system gives none.
  static Endpoint LocalOf(int socket);
  static Endpoint PeerOf(int socket);

  int family() const { return address_.ss_family; }
  std::uint16_t port() const;
  bool is_loopback() const;
  // "127.0.0.1:5932" or "[::1]:5932"; "?" without an address.
  std::string ToText() const;

  // As system calls take it.
  const sockaddr* get() const;
  socklen_t size() const { return size_; }

 private:
  using NameOf = int(int, sockaddr*, socklen_t*);
  static Endpoint Of(int socket, NameOf* name_of);

  sockaddr_storage address_{};
  socklen_t size_ = 0;
};

}  // namespace coord

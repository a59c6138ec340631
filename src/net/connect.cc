// SPDX-License-Identifier: MIT
#include "net/connect.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

namespace coord {

namespace {

Error CannotReach(const Address& address, const std::string& why) {
  return {ErrorCode::kUnavailable, "cannot reach " + ToText(address) + ": " + why, {}};
}

int PollAgain(pollfd& waited, int timeout_ms) {
  int count = 0;
  do {
    count = poll(&waited, 1, timeout_ms);
  } while (count < 0 && errno == EINTR);
  return count;
}

// Finishes a connect() that goes on in the background. Returns 0 or an errno.
int AwaitConnected(int descriptor, std::chrono::milliseconds timeout) {
  pollfd waited{descriptor, POLLOUT, 0};
  const int count = PollAgain(waited, static_cast<int>(timeout.count()));
  if (count == 0) return ETIMEDOUT;
  if (count < 0) return errno;
  int problem = 0;
  socklen_t size = sizeof problem;
  if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &size) != 0) return errno;
  return problem;
}

// Returns a connected socket, or none with `problem` set to an errno.
Fd ConnectToOne(const addrinfo& target, std::chrono::milliseconds timeout, int& problem) {
  Fd connected(socket(target.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!connected.valid()) {
    problem = errno;
    return connected;
  }
  problem = 0;
  if (connect(connected.get(), target.ai_addr, target.ai_addrlen) != 0) {
    problem = errno == EINPROGRESS ? AwaitConnected(connected.get(), timeout) : errno;
  }
  if (problem != 0) return Fd();
  const int on = 1;
  setsockopt(connected.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return connected;
}

}  // namespace

std::string ErrnoText(int number) {
  std::string text = std::generic_category().message(number);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] + 32);
  return text;
}

Result<Fd> ConnectTo(const Address& address, std::chrono::milliseconds timeout) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(address.port);
  const int failure = getaddrinfo(address.host.c_str(), port.c_str(), &hints, &found);
  if (failure != 0) return CannotReach(address, gai_strerror(failure));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  int problem = ENOENT;
  for (const addrinfo* target = found; target != nullptr; target = target->ai_next) {
    Fd connected = ConnectToOne(*target, timeout, problem);
    if (connected.valid()) return connected;
  }
  return CannotReach(address, ErrnoText(problem));
}

Result<short> AwaitSocket(const Fd& socket, short events,
                          std::optional<std::chrono::milliseconds> timeout) {
  pollfd waited{socket.get(), events, 0};
  const int count = PollAgain(waited, timeout ? static_cast<int>(timeout->count()) : -1);
  if (count < 0) return Error{ErrorCode::kUnavailable, ErrnoText(errno), {}};
  if (count == 0) return Error{ErrorCode::kUnavailable, "no answer in time", {}};
  return waited.revents;
}

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "net/listener.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

namespace coord {

namespace {

// How long nothing is accepted when the process is out of descriptors or memory.
constexpr std::chrono::milliseconds kPause{100};

// Of those who come all at once, so many are taken before the others are served.
constexpr int kAcceptedInTurnMax = 64;

}  // namespace

Result<std::unique_ptr<Listener>> Listener::Open(EventLoop& loop, const std::string& host,
                                                 std::uint16_t port, OnAccept on_accept) {
  const auto endpoint = Endpoint::Resolve(host, port);
  if (endpoint.has_error()) {
    return InvalidError("cannot listen on '" + host + "': " + endpoint.error().detail);
  }
  Fd socket(::socket(endpoint->family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  if (!socket.valid() || setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      bind(socket.get(), endpoint->get(), endpoint->size()) != 0 ||
      listen(socket.get(), SOMAXCONN) != 0) {
    const std::string reason = std::strerror(errno);
    return Error{
        ErrorCode::kUnavailable, "cannot listen on " + endpoint->ToText() + ": " + reason, {}};
  }
  return std::unique_ptr<Listener>(new Listener(loop, std::move(socket), std::move(on_accept)));
}

Listener::Listener(EventLoop& loop, Fd socket, OnAccept on_accept)
    : loop_(loop),
      socket_(std::move(socket)),
      endpoint_(Endpoint::LocalOf(socket_.get())),
      on_accept_(std::move(on_accept)),
      pause_(loop) {
  loop_.Add(socket_.get(), EPOLLIN, *this);
}

Listener::~Listener() { loop_.Remove(socket_.get(), *this); }

void Listener::OnReady(std::uint32_t) {
  for (int i = 0; i < kAcceptedInTurnMax; ++i) {
    Fd socket(accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.valid()) {
      on_accept_(std::move(socket));
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
      return Pause();
    } else if (errno == EAGAIN) {
      return;
    }
  }
}

void Listener::Pause() {
  loop_.Change(socket_.get(), 0, *this);
  pause_.Start(kPause, [this] { loop_.Change(socket_.get(), EPOLLIN, *this); });
}

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "cmd/coordbench/epoll_loop.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace coord::bench {

namespace {

constexpr std::size_t kInputSize = 256 * 1024;
constexpr int kEventsAtOnce = 256;

bool WouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

void Connection::Send(std::string_view bytes) {
  if (!fd_.valid()) return;
  std::size_t sent = 0;
  if (unsent_.empty()) {
    const ssize_t count = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    // A broken connection shows itself to the next read.
    if (count >= 0) sent = static_cast<std::size_t>(count);
    if (sent == bytes.size()) return;
    loop_->Watch(*this, true);
  }
  unsent_.append(bytes.substr(sent));
}

EpollLoop::EpollLoop() : input_(kInputSize) {}

Result<std::unique_ptr<EpollLoop>> EpollLoop::Open() {
  std::unique_ptr<EpollLoop> loop(new EpollLoop);
  loop->epoll_ = Fd(epoll_create1(EPOLL_CLOEXEC));
  if (!loop->epoll_.valid()) return SystemError("epoll_create1");
  return loop;
}

Result<Connection*> EpollLoop::Add(const Address& address, Conversation& conversation,
                                   std::uint32_t index) {
  COORD_TRY(fd, Dial(address));
  auto connection = std::make_unique<Connection>();
  connection->loop_ = this;
  connection->conversation_ = &conversation;
  connection->index_ = index;
  connection->fd_ = std::move(fd);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = connection.get();
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection->fd_.get(), &event) != 0) {
    return SystemError("epoll_ctl");
  }
  ++open_;
  connections_.push_back(std::move(connection));
  return connections_.back().get();
}

Result<void> EpollLoop::SetTicker(Ticker& ticker, unsigned milliseconds) {
  ticker_ = &ticker;
  timer_ = Fd(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  if (!timer_.valid()) return SystemError("timerfd_create");
  itimerspec every{};
  every.it_interval.tv_sec = milliseconds / 1000;
  every.it_interval.tv_nsec = static_cast<long>(milliseconds % 1000) * 1'000'000L;
  every.it_value = every.it_interval;
  timerfd_settime(timer_.get(), 0, &every, nullptr);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;  // no connection: the timer
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, timer_.get(), &event) != 0) {
    return SystemError("epoll_ctl");
  }
  return {};
}

void EpollLoop::Run() {
  running_ = true;
  for (const auto& connection : connections_) {
    now_ = MonotonicNanoseconds();
    if (connection->fd_.valid()) connection->conversation_->OnStart(*connection);
  }
  std::array<epoll_event, kEventsAtOnce> events;
  while (running_ && open_ > 0) {
    const int count = epoll_wait(epoll_.get(), events.data(), kEventsAtOnce, -1);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      now_ = MonotonicNanoseconds();
      if (event.data.ptr == nullptr) {
        Tick();
      } else {
        Handle(*static_cast<Connection*>(event.data.ptr), event.events);
      }
    }
  }
}

void EpollLoop::Handle(Connection& connection, std::uint32_t events) {
  if (!connection.fd_.valid()) return;
  if ((events & EPOLLOUT) != 0) Flush(connection);
  if ((events & ~std::uint32_t{EPOLLOUT}) != 0) Read(connection);
}

void EpollLoop::Read(Connection& connection) {
  const ssize_t count = recv(connection.fd_.get(), input_.data(), input_.size(), MSG_DONTWAIT);
  if (count <= 0) {
    if (count < 0 && WouldBlock()) return;
    Drop(connection, count == 0 ? "closed by the server" : std::strerror(errno));
    return;
  }
  const std::string_view arrived(input_.data(), static_cast<std::size_t>(count));
  if (connection.unread_.empty()) {
    const std::size_t used = connection.conversation_->OnBytes(connection, arrived);
    if (used < arrived.size()) connection.unread_.assign(arrived.substr(used));
    return;
  }
  connection.unread_.append(arrived);
  const std::size_t used = connection.conversation_->OnBytes(connection, connection.unread_);
  connection.unread_.erase(0, used);
}

void EpollLoop::Flush(Connection& connection) {
  const ssize_t count = send(connection.fd_.get(), connection.unsent_.data(),
                             connection.unsent_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (count < 0) return;
  connection.unsent_.erase(0, static_cast<std::size_t>(count));
  if (!connection.unsent_.empty()) return;
  Watch(connection, false);
  connection.conversation_->OnDrained(connection);
}

void EpollLoop::Drop(Connection& connection, std::string_view why) {
  connection.fd_ = Fd();
  --open_;
  connection.conversation_->OnClosed(connection, why);
}

void EpollLoop::Watch(Connection& connection, bool writable) {
  epoll_event event{};
  event.events = writable ? std::uint32_t{EPOLLIN} | std::uint32_t{EPOLLOUT} : EPOLLIN;
  event.data.ptr = &connection;
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, connection.fd_.get(), &event);
}

void EpollLoop::Tick() {
  std::uint64_t expirations = 0;
  if (read(timer_.get(), &expirations, sizeof expirations) > 0 && ticker_ != nullptr) {
    ticker_->OnTick();
  }
}

}  // namespace coord::bench

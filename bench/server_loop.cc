// SPDX-License-Identifier: MIT
#include "server_loop.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <unordered_map>
#include <vector>

#include "cmd/coordbench/net.h"

namespace coord::bench {

namespace {

constexpr std::size_t kInputSize = 256 * 1024;
constexpr int kBacklog = 1024;

class Server {
 public:
  Server(ServerFunction serve, TurnFunction end_turn)
      : serve_(serve), end_turn_(std::move(end_turn)), input_(kInputSize) {}

  bool Listen(int port);
  void Run();

 private:
  void Accept();
  void Serve(int fd);
  void EndTurn();
  void Close(int fd);
  static bool SendAll(int fd, std::string_view bytes);

  ServerFunction serve_;
  TurnFunction end_turn_;
  std::vector<char> input_;
  std::string output_;
  std::vector<std::pair<int, std::size_t>> held_;  // who gets how much of output_ after the turn
  Fd epoll_;
  Fd listener_;
  std::unordered_map<int, Fd> open_;
  std::unordered_map<int, std::string> unread_;  // only of those that have some
};

bool Server::Listen(int port) {
  epoll_ = Fd(epoll_create1(EPOLL_CLOEXEC));
  listener_ = Fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (bind(listener_.get(), generic, size) != 0 || listen(listener_.get(), kBacklog) != 0) {
    std::perror("listen");
    return false;
  }
  getsockname(listener_.get(), generic, &size);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = listener_.get();
  epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, listener_.get(), &event);
  std::printf("ready 127.0.0.1:%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return true;
}

void Server::Run() {
  std::array<epoll_event, 256> events;
  for (;;) {
    const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == listener_.get()) {
        Accept();
      } else {
        Serve(fd);
      }
    }
    if (!held_.empty()) EndTurn();
  }
}

void Server::EndTurn() {
  end_turn_(output_);
  std::string_view left = output_;
  for (const auto& [fd, size] : held_) {
    if (!SendAll(fd, left.substr(0, size))) Close(fd);
    left.remove_prefix(size);
  }
  held_.clear();
  output_.clear();
}

void Server::Accept() {
  Fd fd(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!fd.valid()) return;
  const int on = 1;
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd.get();
  epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.get(), &event);
  open_[event.data.fd] = std::move(fd);
}

void Server::Serve(int fd) {
  const ssize_t count = recv(fd, input_.data(), input_.size(), 0);
  if (count <= 0) {
    Close(fd);
    return;
  }
  std::string_view in(input_.data(), static_cast<std::size_t>(count));
  const auto before = unread_.empty() ? unread_.end() : unread_.find(fd);
  if (before != unread_.end()) {
    before->second.append(in);
    in = before->second;
  }
  if (held_.empty()) output_.clear();
  const std::size_t before_this = output_.size();
  bool echo = false;
  const std::size_t used = serve_(in, output_, echo);
  if (end_turn_) {
    if (echo) output_.append(in.substr(0, used));
    held_.emplace_back(fd, output_.size() - before_this);
  } else if (!SendAll(fd, echo ? in.substr(0, used) : std::string_view(output_))) {
    return Close(fd);
  }
  if (used < in.size()) {
    unread_[fd] = std::string(in.substr(used));
  } else if (before != unread_.end()) {
    unread_.erase(before);
  }
}

// Waits for a peer that does not read; good enough for a yardstick.
bool Server::SendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0) {
      pollfd writable{fd, POLLOUT, 0};
      if (poll(&writable, 1, 1000) <= 0) return false;
      continue;
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void Server::Close(int fd) {
  unread_.erase(fd);
  open_.erase(fd);
}

}  // namespace

int ServeForever(int port, ServerFunction serve, TurnFunction end_turn) {
  RaiseDescriptorLimit();
  Server server(serve, std::move(end_turn));
  if (!server.Listen(port)) return 1;
  server.Run();
  return 0;
}

}  // namespace coord::bench

// SPDX-License-Identifier: MIT
#include "stores/rest/rest_connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "net/connect.h"

namespace coord {

namespace {

constexpr std::size_t kAnswerBytesMax = std::size_t{1} << 30U;
constexpr std::size_t kReadBytes = std::size_t{256} << 10U;
// How long the peer's machine may be silent.
constexpr int kSilenceSeconds = 30;

Error Broken(std::string_view why) {
  return {ErrorCode::kUnavailable, "the connection broke: " + std::string(why), {}};
}

bool IsLater(int problem) {
  return problem == EINTR || problem == EAGAIN || problem == EWOULDBLOCK;
}

// Has the system notice a peer that is gone without a word.
void WatchPeer(const Fd& socket) {
  const auto set = [&](int level, int name, int value) {
    setsockopt(socket.get(), level, name, &value, sizeof value);
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, kSilenceSeconds / 3);
  set(IPPROTO_TCP, TCP_KEEPINTVL, kSilenceSeconds / 3);
  set(IPPROTO_TCP, TCP_KEEPCNT, 2);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, kSilenceSeconds * 1000);
}

}  // namespace

void RequestWriter::Add(std::string_view method, std::string_view target, std::string_view body) {
  bytes_.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: ").append(host_);
  bytes_.append("\r\nAccept: application/cbor\r\n");
  if (!body.empty()) {
    bytes_.append("Content-Type: application/cbor\r\nContent-Length: ");
    bytes_.append(std::to_string(body.size())).append("\r\n");
  }
  bytes_.append("\r\n").append(body);
  ends_.push_back(bytes_.size());
}

Result<std::unique_ptr<RestConnection>> RestConnection::Open(const Address& address,
                                                             std::chrono::milliseconds timeout) {
  COORD_TRY(socket, ConnectTo(address, timeout));
  WatchPeer(socket);
  return std::unique_ptr<RestConnection>(new RestConnection(std::move(socket)));
}

RestConnection::RestConnection(Fd socket) : socket_(std::move(socket)), reader_(kAnswerBytesMax) {}

bool RestConnection::IsStale() const {
  char byte = 0;
  const ssize_t count = recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return reader_.ends_connection() || count >= 0 || !IsLater(errno);
}

Result<void> RestConnection::Exchange(const RequestWriter& requests, HttpExchanged& exchanged) {
  sent_ = 0;
  while (exchanged.answers.size() < requests.ends().size()) {
    if (sent_ < requests.bytes().size()) COORD_TRY_VOID(SendSome(requests, exchanged));
    const bool all_sent = sent_ == requests.bytes().size();
    const auto ready = AwaitSocket(
        socket_, static_cast<short>(all_sent ? POLLIN : POLLIN | POLLOUT), std::nullopt);
    if (ready.has_error()) return Broken(ready.error().detail);
    if ((*ready & ~POLLOUT) == 0) continue;
    // What came before the end of the connection counts.
    const Result<void> received = ReceiveSome();
    COORD_TRY_VOID(TakeAnswers(exchanged));
    if (exchanged.answers.size() == requests.ends().size()) break;
    if (received.has_error()) return received;
    if (reader_.ends_connection()) return Broken("the daemon ends it");
  }
  return {};
}

Result<void> RestConnection::SendSome(const RequestWriter& requests, HttpExchanged& exchanged) {
  const std::string& bytes = requests.bytes();
  const ssize_t count =
      send(socket_.get(), bytes.data() + sent_, bytes.size() - sent_, MSG_NOSIGNAL);
  if (count < 0) {
    if (IsLater(errno)) return {};
    return Broken(ErrnoText(errno));
  }
  sent_ += static_cast<std::size_t>(count);
  const auto& ends = requests.ends();
  // The first that ends behind what was sent has begun, unless nothing of it was.
  auto end = std::lower_bound(ends.begin(), ends.end(), sent_);
  if (end != ends.end()) ++end;
  exchanged.begun = static_cast<std::size_t>(end - ends.begin());
  return {};
}

Result<void> RestConnection::ReceiveSome() {
  const std::size_t size = received_.size();
  received_.resize(size + kReadBytes);
  const ssize_t count = recv(socket_.get(), received_.data() + size, kReadBytes, 0);
  const int problem = errno;
  received_.resize(size + (count > 0 ? static_cast<std::size_t>(count) : 0));
  if (count > 0 || (count < 0 && IsLater(problem))) return {};
  return Broken(count == 0 ? "the daemon closed it" : ErrnoText(problem));
}

Result<void> RestConnection::TakeAnswers(HttpExchanged& exchanged) {
  while (taken_ < received_.size()) {
    COORD_TRY(answer, reader_.Take(std::string_view(received_).substr(taken_)));
    if (!answer) break;
    taken_ += answer->size;
    exchanged.answers.push_back(*std::move(answer));
  }
  // Only once it is most of what there is, so that each byte moves a bounded number of times.
  if (taken_ > received_.size() / 2) {
    received_.erase(0, taken_);
    taken_ = 0;
  }
  return {};
}

}  // namespace coord

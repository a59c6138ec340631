// SPDX-License-Identifier: MIT
#include "blocking_peer.h"

#include <sys/socket.h>

#include <array>

namespace coord::bench {

Result<BlockingPeer> BlockingPeer::Open(const Address& address) {
  COORD_TRY(fd, Dial(address));
  return BlockingPeer(std::move(fd));
}

Result<void> BlockingPeer::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0) return SystemError("send");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<std::string> BlockingPeer::Line() {
  std::size_t end = 0;
  while ((end = unread_.find("\r\n")) == std::string::npos) {
    std::array<char, 65536> buffer;
    const ssize_t count = recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (count <= 0) return SystemError("recv");
    unread_.append(buffer.data(), static_cast<std::size_t>(count));
  }
  std::string line = unread_.substr(0, end);
  unread_.erase(0, end + 2);
  return line;
}

}  // namespace coord::bench

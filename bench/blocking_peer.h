// SPDX-License-Identifier: MIT
// A blocking connection for the preparation of a peer, where speed does not matter.
#pragma once

#include <string>
#include <string_view>

#include "cmd/coordbench/net.h"

namespace coord::bench {

class BlockingPeer {
 public:
  static Result<BlockingPeer> Open(const Address& address);

  Result<void> Send(std::string_view bytes);
  // The next line, without its CR LF.
  Result<std::string> Line();

 private:
  explicit BlockingPeer(Fd fd) : fd_(std::move(fd)) {}

  Fd fd_;
  std::string unread_;
};

}  // namespace coord::bench

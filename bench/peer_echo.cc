// SPDX-License-Identifier: MIT
#include "peers.h"

namespace coord::bench {

std::size_t EchoTraffic::OnBytes(Connection& connection, std::string_view bytes) {
  if (bytes.size() < message_.size()) return 0;
  Answered(connection, 1);
  Send(connection, message_);
  return message_.size();
}

}  // namespace coord::bench

// SPDX-License-Identifier: MIT
#include <algorithm>

#include "blocking_peer.h"
#include "peers.h"

namespace coord::bench {

namespace {

constexpr std::string_view kReserve = "reserve\r\n";
constexpr std::string_view kReserved = "RESERVED ";
constexpr std::string_view kDeleted = "DELETED\r\n";
constexpr std::uint64_t kPutsAtOnce = 1000;

}  // namespace

void BeanstalkTraffic::OnStart(Connection& connection) { Send(connection, kReserve); }

std::size_t BeanstalkTraffic::OnBytes(Connection& connection, std::string_view bytes) {
  const std::size_t line = bytes.find("\r\n");
  if (line == std::string_view::npos) return 0;
  if (bytes.starts_with(kDeleted)) {
    Answered(connection, 1);
    Send(connection, kReserve);
    return kDeleted.size();
  }
  if (!bytes.starts_with(kReserved)) {
    Fail("beanstalkd: " + std::string(bytes.substr(0, line)));
    return bytes.size();
  }
  // RESERVED <id> <bytes>\r\n<data>\r\n
  const std::string_view words = bytes.substr(kReserved.size(), line - kReserved.size());
  const std::size_t space = words.find(' ');
  std::size_t size = 0;
  for (const char digit : words.substr(space + 1)) {
    size = size * 10 + static_cast<std::size_t>(digit - '0');
  }
  const std::size_t whole = line + 2 + size + 2;
  if (bytes.size() < whole) return 0;
  Answered(connection, 0);
  delete_.assign("delete ");
  delete_.append(words.substr(0, space));
  delete_.append("\r\n");
  Send(connection, delete_);
  return whole;
}

Result<void> FillBeanstalk(const Address& address, std::uint64_t count, std::size_t payload) {
  COORD_TRY(peer, BlockingPeer::Open(address));
  const std::string put =
      "put 0 0 900 " + std::to_string(payload) + "\r\n" + std::string(payload, 'x') + "\r\n";
  for (std::uint64_t done = 0; done < count;) {
    const std::uint64_t now = std::min(kPutsAtOnce, count - done);
    std::string puts;
    for (std::uint64_t i = 0; i < now; ++i) puts += put;
    COORD_TRY_VOID(peer.Send(puts));
    for (std::uint64_t i = 0; i < now; ++i) {
      COORD_TRY(line, peer.Line());
      if (!line.starts_with("INSERTED")) return InvalidError("beanstalkd: " + line);
    }
    done += now;
  }
  return {};
}

}  // namespace coord::bench

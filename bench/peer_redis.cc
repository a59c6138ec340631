// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>

#include "blocking_peer.h"
#include "cmd/coordbench/wire.h"
#include "peers.h"

namespace coord::bench {

namespace {

// available: by priority; pending: by the time when the lease ends; finished: by the time of that.
constexpr std::string_view kReserveScript =
    "local taken = redis.call('ZPOPMIN', 'available', ARGV[1]) "
    "local out = {} "
    "for i = 1, #taken, 2 do "
    "redis.call('ZADD', 'pending', ARGV[2], taken[i]) "
    "out[#out + 1] = taken[i] "
    "out[#out + 1] = redis.call('HGET', 'data', taken[i]) "
    "end "
    "return out";
constexpr std::string_view kFinishScript =
    "local done = 0 "
    "for i = 2, #ARGV do "
    "if redis.call('ZREM', 'pending', ARGV[i]) == 1 then "
    "redis.call('ZADD', 'finished', ARGV[1], ARGV[i]) "
    "done = done + 1 "
    "end end "
    "return done";
constexpr std::string_view kLeaseEnd = "1900000000";
constexpr std::uint64_t kAddedAtOnce = 1000;

// A command in the redis protocol.
class RedisCommand {
 public:
  explicit RedisCommand(std::size_t words) : bytes_(fmt::format("*{}\r\n", words)) {}
  RedisCommand& Word(std::string_view word) {
    bytes_ += fmt::format("${}\r\n{}\r\n", word.size(), word);
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// The number after the first byte of the line at the front of `rest`; takes the line off.
// Returns false where the line is not whole.
bool TakeNumber(std::string_view& rest, std::size_t& number) {
  const std::size_t line = rest.find("\r\n");
  if (line == std::string_view::npos) return false;
  number = 0;
  for (const char digit : rest.substr(1, line - 1)) {
    number = number * 10 + static_cast<std::size_t>(digit - '0');
  }
  rest.remove_prefix(line + 2);
  return true;
}

// Sends the command and reads the first line of its answer.
Result<void> Ask(BlockingPeer& peer, const RedisCommand& command) {
  COORD_TRY_VOID(peer.Send(command.bytes()));
  COORD_TRY(line, peer.Line());
  if (line.starts_with("-")) return InvalidError("redis: " + line);
  return {};
}

Result<std::string> Load(BlockingPeer& peer, std::string_view script) {
  COORD_TRY_VOID(Ask(peer, RedisCommand(3).Word("SCRIPT").Word("LOAD").Word(script)));
  return peer.Line();  // the digest, after the line with its length
}

}  // namespace

RedisTraffic::RedisTraffic(EpollLoop& loop, std::uint32_t connections, std::uint32_t batch,
                           const std::string& reserve_sha, const std::string& finish_sha)
    : PeerTraffic(loop, connections),
      reserve_(RedisCommand(5)
                   .Word("EVALSHA")
                   .Word(reserve_sha)
                   .Word("0")
                   .Word(std::to_string(batch))
                   .Word(kLeaseEnd)
                   .bytes()),
      finish_sha_(finish_sha) {}

void RedisTraffic::OnStart(Connection& connection) { Send(connection, reserve_); }

std::size_t RedisTraffic::OnBytes(Connection& connection, std::string_view bytes) {
  std::size_t used = 0;
  if (bytes.starts_with(":")) {
    std::string_view rest = bytes;
    std::size_t done = 0;
    if (!TakeNumber(rest, done)) return 0;
    Answered(connection, done);
    Send(connection, reserve_);
    return bytes.size() - rest.size();
  }
  if (!bytes.starts_with("*")) {
    Fail("redis: " + std::string(bytes.substr(0, 80)));
    return bytes.size();
  }
  if (!ReadReserved(bytes, used)) return 0;
  if (keys_.empty()) {
    Fail("redis: no units left; add more");
    return used;
  }
  Answered(connection, 0);
  Send(connection, FinishRequest());
  return used;
}

bool RedisTraffic::ReadReserved(std::string_view bytes, std::size_t& used) {
  std::string_view rest = bytes;
  std::size_t items = 0;
  if (!TakeNumber(rest, items)) return false;
  keys_.clear();
  for (std::size_t i = 0; i < items; ++i) {
    std::size_t size = 0;
    if (!TakeNumber(rest, size) || rest.size() < size + 2) return false;
    if (i % 2 == 0) keys_.push_back(rest.substr(0, size));
    rest.remove_prefix(size + 2);
  }
  used = bytes.size() - rest.size();
  return true;
}

std::string_view RedisTraffic::FinishRequest() {
  finish_.clear();
  fmt::format_to(std::back_inserter(finish_),
                 "*{}\r\n$7\r\nEVALSHA\r\n$40\r\n{}\r\n$1\r\n0\r\n$10\r\n{}\r\n", keys_.size() + 4,
                 finish_sha_, kLeaseEnd);
  for (const std::string_view key : keys_) {
    finish_.append("$16\r\n").append(key).append("\r\n");
  }
  return finish_;
}

Result<RedisScripts> FillRedis(const Address& address, std::uint64_t count, std::size_t payload) {
  COORD_TRY(peer, BlockingPeer::Open(address));
  COORD_TRY_VOID(Ask(peer, RedisCommand(1).Word("FLUSHALL")));
  COORD_TRY(reserve_sha, Load(peer, kReserveScript));
  COORD_TRY(finish_sha, Load(peer, kFinishScript));
  const std::string data(payload, 'x');
  for (std::uint64_t done = 0; done < count;) {
    const std::uint64_t now = std::min(kAddedAtOnce, count - done);
    RedisCommand add(2 + 2 * now);
    RedisCommand store(2 + 2 * now);
    add.Word("ZADD").Word("available");
    store.Word("HSET").Word("data");
    for (std::uint64_t i = 0; i < now; ++i) {
      std::string name(kUnitNameSize, '0');
      WriteUnitName(done + i, false, name.data());
      add.Word("0").Word(name);
      store.Word(name).Word(data);
    }
    COORD_TRY_VOID(Ask(peer, add));
    COORD_TRY_VOID(Ask(peer, store));
    done += now;
  }
  return RedisScripts{reserve_sha, finish_sha};
}

}  // namespace coord::bench

// SPDX-License-Identifier: MIT
// Conversations with other servers, in the style of coordbench and as thrifty.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/coordbench/epoll_loop.h"
#include "cmd/coordbench/histogram.h"
#include "cmd/coordbench/http_answer.h"

namespace coord::bench {

// Traffic with a peer: cycles on every connection until the loop is stopped.
class PeerTraffic : public Conversation {
 public:
  explicit PeerTraffic(EpollLoop& loop, std::uint32_t connections)
      : loop_(loop), sent_at_(connections) {}

  // Units that were taken and finished (round trips, for the echo).
  std::uint64_t cycles() const { return cycles_; }
  // From each request to its answer.
  const LatencyHistogram& latency() const { return latency_; }
  // What went wrong first; empty if nothing did.
  const std::string& error() const { return error_; }

  void OnClosed(Connection&, std::string_view why) override { Fail(std::string(why)); }

 protected:
  void Send(Connection& connection, std::string_view request) {
    sent_at_[connection.index()] = loop_.now();
    connection.Send(request);
  }
  void Answered(const Connection& connection, std::uint64_t cycles) {
    latency_.Add(loop_.now() - sent_at_[connection.index()]);
    cycles_ += cycles;
  }
  void Fail(std::string what) {
    if (error_.empty()) error_ = std::move(what);
    loop_.Stop();
  }

 private:
  EpollLoop& loop_;
  std::vector<std::uint64_t> sent_at_;
  std::uint64_t cycles_ = 0;
  LatencyHistogram latency_;
  std::string error_;
};

// Messages of one size that come back as they are.
class EchoTraffic final : public PeerTraffic {
 public:
  EchoTraffic(EpollLoop& loop, std::uint32_t connections, std::size_t bytes)
      : PeerTraffic(loop, connections), message_(bytes, 'e') {}
  void OnStart(Connection& connection) override { Send(connection, message_); }
  std::size_t OnBytes(Connection& connection, std::string_view bytes) override;

 private:
  std::string message_;
};

// Requests of HTTP/1.1 on connections that stay.
class HttpTraffic : public PeerTraffic {
 public:
  using PeerTraffic::PeerTraffic;
  // Any status but those of success ends the run.
  std::size_t OnBytes(Connection& connection, std::string_view bytes) final;

 protected:
  virtual void OnAnswer(Connection& connection, const HttpAnswer& answer) = 0;
};

// Any server: GET of `path`. "{unit}" in it stands for the names of the first `units` units, as
// coordbench names them, one after the other.
class HttpGetTraffic final : public HttpTraffic {
 public:
  HttpGetTraffic(EpollLoop& loop, std::uint32_t connections, const std::string& path,
                 std::uint64_t units);
  void OnStart(Connection& connection) override;

 private:
  void OnAnswer(Connection& connection, const HttpAnswer& answer) override;

  std::string request_;
  std::size_t unit_at_;  // where the name stands in it
  std::uint64_t units_;
  std::uint64_t next_unit_ = 0;
};

// The REST interface: POST to a worker's request_attempts and to the finish_url of what it gives,
// in the namespace with the empty name. Each connection is a worker.
class RestTraffic final : public HttpTraffic {
 public:
  RestTraffic(EpollLoop& loop, std::uint32_t connections);
  void OnStart(Connection& connection) override;

 private:
  void OnAnswer(Connection& connection, const HttpAnswer& answer) override;

  std::string request_;
  std::size_t worker_at_;  // where its number stands in it
  std::string finish_;
};

// beanstalkd: `reserve` and `delete` by turns.
class BeanstalkTraffic final : public PeerTraffic {
 public:
  using PeerTraffic::PeerTraffic;
  void OnStart(Connection& connection) override;
  std::size_t OnBytes(Connection& connection, std::string_view bytes) override;

 private:
  std::string delete_;
};

// Puts `count` entries of `payload` bytes and waits until they are there.
Result<void> FillBeanstalk(const Address& address, std::uint64_t count, std::size_t payload);

// redis: reserve and finish as Lua scripts on sorted sets, `batch` units a call.
class RedisTraffic final : public PeerTraffic {
 public:
  RedisTraffic(EpollLoop& loop, std::uint32_t connections, std::uint32_t batch,
               const std::string& reserve_sha, const std::string& finish_sha);
  void OnStart(Connection& connection) override;
  std::size_t OnBytes(Connection& connection, std::string_view bytes) override;

 private:
  bool ReadReserved(std::string_view bytes, std::size_t& used);
  std::string_view FinishRequest();

  std::string reserve_;
  std::string finish_sha_;
  std::string finish_;
  std::vector<std::string_view> keys_;
};

struct RedisScripts {
  std::string reserve_sha;
  std::string finish_sha;
};

// Empties the server, loads the scripts and adds `count` units of `payload` bytes.
Result<RedisScripts> FillRedis(const Address& address, std::uint64_t count, std::size_t payload);

}  // namespace coord::bench

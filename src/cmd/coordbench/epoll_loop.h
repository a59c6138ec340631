// SPDX-License-Identifier: MIT
// The loop of the load generators: raw epoll, one thread, one recv and one send a round trip.
//
// It shares the cores with the server that it measures, so everything here is as cheap as it can
// be: bytes are read into one buffer that stays in the cache, sent straight from the caller's
// memory, and copied only where a message comes, or goes, in pieces.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cmd/coordbench/net.h"

namespace coord::bench {

class Connection;
class EpollLoop;

// What is said on connections, and what is made of the answers. Outlives its loop's Run().
class Conversation {
 public:
  virtual ~Conversation() = default;

  // Run() has begun: send the first request.
  virtual void OnStart(Connection& connection) = 0;
  // `bytes` is all that has arrived and not been consumed. Returns how much of it is consumed now;
  // the rest is shown again, with more behind it.
  virtual std::size_t OnBytes(Connection& connection, std::string_view bytes) = 0;
  // Unsent output has gone.
  virtual void OnDrained(Connection&) {}
  // The peer closed the connection or it failed; it is gone after this call.
  virtual void OnClosed(Connection& connection, std::string_view why) = 0;
};

// Whoever wants to be called from time to time.
class Ticker {
 public:
  virtual ~Ticker() = default;
  virtual void OnTick() = 0;
};

// One TCP connection of a loop.
class Connection {
 public:
  // The number given to EpollLoop::Add; for the conversation's own use.
  std::uint32_t index() const { return index_; }
  bool has_unsent() const { return !unsent_.empty(); }

  // Sends now what the socket takes and keeps a copy of the rest.
  void Send(std::string_view bytes);

 private:
  friend class EpollLoop;

  EpollLoop* loop_ = nullptr;
  Conversation* conversation_ = nullptr;
  Fd fd_;
  std::uint32_t index_ = 0;
  std::string unread_;  // the front of a message that is not complete
  std::string unsent_;
};

class EpollLoop {
 public:
  static Result<std::unique_ptr<EpollLoop>> Open();

  // Dials and adds a connection. Errors: those of Dial().
  Result<Connection*> Add(const Address& address, Conversation& conversation, std::uint32_t index);
  // Calls `ticker` about every `milliseconds` while Run() runs. At most one ticker.
  Result<void> SetTicker(Ticker& ticker, unsigned milliseconds);

  // Starts every conversation and goes on until Stop() is called or no connection is left.
  void Run();
  void Stop() { running_ = false; }

  // When the event now handled was taken up, in nanoseconds (see MonotonicNanoseconds).
  std::uint64_t now() const { return now_; }

 private:
  friend class Connection;

  EpollLoop();
  void Handle(Connection& connection, std::uint32_t events);
  void Read(Connection& connection);
  void Flush(Connection& connection);
  void Drop(Connection& connection, std::string_view why);
  void Watch(Connection& connection, bool writable);
  void Tick();

  Fd epoll_;
  Fd timer_;
  Ticker* ticker_ = nullptr;
  bool running_ = false;
  std::uint64_t now_ = 0;
  std::size_t open_ = 0;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<char> input_;
};

}  // namespace coord::bench

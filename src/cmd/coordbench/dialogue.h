// SPDX-License-Identifier: MIT
// What all CBOR-RPC traffic of the load generator has in common.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cmd/coordbench/epoll_loop.h"
#include "cmd/coordbench/histogram.h"
#include "cmd/coordbench/wire.h"

namespace coord::bench {

// What went wrong in a run. One a thread.
struct Errors {
  std::uint64_t count = 0;
  std::string first;

  void Add(std::string what) {
    if (count++ == 0) first = std::move(what);
  }
};

// Answers in order, each checked to have the id of its request. Any error answer, closed
// connection or wrong id is counted and ends the run.
class Dialogue : public Conversation {
 public:
  Dialogue(EpollLoop& loop, Errors& errors) : loop_(loop), errors_(errors) {}

  // Adds `count` connections to the loop for this dialogue.
  Result<void> Connect(const Address& address, std::uint32_t count);

  std::size_t OnBytes(Connection& connection, std::string_view bytes) final;
  void OnClosed(Connection& connection, std::string_view why) final;

 protected:
  // `result` stands before the result of the oldest request that is not answered yet.
  virtual void OnResult(Connection& connection, CborWalk result) = 0;

  // Gives the request the connection's next id.
  void Number(Connection& connection, Request& request) {
    request.SetId(ids_[connection.index()].sent++);
  }
  void Send(Connection& connection, Request& request) {
    Number(connection, request);
    connection.Send(request.view());
  }
  void Fail(std::string what);

  // The dialogue's connections, by their index.
  const std::vector<Connection*>& connections() const { return connections_; }
  // Requests on this connection that have no answer yet.
  std::uint32_t Unanswered(const Connection& connection) const {
    return ids_[connection.index()].sent - ids_[connection.index()].answered;
  }

  EpollLoop& loop_;

 private:
  struct Ids {
    std::uint32_t sent = 0;
    std::uint32_t answered = 0;
  };

  Errors& errors_;
  std::vector<Ids> ids_;
  std::vector<Connection*> connections_;
};

// One request at a time on a connection of its own, waited for: to set up and to clear away.
class ControlClient {
 public:
  static Result<ControlClient> Open(const Address& address);

  // Sends the request and returns the whole answer message; its result is read with ReadAnswer.
  // Errors: kUnavailable where the connection fails, kInvalid with the message of an error answer.
  Result<std::string> Call(Request request);

 private:
  explicit ControlClient(Fd fd) : fd_(std::move(fd)) {}

  Fd fd_;
};

}  // namespace coord::bench

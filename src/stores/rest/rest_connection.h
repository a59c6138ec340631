// SPDX-License-Identifier: MIT
// A connection to an HTTP server that stays open, over which requests go one behind the other.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "net/address.h"
#include "stores/rest/response_reader.h"

namespace coord {

// Requests, written down to be sent.
class RequestWriter {
 public:
  // `host` is what the requests call the server.
  explicit RequestWriter(std::string host) : host_(std::move(host)) {}

  // A request whose body, if it has one, is CBOR, as its answer is to be. `target` is the path and
  // the query.
  void Add(std::string_view method, std::string_view target, std::string_view body);

  const std::string& bytes() const { return bytes_; }
  // Where each request ends in them.
  const std::vector<std::size_t>& ends() const { return ends_; }

 private:
  std::string host_;
  std::string bytes_;
  std::vector<std::size_t> ends_;
};

// How far an exchange came.
struct HttpExchanged {
  std::vector<HttpAnswer> answers;  // in the order of the requests
  std::size_t begun = 0;            // requests of which something left, the answered ones included
};

// Used from one thread, which it blocks. No timeout of its own: the system gives up a peer that
// does not even acknowledge (after half a minute).
class RestConnection {
 public:
  // Errors: kUnavailable.
  static Result<std::unique_ptr<RestConnection>> Open(const Address& address,
                                                      std::chrono::milliseconds timeout);

  // True where the peer has ended it meanwhile, or something came that nobody asked for.
  bool IsStale() const;

  // Sends the requests and reads their answers, both at once, so that neither side waits for the
  // other. On an error (kUnavailable: it broke; kCorrupt: the peer does not speak HTTP) the
  // connection is spent, and `exchanged` tells how far it came.
  Result<void> Exchange(const RequestWriter& requests, HttpExchanged& exchanged);

 private:
  explicit RestConnection(Fd socket);

  Result<void> SendSome(const RequestWriter& requests, HttpExchanged& exchanged);
  Result<void> ReceiveSome();
  Result<void> TakeAnswers(HttpExchanged& exchanged);

  Fd socket_;
  std::size_t sent_ = 0;  // bytes of the exchange under way
  std::string received_;
  std::size_t taken_ = 0;  // of received_
  ResponseReader reader_;
};

}  // namespace coord

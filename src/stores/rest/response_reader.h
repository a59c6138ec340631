// SPDX-License-Identifier: MIT
// Reads HTTP/1.1 responses to requests that were sent one behind the other.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace coord {

struct HttpAnswer {
  int status = 0;
  std::string body;
  std::size_t size = 0;  // with its head
};

class ResponseReader {
 public:
  // No answer may be longer than this.
  explicit ResponseReader(std::size_t size_max) : size_max_(size_max) {}

  // Copies the response at the front of what was received; nothing where it is not all there, and
  // then the same bytes, with more behind them, are to be given next time. Bodies have a length (or
  // the response has none by its status): what comes in chunks is refused. Errors: kCorrupt, what
  // is no such response; the reader is spent.
  Result<std::optional<HttpAnswer>> Take(std::string_view received);

  // The last response said that no other follows on this connection.
  bool ends_connection() const { return ends_connection_; }

 private:
  Result<void> ReadHead(std::string_view head);

  const std::size_t size_max_;
  std::size_t head_size_ = 0;  // 0: the head is not all there
  std::size_t seen_ = 0;       // so far there is no end of the head
  int status_ = 0;
  std::size_t body_size_ = 0;
  bool ends_connection_ = false;
};

}  // namespace coord

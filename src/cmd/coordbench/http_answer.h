// SPDX-License-Identifier: MIT
// Answers of HTTP/1.1 as far as a load generator has to read them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace coord::bench {

// One answer, taken off the front of what has arrived.
struct HttpAnswer {
  enum class State : std::uint8_t { kNeedMore, kWhole, kMalformed };

  State state = State::kNeedMore;
  std::size_t size = 0;   // of head and body
  int status = 0;         // 200
  std::string_view body;  // borrowed from the bytes
};

// Reads the answer at the front of `bytes`. Its body must have a Content-Length, spelt so; without
// one there is none. A body in chunks is malformed to it.
HttpAnswer ReadHttpAnswer(std::string_view bytes);

}  // namespace coord::bench

// SPDX-License-Identifier: MIT
// The knobs of the HTTP server.
#pragma once

#include <string>
#include <vector>

#include "http/request_reader.h"
#include "serve/serve_options.h"

namespace coord {

struct HttpOptions : ServeOptions {
  HttpLimits limits;
  int nesting_max = 128;  // of lists and maps in a body
  std::vector<std::string>
      hosts;  // names that a Host may have beside those that are always allowed
  // Ticks that an unfinished request may take, and one more for each so many bytes that have come.
  int request_ticks = 60;
  std::size_t bytes_a_tick = std::size_t{16} << 10U;
};

}  // namespace coord

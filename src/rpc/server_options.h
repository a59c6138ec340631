// SPDX-License-Identifier: MIT
// The knobs of the CBOR-RPC server.
#pragma once

#include <cstddef>
#include <string>

#include "rpc/frame.h"
#include "serve/serve_options.h"

namespace coord {

struct ServerOptions : ServeOptions {
  std::string name_space;
  FrameLimits frames;
  std::size_t batch_requests_max = 10'000;
};

}  // namespace coord

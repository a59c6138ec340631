// SPDX-License-Identifier: MIT
// Sockets for the load generator: addresses and dialling.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

namespace coord::bench {

struct Address {
  std::string host;
  std::string port;
};

// Reads "HOST:PORT" or "[IPV6]:PORT". Errors: kInvalid.
Result<Address> ParseAddress(std::string_view text);

// Connects, waiting for the handshake; the socket blocks and sends without delay (TCP_NODELAY).
// Errors: kInvalid where the name does not resolve, kUnavailable where nobody answers.
Result<Fd> Dial(const Address& address);

// Raises the limit of open descriptors as far as the system allows.
void RaiseDescriptorLimit();

// The last system error as an Error of code kUnavailable, `what` in front of it.
Error SystemError(std::string_view what);

// Nanoseconds on the monotonic clock. A load generator measures real time, so it is not injected.
std::uint64_t MonotonicNanoseconds();

}  // namespace coord::bench

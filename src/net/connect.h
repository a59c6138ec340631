// SPDX-License-Identifier: MIT
// A client's socket, without an event loop.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "net/address.h"

namespace coord {

// Connects to the first address of the host that answers, in the resolver's order, each given
// `timeout`. The socket is non-blocking and sends small messages at once.
// Errors: kUnavailable, "cannot reach HOST:PORT: REASON".
Result<Fd> ConnectTo(const Address& address, std::chrono::milliseconds timeout);

// Waits for one of the poll() events, and returns those that happened; without a timeout, for ever.
// Errors: kUnavailable, whose detail is the reason only.
Result<short> AwaitSocket(const Fd& socket, short events,
                          std::optional<std::chrono::milliseconds> timeout);

// What the system says of an errno, as a part of a sentence.
std::string ErrnoText(int number);

}  // namespace coord

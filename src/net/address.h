// SPDX-License-Identifier: MIT
// Where a daemon listens, as people write it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace coord {

inline constexpr std::uint16_t kDefaultRpcPort = 5932;

struct Address {
  std::string host = "127.0.0.1";  // a name or a number; IPv6 without brackets
  std::uint16_t port = kDefaultRpcPort;
  bool operator==(const Address&) const = default;
};

// Reads "HOST:PORT", "HOST", ":PORT", "[IPV6]:PORT" or "[IPV6]"; what is left out is the default.
// Port 0, which asks for any free one, is an address to listen on only: `to_listen` allows it.
// Errors: kInvalid (no port number after the colon, more than one colon without brackets, an empty
// text).
Result<Address> ParseAddress(std::string_view text, bool to_listen = false);

// "HOST:PORT", an IPv6 host in brackets.
std::string ToText(const Address& address);

}  // namespace coord

// SPDX-License-Identifier: MIT
// Where another daemon's REST interface is.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "net/address.h"

namespace coord {

inline constexpr std::uint16_t kDefaultHttpPort = 5980;

struct RestAddress {
  Address address;
  std::string path = "/";  // of its root document

  bool operator==(const RestAddress&) const = default;
};

// Reads "http://HOST:PORT/PATH"; without a port it is 5980. Errors: kInvalid.
Result<RestAddress> ParseRestAddress(std::string_view url);

// "http://HOST:PORT/PATH"
std::string ToText(const RestAddress& address);

}  // namespace coord

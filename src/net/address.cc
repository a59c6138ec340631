// SPDX-License-Identifier: MIT
#include "net/address.h"

#include <charconv>

namespace coord {

namespace {

Result<std::uint16_t> ParsePort(std::string_view digits, std::string_view whole, unsigned least) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port < least ||
      port > UINT16_MAX) {
    return InvalidError("bad address \"" + std::string(whole) +
                        "\": the port must be a number from " + std::to_string(least) +
                        " to 65535");
  }
  return static_cast<std::uint16_t>(port);
}

}  // namespace

Result<Address> ParseAddress(std::string_view text, bool to_listen) {
  Address address;
  std::string_view rest = text;
  if (!rest.empty() && rest[0] == '[') {
    const std::size_t close = rest.find(']');
    if (close == std::string_view::npos || close == 1) {
      return InvalidError("bad address \"" + std::string(text) + "\": want [IPV6]:PORT");
    }
    address.host = std::string(rest.substr(1, close - 1));
    rest.remove_prefix(close + 1);
  } else {
    const std::string_view host = rest.substr(0, rest.find(':'));
    if (!host.empty()) address.host = std::string(host);
    rest.remove_prefix(host.size());
  }
  if (text.empty()) return InvalidError("the address is empty");
  if (rest.empty()) return address;
  if (rest[0] != ':') {
    return InvalidError("bad address \"" + std::string(text) + "\": want [IPV6]:PORT");
  }
  COORD_TRY(port, ParsePort(rest.substr(1), text, to_listen ? 0 : 1));
  address.port = port;
  return address;
}

std::string ToText(const Address& address) {
  const bool brackets = address.host.find(':') != std::string::npos;
  const std::string host = brackets ? "[" + address.host + "]" : address.host;
  return host + ":" + std::to_string(address.port);
}

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "stores/rest/rest_address.h"

namespace coord {

namespace {
constexpr std::string_view kScheme = "http://";
}  // namespace

Result<RestAddress> ParseRestAddress(std::string_view url) {
  if (!url.starts_with(kScheme)) {
    return InvalidError("bad URL \"" + std::string(url) + "\": want http://HOST:PORT/");
  }
  const std::string_view rest = url.substr(kScheme.size());
  const std::size_t slash = rest.find('/');
  std::string host(rest.substr(0, slash));
  if (host.empty() || host.find_first_of("@?# ") != std::string::npos) {
    return InvalidError("bad URL \"" + std::string(url) + "\": want http://HOST:PORT/");
  }
  // A colon within brackets belongs to the host.
  if (host.find(':', host.rfind(']') == std::string::npos ? 0 : host.rfind(']')) ==
      std::string::npos) {
    host.append(":").append(std::to_string(kDefaultHttpPort));
  }
  RestAddress address;
  COORD_TRY(parsed, ParseAddress(host));
  address.address = std::move(parsed);
  if (slash != std::string_view::npos) address.path = rest.substr(slash);
  if (address.path.find_first_of("?# ") != std::string::npos) {
    return InvalidError("bad URL \"" + std::string(url) + "\": nothing may follow the path");
  }
  return address;
}

std::string ToText(const RestAddress& address) {
  return std::string(kScheme) + ToText(address.address) + address.path;
}

}  // namespace coord

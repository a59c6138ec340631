// SPDX-License-Identifier: MIT
#include "http/origin_guard.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"

namespace coord {

namespace {

// "name:80", "1.2.3.4", "[::1]:80" as name and port.
struct Authority {
  std::string_view host;
  std::string_view port;  // empty: none
};

Authority Split(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const std::size_t bracket = text.rfind(']');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  if (!has_port) return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

// Digits and dots: a browser takes such a name for an IPv4 address, and asks no name server.
bool IsAddress(std::string_view host) {
  if (host.starts_with('[')) return true;
  return std::all_of(host.begin(), host.end(),
                     [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

bool EndsInLocalhost(std::string_view host) {
  constexpr std::string_view kLocalhost = ".localhost";
  return host.size() > kLocalhost.size() &&
         EqualNoCase(host.substr(host.size() - kLocalhost.size()), kLocalhost);
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kSchemes = {
    {{"http://", "80"}, {"https://", "443"}}};

// Whether an Origin, "http://name:port", is the Host's. A proxy may have turned https into http.
bool IsSameOrigin(std::string_view origin, std::string_view host) {
  std::string_view default_port;
  for (const auto& [scheme, port] : kSchemes) {
    if (!origin.starts_with(scheme)) continue;
    origin.remove_prefix(scheme.size());
    default_port = port;
    break;
  }
  if (default_port.empty()) return false;  // "null", or what is no web page
  const Authority page = Split(origin);
  const Authority here = Split(host);
  const auto port_of = [&](const Authority& authority) {
    return authority.port.empty() ? default_port : authority.port;
  };
  return EqualNoCase(page.host, here.host) && port_of(page) == port_of(here);
}

bool ComesFromElsewhere(const RequestHead& head) {
  if (!head.origin.empty() && !IsSameOrigin(head.origin, head.host)) return true;
  return !head.fetch_site.empty() && head.fetch_site != "same-origin" && head.fetch_site != "none";
}

}  // namespace

OriginGuard::OriginGuard(std::vector<std::string> hosts) : hosts_(std::move(hosts)) {}

bool OriginGuard::AllowsHost(std::string_view host) const {
  host = Split(host).host;
  if (host.ends_with('.')) host.remove_suffix(1);
  if (IsAddress(host) || host.find('.') == std::string_view::npos || EndsInLocalhost(host)) {
    return true;
  }
  return std::any_of(hosts_.begin(), hosts_.end(),
                     [&](const std::string& known) { return EqualNoCase(known, host); });
}

RequestDefect OriginGuard::Check(const RequestHead& head, Reach reach) const {
  if (!AllowsHost(head.host)) {
    return {421, "the Host is none of this daemon's names; --http-host NAME adds one"};
  }
  if (reach == Reach::kChanges && ComesFromElsewhere(head)) {
    return {403, "a page of another site may not use this daemon"};
  }
  return {};
}

}  // namespace coord

// SPDX-License-Identifier: MIT
// Keeps pages of other sites, open in a browser that reaches the daemon, from using it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/request_head.h"

namespace coord {

// What a request may do, as far as it matters where it comes from.
enum class Reach : std::uint8_t {
  kNothing,  // it only reads: any page may ask, and no page of another site sees the answer
  kChanges,
};

// Refuses what only a browser can be made to send:
// - a Host that is not this daemon's: a name of another site that was made to lead here (DNS
//   rebinding), whose pages the browser would take for the daemon's own. Allowed are addresses,
//   localhost and names below it, names without a dot (which no name server out there gives), and
//   those that the daemon was told. A request of HTTP/1.0 may have none.
// - a change that a page of another site asks for (request forgery): one whose Origin is not the
//   Host, or whose Sec-Fetch-Site says so. Programs send neither.
class OriginGuard {
 public:
  // `hosts`: further names, without ports, in any case.
  explicit OriginGuard(std::vector<std::string> hosts);

  // Status 0 where the request may pass; else 421 (Host) or 403 (Origin). Allocates nothing.
  RequestDefect Check(const RequestHead& head, Reach reach) const;

 private:
  bool AllowsHost(std::string_view host) const;

  std::vector<std::string> hosts_;
};

}  // namespace coord

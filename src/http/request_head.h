// SPDX-License-Identifier: MIT
// The request line and the header fields of an HTTP/1.1 request, read in place.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace coord {

// What matters of a head. Views are borrowed from its bytes.
struct RequestHead {
  static constexpr std::size_t kAcceptsMax = 8;

  std::string_view method;
  std::string_view target;
  bool is_http_1_0 = false;
  bool keep_alive = true;
  bool chunked = false;
  bool has_length = false;  // a Content-Length
  std::uint64_t content_length = 0;
  bool expects_continue = false;
  std::string_view content_type;
  std::string_view host;           // empty: none, or an empty one
  std::string_view origin;         // empty: none
  std::string_view fetch_site;     // Sec-Fetch-Site, of browsers; empty: none
  std::string_view if_none_match;  // empty: none
  std::array<std::string_view, kAcceptsMax> accepts;
  std::size_t accept_count = 0;

  std::span<const std::string_view> accept() const {
    return std::span(accepts).first(accept_count);
  }
};

// What is wrong with a request that cannot be answered otherwise; `status` 0: nothing.
struct RequestDefect {
  int status = 0;
  std::string_view reason;
};

// Reads a head whose bytes end with its empty line. Refuses what two readers could read
// differently: a length beside a transfer coding, two lengths, folded lines, codings other than
// "chunked"; also HTTP/1.1 without a Host.
RequestDefect ReadRequestHead(std::string_view bytes, RequestHead& head);

}  // namespace coord

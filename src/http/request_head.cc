// SPDX-License-Identifier: MIT
#include "http/request_head.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

namespace coord {

namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::iequals;

std::string_view ViewOf(boost::beast::string_view text) { return {text.data(), text.size()}; }

// Takes the parser's events of a head; it never gets to see a body.
class HeadParser final : public http::basic_parser<true> {
 public:
  explicit HeadParser(RequestHead& head) : head_(head) {
    header_limit(UINT32_MAX);
    body_limit(boost::none);
  }

  RequestDefect defect() const { return defect_; }
  std::size_t hosts() const { return hosts_; }

 private:
  void on_request_impl(http::verb, boost::beast::string_view method,
                       boost::beast::string_view target, int version, error_code&) override {
    head_.method = ViewOf(method);
    head_.target = ViewOf(target);
    head_.is_http_1_0 = version == 10;
  }

  void on_field_impl(http::field name, boost::beast::string_view, boost::beast::string_view value,
                     error_code&) override {
    switch (name) {
      case http::field::host:
        ++hosts_;
        head_.host = ViewOf(value);
        break;
      case http::field::origin:
        if (!head_.origin.empty()) defect_ = {400, "a request has one Origin at most"};
        head_.origin = ViewOf(value);
        break;
      case http::field::if_none_match:
        head_.if_none_match = ViewOf(value);
        break;
      case http::field::content_type:
        head_.content_type = ViewOf(value);
        break;
      case http::field::accept:
        if (head_.accept_count == RequestHead::kAcceptsMax) {
          defect_ = {400, "too many Accept fields"};
        } else {
          head_.accepts[head_.accept_count++] = ViewOf(value);
        }
        break;
      case http::field::transfer_encoding:
        if (!iequals(value, "chunked"))
          defect_ = {501, "only the transfer coding chunked is known"};
        break;
      case http::field::expect:
        if (iequals(value, "100-continue")) {
          head_.expects_continue = true;
        } else {
          defect_ = {417, "only 100-continue can be expected"};
        }
        break;
      case http::field::sec_fetch_site:
        head_.fetch_site = ViewOf(value);
        break;
      default:
        break;
    }
  }

  void on_response_impl(int, boost::beast::string_view, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(boost::beast::string_view, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, boost::beast::string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view, error_code&) override {
    return 0;
  }
  void on_finish_impl(error_code&) override {}

  RequestHead& head_;
  RequestDefect defect_;
  std::size_t hosts_ = 0;
};

RequestDefect DefectOf(const error_code& error) {
  if (error == http::error::bad_version) return {505, "only HTTP/1.0 and HTTP/1.1 are spoken"};
  if (error == http::error::bad_transfer_encoding || error == http::error::bad_content_length ||
      error == http::error::multiple_content_length) {
    return {400, "the length of the body cannot be told"};
  }
  if (error == http::error::bad_method) return {400, "the method is no token"};
  if (error == http::error::bad_target) return {400, "the request's target is malformed"};
  return {400, "the request's head is malformed"};
}

}  // namespace

RequestDefect ReadRequestHead(std::string_view bytes, RequestHead& head) {
  HeadParser parser(head);
  error_code error;
  const std::size_t used = parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  if (error) return DefectOf(error);
  if (parser.defect().status != 0) return parser.defect();
  if (!parser.is_header_done() || used != bytes.size()) {
    return {400, "the request's head is malformed"};
  }
  if (parser.hosts() > 1 || (parser.hosts() == 0 && !head.is_http_1_0)) {
    return {400, "a request must have one Host"};
  }
  head.keep_alive = parser.keep_alive();
  head.chunked = parser.chunked();
  if (head.chunked && head.is_http_1_0) return {400, "HTTP/1.0 has no chunked bodies"};
  if (const auto length = parser.content_length()) {
    head.has_length = true;
    head.content_length = *length;
  }
  return {};
}

}  // namespace coord

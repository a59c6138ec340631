// SPDX-License-Identifier: MIT
#include "http/response.h"

#include <array>
#include <charconv>
#include <cstring>
#include <string_view>

#include "base/check.h"
#include "rest/documents.h"

namespace coord {

namespace {

// The digits of a length are put in afterwards, at the end of so many blanks.
constexpr std::string_view kLengthRoom = "            ";
// As many as a chunk's size takes, with zeros in front.
constexpr std::string_view kChunkRoom = "00000000\r\n";

struct StatusText {
  int status;
  std::string_view line;
};
constexpr std::array kStatusTexts = {
    StatusText{200, "HTTP/1.1 200 OK\r\n"},
    StatusText{201, "HTTP/1.1 201 Created\r\n"},
    StatusText{204, "HTTP/1.1 204 No Content\r\n"},
    StatusText{304, "HTTP/1.1 304 Not Modified\r\n"},
    StatusText{400, "HTTP/1.1 400 Bad Request\r\n"},
    StatusText{403, "HTTP/1.1 403 Forbidden\r\n"},
    StatusText{404, "HTTP/1.1 404 Not Found\r\n"},
    StatusText{405, "HTTP/1.1 405 Method Not Allowed\r\n"},
    StatusText{406, "HTTP/1.1 406 Not Acceptable\r\n"},
    StatusText{408, "HTTP/1.1 408 Request Timeout\r\n"},
    StatusText{409, "HTTP/1.1 409 Conflict\r\n"},
    StatusText{410, "HTTP/1.1 410 Gone\r\n"},
    StatusText{411, "HTTP/1.1 411 Length Required\r\n"},
    StatusText{413, "HTTP/1.1 413 Content Too Large\r\n"},
    StatusText{415, "HTTP/1.1 415 Unsupported Media Type\r\n"},
    StatusText{417, "HTTP/1.1 417 Expectation Failed\r\n"},
    StatusText{421, "HTTP/1.1 421 Misdirected Request\r\n"},
    StatusText{431, "HTTP/1.1 431 Request Header Fields Too Large\r\n"},
    StatusText{500, "HTTP/1.1 500 Internal Server Error\r\n"},
    StatusText{501, "HTTP/1.1 501 Not Implemented\r\n"},
    StatusText{503, "HTTP/1.1 503 Service Unavailable\r\n"},
    StatusText{505, "HTTP/1.1 505 HTTP Version Not Supported\r\n"},
};

std::string_view StatusLine(int status) {
  for (const StatusText& text : kStatusTexts) {
    if (text.status == status) return text.line;
  }
  COORD_CHECK(false);
  return {};
}

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void AppendTwoDigits(std::string& out, unsigned number) {
  out.push_back(static_cast<char>('0' + number / 10));
  out.push_back(static_cast<char>('0' + number % 10));
}

}  // namespace

std::string_view DateText::Of(WallTime now) {
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  if (second == second_ && !text_.empty()) return text_;
  second_ = second;
  const auto day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(second - day);
  text_.assign(kDays[std::chrono::weekday(day).c_encoding()]).append(", ");
  AppendTwoDigits(text_, static_cast<unsigned>(date.day()));
  text_.append(" ").append(kMonths[static_cast<unsigned>(date.month()) - 1]).append(" ");
  text_.append(std::to_string(static_cast<int>(date.year()))).append(" ");
  AppendTwoDigits(text_, static_cast<unsigned>(clock.hours().count()));
  text_.push_back(':');
  AppendTwoDigits(text_, static_cast<unsigned>(clock.minutes().count()));
  text_.push_back(':');
  AppendTwoDigits(text_, static_cast<unsigned>(clock.seconds().count()));
  text_.append(" GMT");
  return text_;
}

void Response::Field(std::string_view name, std::string_view value) {
  out_.append(name).append(": ").append(value).append("\r\n");
}

void Response::BeginHead(int status, std::string_view type) {
  status_ = status;
  out_.append(StatusLine(status));
  Field("Date", frame_.date);
  if (!type.empty()) Field("Content-Type", type);
  if (!frame_.keep_alive) {
    out_.append("Connection: close\r\n");
  } else if (frame_.is_http_1_0) {
    out_.append("Connection: keep-alive\r\n");
  }
}

void Response::EndHead(bool has_length) {
  if (has_length) {
    out_.append("Content-Length:").append(kLengthRoom);
    length_at_ = out_.size();
    out_.append("\r\n");
  }
  out_.append("\r\n");
  body_at_ = out_.size();
}

BodyWriter& Response::Document(int status, std::string_view location) {
  BeginHead(status, TypeOf(frame_.format));
  if (!location.empty()) Field("Location", location);
  EndHead(/*has_length=*/true);
  return writer_.emplace(frame_.format, out_);
}

std::string& Response::Plain(int status, std::string_view type, std::string_view fields) {
  BeginHead(status, type);
  out_.append(fields);
  EndHead(/*has_length=*/true);
  return out_;
}

void Response::NotModified(std::string_view fields) {
  BeginHead(304, {});
  out_.append(fields);
  EndHead(/*has_length=*/false);
}

void Response::Empty(int status, std::string_view allow) {
  BeginHead(status, {});
  if (!allow.empty()) Field("Allow", allow);
  EndHead(/*has_length=*/status != 204);
}

void Response::Failure(const Error& error, int status, std::string_view allow) {
  BeginHead(status != 0 ? status : InfoOf(error.code).http_status, TypeOf(frame_.format));
  if (!allow.empty()) Field("Allow", allow);
  if (status_ == 503) Field("Retry-After", "1");
  EndHead(/*has_length=*/true);
  WriteError(writer_.emplace(frame_.format, out_), error);
}

void Response::Finish() {
  COORD_CHECK(begun());
  if (length_at_ != 0) {
    std::array<char, kLengthRoom.size()> digits;
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), out_.size() - body_at_).ptr;
    const auto size = static_cast<std::size_t>(end - digits.data());
    std::memcpy(out_.data() + length_at_ - size, digits.data(), size);
  }
  if (frame_.head_only) out_.resize(body_at_);
}

// --- In pieces -----------------------------------------------------------------------------------

BodyWriter& Response::BeginChunked() {
  BeginHead(200, TypeOf(frame_.format));
  if (!frame_.is_http_1_0) out_.append("Transfer-Encoding: chunked\r\n");
  EndHead(/*has_length=*/false);
  return ContinueChunked();
}

BodyWriter& Response::ContinueChunked() {
  status_ = 200;
  if (body_at_ == 0) body_at_ = out_.size();
  length_at_ = out_.size();
  if (!frame_.is_http_1_0) out_.append(kChunkRoom);
  return writer_.emplace(frame_.format, out_);
}

void Response::FinishChunk(bool last) {
  if (frame_.head_only) {
    out_.resize(body_at_);
    return;
  }
  if (frame_.is_http_1_0) return;
  constexpr std::string_view kHex = "0123456789abcdef";
  const std::size_t size = out_.size() - length_at_ - kChunkRoom.size();
  for (std::size_t i = 0; i < 8; ++i) {
    out_[length_at_ + 7 - i] = kHex[(size >> (4 * i)) & 0xfU];
  }
  out_.append("\r\n");
  if (last) out_.append("0\r\n\r\n");
}

}  // namespace coord

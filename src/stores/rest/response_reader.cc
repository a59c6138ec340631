// SPDX-License-Identifier: MIT
#include "stores/rest/response_reader.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace coord {

namespace {

constexpr std::size_t kHeadMax = std::size_t{64} << 10U;
constexpr std::string_view kHeadEnd = "\r\n\r\n";

Error NoResponse(std::string_view what) {
  return {ErrorCode::kCorrupt, "the answer is not HTTP: " + std::string(what), {}};
}

bool IsSame(std::string_view text, std::string_view lower_case) {
  return std::equal(
      text.begin(), text.end(), lower_case.begin(), lower_case.end(),
      [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
}

std::string_view Trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

template <typename Number>
bool ReadDigits(std::string_view digits, Number& number) {
  const char* const end = digits.data() + digits.size();
  const auto [used, error] = std::from_chars(digits.data(), end, number);
  return error == std::errc() && used == end;
}

// Takes a line off the front.
std::string_view TakeLine(std::string_view& head) {
  const std::size_t end = head.find("\r\n");
  const std::string_view line = head.substr(0, end);
  head.remove_prefix(std::min(head.size(), line.size() + 2));
  return line;
}

}  // namespace

Result<void> ResponseReader::ReadHead(std::string_view head) {
  // "HTTP/1.1 200 OK"
  const std::string_view line = TakeLine(head);
  if (line.size() < 12 || !line.starts_with("HTTP/1.") || !ReadDigits(line.substr(9, 3), status_)) {
    return NoResponse("bad status line");
  }
  ends_connection_ = line[7] == '0';
  bool has_length = false;
  body_size_ = 0;
  while (!head.empty()) {
    const std::string_view field = TakeLine(head);
    const std::size_t colon = field.find(':');
    if (colon == std::string_view::npos) return NoResponse("bad field");
    const std::string_view name = field.substr(0, colon);
    const std::string_view value = Trim(field.substr(colon + 1));
    if (IsSame(name, "content-length")) {
      if (!ReadDigits(value, body_size_)) return NoResponse("bad length");
      has_length = true;
    } else if (IsSame(name, "transfer-encoding")) {
      return NoResponse("a body in chunks, which no daemon sends here");
    } else if (IsSame(name, "connection")) {
      ends_connection_ = IsSame(value, "close");
    }
  }
  if (!has_length && status_ != 204) return NoResponse("a body without a length");
  if (body_size_ > size_max_) return NoResponse("too long a body");
  return {};
}

Result<std::optional<HttpAnswer>> ResponseReader::Take(std::string_view received) {
  if (head_size_ == 0) {
    const std::size_t end = received.find(kHeadEnd, seen_);
    if (end == std::string_view::npos) {
      if (received.size() > kHeadMax) return NoResponse("too long a head");
      seen_ = received.size() < kHeadEnd.size() ? 0 : received.size() - kHeadEnd.size() + 1;
      return std::optional<HttpAnswer>();
    }
    head_size_ = end + kHeadEnd.size();
    COORD_TRY_VOID(ReadHead(received.substr(0, end)));
  }
  if (received.size() - head_size_ < body_size_) return std::optional<HttpAnswer>();
  HttpAnswer answer{status_, std::string(received.substr(head_size_, body_size_)),
                    head_size_ + body_size_};
  head_size_ = 0;
  seen_ = 0;
  return std::optional(std::move(answer));
}

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "cmd/coordbench/http_answer.h"

#include <charconv>

namespace coord::bench {

namespace {

constexpr std::string_view kVersion = "HTTP/1.1 ";
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kLength = "\r\nContent-Length:";
constexpr std::string_view kCoding = "\r\nTransfer-Encoding:";

// The number that `text` begins with, behind blanks; false where there is none.
template <typename Number>
bool ReadNumber(std::string_view text, Number& number) {
  text.remove_prefix(text.find_first_not_of(' '));
  return std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc();
}

}  // namespace

HttpAnswer ReadHttpAnswer(std::string_view bytes) {
  HttpAnswer answer;
  const std::size_t end = bytes.find(kHeadEnd);
  if (end == std::string_view::npos) return answer;
  const std::string_view head = bytes.substr(0, end + kHeadEnd.size());
  answer.state = HttpAnswer::State::kMalformed;
  if (!head.starts_with(kVersion)) return answer;
  if (!ReadNumber(head.substr(kVersion.size()), answer.status)) return answer;
  if (head.find(kCoding) != std::string_view::npos) return answer;
  std::size_t length = 0;
  const std::size_t field = head.find(kLength);
  if (field != std::string_view::npos && !ReadNumber(head.substr(field + kLength.size()), length)) {
    return answer;
  }
  answer.state = HttpAnswer::State::kNeedMore;
  if (bytes.size() - head.size() < length) return answer;
  answer.state = HttpAnswer::State::kWhole;
  answer.size = head.size() + length;
  answer.body = bytes.substr(head.size(), length);
  return answer;
}

}  // namespace coord::bench

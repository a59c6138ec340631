// SPDX-License-Identifier: MIT
#include "cmd/coordbench/http_answer.h"

#include <gtest/gtest.h>

#include <string>

namespace coord::bench {
namespace {

using State = HttpAnswer::State;

constexpr std::string_view kHead = "HTTP/1.1 200 OK\r\nContent-Length:   5\r\nX: y\r\n\r\n";

TEST(HttpAnswerTest, TakesOneOffTheFront) {
  const std::string first = std::string(kHead) + "hello";
  const std::string bytes = first + "HTTP/1.1 204 No Content\r\n\r\n";
  const HttpAnswer answer = ReadHttpAnswer(bytes);
  EXPECT_EQ(answer.state, State::kWhole);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.size, first.size());
  const HttpAnswer next = ReadHttpAnswer(std::string_view(bytes).substr(answer.size));
  EXPECT_EQ(next.state, State::kWhole);
  EXPECT_EQ(next.status, 204);
  EXPECT_EQ(next.body, "");
  EXPECT_EQ(next.size, bytes.size() - first.size());
}

TEST(HttpAnswerTest, NeedsAllOfIt) {
  const std::string whole = std::string(kHead) + "hello";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(ReadHttpAnswer(whole.substr(0, size)).state, State::kNeedMore) << size;
  }
}

TEST(HttpAnswerTest, RefusesWhatItCannotRead) {
  for (const std::string_view head :
       {"+OK\r\n\r\n", "HTTP/1.1 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    EXPECT_EQ(ReadHttpAnswer(head).state, State::kMalformed) << head;
  }
}

}  // namespace
}  // namespace coord::bench

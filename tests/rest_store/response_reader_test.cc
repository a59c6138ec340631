// SPDX-License-Identifier: MIT
#include "stores/rest/response_reader.h"

#include <gtest/gtest.h>

namespace coord {
namespace {

constexpr std::string_view kTwo =
    "HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length:   3\r\n\r\nabc"
    "HTTP/1.1 204 No Content\r\nConnection: Close\r\n\r\n";

TEST(ResponseReader, ReadsThemPieceByPiece) {
  ResponseReader reader(100);
  std::size_t taken = 0;
  std::vector<HttpAnswer> answers;
  for (std::size_t size = 1; size <= kTwo.size(); ++size) {
    const auto answer = reader.Take(kTwo.substr(taken, size - taken));
    ASSERT_TRUE(answer.has_value());
    if (!*answer) continue;
    taken += (*answer)->size;
    EXPECT_EQ(taken, size);
    answers.push_back(**answer);
    EXPECT_EQ(reader.ends_connection(), answers.size() == 2);
  }
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].status, 200);
  EXPECT_EQ(answers[0].body, "abc");
  EXPECT_EQ(answers[1].status, 204);
  EXPECT_EQ(answers[1].body, "");
}

TEST(ResponseReader, RefusesWhatIsNoResponse) {
  for (const std::string_view bad :
       {"HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", "HTTP/1.1 200 OK\r\nnothing\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "\r\n\r\n"}) {
    const auto answer = ResponseReader(100).Take(bad);
    ASSERT_TRUE(answer.has_error()) << bad;
    EXPECT_EQ(answer.error().code, ErrorCode::kCorrupt);
  }
  EXPECT_TRUE(ResponseReader(100).Take(std::string(70'000, 'x')).has_error());
}

}  // namespace
}  // namespace coord

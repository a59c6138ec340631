// SPDX-License-Identifier: MIT
#include "http/request_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace coord {
namespace {

constexpr HttpLimits kLimits{.head_bytes_max = 512, .body_bytes_max = 64};

// What a request comes to, as text: "METHOD path?query body", "more", or the status.
std::string Describe(const ReadRequest& read) {
  if (read.kind == ReadRequest::Kind::kNeedMore) return "more";
  if (read.kind == ReadRequest::Kind::kBad) return std::to_string(read.defect.status);
  std::string text(read.request.head.method);
  text.append(" ").append(read.request.path).append("?").append(read.request.query);
  return text.append(" ").append(read.request.body);
}

// Reads all requests of a text, which comes in pieces of so many bytes.
std::string ReadAll(std::string text, std::size_t piece) {
  RequestReader reader(kLimits);
  std::string answer;
  std::size_t begin = 0;
  std::size_t end = 0;
  while (true) {
    const ReadRequest read = reader.Next(text.data() + begin, end - begin);
    if (read.kind == ReadRequest::Kind::kNeedMore) {
      if (end == text.size()) return answer + (begin == end ? "" : "more");
      EXPECT_GT(read.size, end - begin);
      end = std::min(end + piece, text.size());
      continue;
    }
    answer.append(Describe(read)).append(";");
    if (read.kind == ReadRequest::Kind::kBad) return answer;
    reader.Consumed();
    begin += read.size;
  }
}

// The same however it comes.
std::string Read(const std::string& text) {
  const std::string whole = ReadAll(text, text.size());
  for (const std::size_t piece : {1, 2, 3, 7}) {
    EXPECT_EQ(ReadAll(text, piece), whole) << text << " in pieces of " << piece;
  }
  return whole;
}

std::string Head(std::string_view line, std::string_view fields = {}) {
  return std::string(line).append(" HTTP/1.1\r\nHost: x\r\n").append(fields).append("\r\n");
}

TEST(RequestReaderTest, Simple) {
  EXPECT_EQ(Read(Head("GET /a/b?c=d&e")), "GET /a/b?c=d&e ;");
  EXPECT_EQ(Read(Head("GET http://host:1/a?b")), "GET /a?b ;");
  EXPECT_EQ(Read(Head("GET http://host")), "GET /? ;");
  EXPECT_EQ(Read(Head("OPTIONS *")), "OPTIONS *? ;");
  EXPECT_EQ(Read(Head("PATCH /")), "PATCH /? ;");
}

TEST(RequestReaderTest, Pipelined) {
  EXPECT_EQ(Read(Head("POST /a", "Content-Length: 3\r\n") + "xyz" + "\r\n\r\n" + Head("GET /b")),
            "POST /a? xyz;GET /b? ;");
}

TEST(RequestReaderTest, Chunked) {
  const std::string head = Head("POST /", "Transfer-Encoding: Chunked\r\n");
  EXPECT_EQ(Read(head + "3\r\nabc\r\n0a;x=\"y\"\r\n0123456789\r\n0\r\n\r\n" + Head("GET /n")),
            "POST /? abc0123456789;GET /n? ;");
  EXPECT_EQ(Read(head + "0\r\n\r\n"), "POST /? ;");
  EXPECT_EQ(Read(head + "1\r\na\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\n"), "POST /? a;");
}

TEST(RequestReaderTest, BadChunks) {
  const std::string head = Head("POST /", "Transfer-Encoding: chunked\r\n");
  for (const char* body : {"x\r\n", "\r\n", "-1\r\n", "0x1\r\na", "1 1\r\na", "1\r\nab\r\n",
                           "11111111111111111\r\n", "1;\x01\r\na"}) {
    EXPECT_EQ(Read(head + body), "400;") << body;
  }
  EXPECT_EQ(Read(head + "41\r\n"), "413;");
  EXPECT_EQ(Read(head + "40\r\n" + std::string(64, 'a') + "\r\n1\r\n"), "413;");
  EXPECT_EQ(Read(head + "1;" + std::string(300, 'a')), "400;");
  EXPECT_EQ(Read(head + "0\r\n" + std::string(300, 'a') + "\r\n" + std::string(300, 'b') + "\r\n"),
            "431;");
}

// What two readers could take for different requests is refused.
TEST(RequestReaderTest, NothingIsSmuggled) {
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  EXPECT_EQ(Read(Head("POST /", "Content-Length: 3\r\n" + chunked)), "400;");
  EXPECT_EQ(Read(Head("POST /", chunked + "Content-Length: 3\r\n")), "400;");
  EXPECT_EQ(Read(Head("POST /", chunked + chunked)), "400;");
  EXPECT_EQ(Read(Head("POST /", "Content-Length: 3\r\nContent-Length: 4\r\n")), "400;");
  EXPECT_EQ(Read(Head("POST /", "Content-Length: 3, 4\r\n")), "400;");
  EXPECT_EQ(Read(Head("POST /", "Content-Length: -3\r\n")), "400;");
  EXPECT_EQ(Read(Head("POST /", "Content-Length: +3\r\n")), "400;");
  EXPECT_EQ(Read(Head("POST /", "Content-Length: 3x\r\n")), "400;");
  EXPECT_EQ(Read(Head("POST /", "Content-Length: \r\n")), "400;");
  EXPECT_EQ(Read(Head("POST /", "Content-Length : 3\r\n")), "400;");
  EXPECT_EQ(Read(Head("POST /", "Transfer-Encoding: gzip, chunked\r\n")), "501;");
  EXPECT_EQ(Read(Head("POST /", "Transfer-Encoding: identity\r\n")), "501;");
  EXPECT_EQ(Read("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), "400;");
  EXPECT_EQ(Read("GET / HTTP/1.1\r\nHost: x\r\nA: b\nC: d\r\n\r\n"), "400;");
  EXPECT_EQ(Read("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"), "400;");
  EXPECT_EQ(Read("GET / HTTP/1.1\r\n\r\n"), "400;");
  EXPECT_EQ(Read(Head("GET /", std::string_view("A\0: b\r\n", 7))), "400;");
}

TEST(RequestReaderTest, NoRequests) {
  EXPECT_EQ(Read("GET /\r\n\r\n"), "400;");
  EXPECT_EQ(Read("GET / HTTP/2.0\r\nHost: x\r\n\r\n"), "505;");
  EXPECT_EQ(Read("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "505;");
  EXPECT_EQ(Read("G\x01T / HTTP/1.1\r\nHost: x\r\n\r\n"), "400;");
  EXPECT_EQ(Read("GET / a HTTP/1.1\r\nHost: x\r\n\r\n"), "505;");
  EXPECT_EQ(Read(Head("GET /", "no colon\r\n")), "400;");
  EXPECT_EQ(Read(Head("GET /", "Expect: magic\r\n")), "417;");
}

TEST(RequestReaderTest, Limits) {
  EXPECT_EQ(Read(Head("GET /" + std::string(600, 'a'))), "431;");
  EXPECT_EQ(ReadAll(std::string(600, 'a'), 600), "431;");
  EXPECT_EQ(Read(Head("POST /", "Content-Length: 65\r\n")), "413;");
  EXPECT_EQ(Read(Head("POST /", "Content-Length: 99999999999999999999\r\n")), "400;");
  EXPECT_EQ(Read(Head("POST /", "Content-Length: 64\r\n")), "more");
}

TEST(RequestReaderTest, ConnectionFields) {
  const auto keeps = [](std::string text) {
    RequestReader reader(kLimits);
    return reader.Next(text.data(), text.size()).request.head.keep_alive;
  };
  EXPECT_TRUE(keeps(Head("GET /")));
  EXPECT_FALSE(keeps(Head("GET /", "Connection: close\r\n")));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(RequestReaderTest, WaitsForContinue) {
  std::string text = Head("POST /", "Content-Length: 3\r\nExpect: 100-continue\r\n");
  RequestReader reader(kLimits);
  EXPECT_FALSE(reader.Next(text.data(), text.size() - 1).waits_for_continue);
  EXPECT_TRUE(reader.Next(text.data(), text.size()).waits_for_continue);
  text.append("abc");
  EXPECT_EQ(Describe(reader.Next(text.data(), text.size())), "POST /? abc");
}

// A request that has to wait for its turn is read again, from another place.
TEST(RequestReaderTest, IsGivenAgainUntilConsumed) {
  std::string text = Head("POST /", "Transfer-Encoding: chunked\r\n") + "1\r\na\r\n0\r\n\r\n";
  RequestReader reader(kLimits);
  EXPECT_EQ(Describe(reader.Next(text.data(), text.size())), "POST /? a");
  std::string moved = text + "GET";
  EXPECT_EQ(Describe(reader.Next(moved.data(), moved.size())), "POST /? a");
}

}  // namespace
}  // namespace coord

// SPDX-License-Identifier: MIT
#include "net/listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/endpoint.h"

namespace coord {
namespace {

using ::testing::HasSubstr;

Fd Connect(const Endpoint& endpoint) {
  Fd socket(::socket(endpoint.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(connect(socket.get(), endpoint.get(), endpoint.size()), 0);
  return socket;
}

class ListenerTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<Listener>> Open(const std::string& host, std::uint16_t port = 0) {
    return Listener::Open(loop_, host, port,
                          [this](Fd socket) { accepted_.push_back(std::move(socket)); });
  }

  EventLoop loop_;
  std::vector<Fd> accepted_;
};

TEST_F(ListenerTest, AcceptsAllWhoConnect) {
  auto listener = Open("127.0.0.1");
  ASSERT_TRUE(listener.has_value());
  std::vector<Fd> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(Connect((*listener)->endpoint()));
  while (accepted_.size() < 3) loop_.RunTurn(/*may_wait=*/true);
  EXPECT_EQ(Endpoint::PeerOf(accepted_[0].get()).ToText(),
            Endpoint::LocalOf(clients[0].get()).ToText());
}

TEST_F(ListenerTest, WhoConnectsFindsASocketThatDoesNotBlock) {
  auto listener = Open("127.0.0.1");
  ASSERT_TRUE(listener.has_value());
  const Fd client = Connect((*listener)->endpoint());
  while (accepted_.empty()) loop_.RunTurn(/*may_wait=*/true);
  char byte = 0;
  EXPECT_EQ(recv(accepted_[0].get(), &byte, 1, 0), -1);
  EXPECT_EQ(errno, EAGAIN);
}

TEST_F(ListenerTest, TellsItsAddress) {
  auto numbered = Open("127.0.0.1");
  ASSERT_TRUE(numbered.has_value());
  const Endpoint& endpoint = (*numbered)->endpoint();
  EXPECT_GT(endpoint.port(), 0);
  EXPECT_TRUE(endpoint.is_loopback());
  EXPECT_EQ(endpoint.ToText(), "127.0.0.1:" + std::to_string(endpoint.port()));
  auto open = Open("0.0.0.0");
  ASSERT_TRUE(open.has_value());
  EXPECT_FALSE((*open)->endpoint().is_loopback());
}

TEST_F(ListenerTest, NamesAHostThatIsNone) {
  const auto listener = Open("no such host");
  ASSERT_TRUE(listener.has_error());
  EXPECT_EQ(listener.error().code, ErrorCode::kInvalid);
  EXPECT_THAT(listener.error().detail, HasSubstr("'no such host'"));
}

TEST_F(ListenerTest, NamesAnAddressThatIsTaken) {
  auto first = Open("127.0.0.1");
  ASSERT_TRUE(first.has_value());
  const auto second = Open("127.0.0.1", (*first)->endpoint().port());
  ASSERT_TRUE(second.has_error());
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(second.error().detail, HasSubstr((*first)->endpoint().ToText()));
}

// Lets the process open no more than so many descriptors while it exists.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t limit) {
    EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &before_), 0);
    const rlimit lowered{limit, before_.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &lowered), 0);
  }
  ~DescriptorLimit() { setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

 private:
  rlimit before_{};
};

TEST_F(ListenerTest, GoesOnWhenThereAreDescriptorsAgain) {
  auto listener = Open("127.0.0.1");
  ASSERT_TRUE(listener.has_value());
  // One first: a sanitizer needs descriptors to look at a type for the first time.
  const Fd first = Connect((*listener)->endpoint());
  while (accepted_.empty()) loop_.RunTurn(/*may_wait=*/true);
  const Fd client = Connect((*listener)->endpoint());
  {
    const DescriptorLimit limit(static_cast<rlim_t>(client.get()) + 1);
    EXPECT_TRUE(loop_.RunTurn(/*may_wait=*/true));
    EXPECT_EQ(accepted_.size(), 1U);
    // It pauses: a client that cannot be accepted must not keep the loop busy.
    EXPECT_FALSE(loop_.RunTurn(/*may_wait=*/false));
  }
  while (accepted_.size() < 2) loop_.RunTurn(/*may_wait=*/true);
}

TEST(EndpointTest, WritesNumbersAsPeopleDo) {
  const auto fourth = Endpoint::Resolve("127.0.0.1", 5932);
  ASSERT_TRUE(fourth.has_value());
  EXPECT_EQ(fourth->ToText(), "127.0.0.1:5932");
  const auto sixth = Endpoint::Resolve("::1", 80);
  ASSERT_TRUE(sixth.has_value());
  EXPECT_EQ(sixth->ToText(), "[::1]:80");
  EXPECT_TRUE(sixth->is_loopback());
  EXPECT_EQ(Endpoint().ToText(), "?");
}

}  // namespace
}  // namespace coord

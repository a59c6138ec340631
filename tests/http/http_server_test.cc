// SPDX-License-Identifier: MIT
// What the HTTP server does with peers and a storage that take their time. All else is tested over
// sockets, from tests/python.
#include "http/http_server.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "peer.h"
#include "stores/memory/memory_store.h"

namespace coord {
namespace {

constexpr std::string_view kGet = "GET /namespace HTTP/1.1\r\nHost: x\r\n\r\n";

std::string PostOf(std::size_t size) {
  return "POST /namespace HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
         "Content-Length: " +
         std::to_string(size) + "\r\n\r\n";
}

// A store that reads, but cannot write while it is told so.
class ReadOnlyStore final : public Store {
 public:
  bool is_available = true;

  std::string_view name() const override { return "read-only"; }
  void SetListener(StoreListener* listener) override { listener_ = listener; }
  void Submit(std::unique_ptr<Batch> batch) override {
    for (const Submission& submission : batch->submissions) {
      submission.sink->OnOutcome(submission.token, NamesReply{});
    }
    listener_->OnBatchDone(std::move(batch));
  }
  void Poll() override {}
  bool Flush() override { return false; }
  bool Step() override { return false; }
  bool available() const override { return is_available; }
  WallTime NextDue() override { return kNoTime; }
  void VisitAvailable(const std::function<bool(const WorkAvailable&)>&) override {}

 private:
  StoreListener* listener_ = nullptr;
};

// A server of an empty store, all on the test's thread.
class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() : HttpServerTest(OpenMemoryStore(clock_, {})) {}
  explicit HttpServerTest(std::unique_ptr<Store> store)
      : store_(std::move(store)), dispatcher_(loop_, clock_, *store_) {
    options_.tick = std::chrono::milliseconds(1);
    facts_.clock = &clock_;
    facts_.dispatcher = &dispatcher_;
    facts_.store = store_.get();
  }

  void Listen() {
    ListenOptions listen;
    listen.port = 0;
    auto server = HttpServer::Listen(loop_, dispatcher_, listen, options_, facts_, nullptr);
    ASSERT_TRUE(server.has_value());
    server_ = *std::move(server);
  }

  // Runs until the peer has received this.
  void AwaitText(Peer& peer, std::string_view text) {
    while (peer.received().find(text) == std::string::npos && peer.end() == 0) {
      loop_.RunTurn(true);
      peer.Receive();
    }
    EXPECT_NE(peer.received().find(text), std::string::npos) << peer.received();
  }

  void AwaitConnections(std::size_t count) {
    while (server_->connections() != count) loop_.RunTurn(true);
  }

  ManualClock clock_;
  std::unique_ptr<Store> store_;
  EventLoop loop_;
  Dispatcher dispatcher_;
  HttpOptions options_;
  HttpFacts facts_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnUnfinishedHeadIsNotAwaitedForEver) {
  options_.request_ticks = 20;
  Listen();
  Peer peer(server_->port());
  ASSERT_TRUE(peer.Send("GET /namespace HT"));
  AwaitText(peer, "HTTP/1.1 408 Request Timeout\r\n");
  EXPECT_NE(peer.received().find("Connection: close\r\n"), std::string::npos);
  AwaitConnections(0);
}

TEST_F(HttpServerTest, NorIsAnUnfinishedBody) {
  options_.request_ticks = 20;
  Listen();
  Peer peer(server_->port());
  ASSERT_TRUE(peer.Send(PostOf(100) + "{"));
  AwaitText(peer, "HTTP/1.1 408 ");
  AwaitConnections(0);
}

// The time is that of one request, not of the connection.
TEST_F(HttpServerTest, EachRequestHasItsOwnTime) {
  options_.request_ticks = 1'000'000;
  Listen();
  Peer peer(server_->port());
  for (int i = 1; i <= 3; ++i) {
    ASSERT_TRUE(peer.Send(kGet.substr(0, 10)));
    for (int turn = 0; turn < 20; ++turn) loop_.RunTurn(true);
    ASSERT_TRUE(peer.Send(kGet.substr(10)));
    while (std::count(peer.received().begin(), peer.received().end(), '}') < i) {
      loop_.RunTurn(true);
      peer.Receive();
    }
  }
  EXPECT_EQ(peer.received().find("408"), std::string::npos);
}

TEST_F(HttpServerTest, TheTimeGrowsWithWhatHasCome) {
  options_.request_ticks = 0;
  options_.bytes_a_tick = 1;
  options_.limits.head_bytes_max = 4096;
  Listen();
  Peer peer(server_->port());
  ASSERT_TRUE(peer.Send(kGet.substr(0, 20)));
  AwaitConnections(1);
  // Twenty ticks, of which a turn sees one at most.
  for (int turn = 0; turn < 15; ++turn) loop_.RunTurn(true);
  ASSERT_TRUE(peer.Send(kGet.substr(20)));
  AwaitText(peer, "{\"namespaces\":[]}");
}

// The oldest unfinished body may always grow; one that does not, and keeps the others waiting, is
// given up with an error.
TEST_F(HttpServerTest, AnUnfinishedBodyDoesNotHoldUpOthersForEver) {
  options_.unfinished_max = std::size_t{64} << 10U;
  options_.stall_ticks = 20;
  Listen();
  Peer dripping(server_->port());
  ASSERT_TRUE(dripping.Send(PostOf(50'000'000) + std::string(100'000, ' ')));
  AwaitConnections(1);
  while (loop_.RunTurn(false)) {
  }
  Peer other(server_->port());
  const std::string body = "{\"name\": \"n\"}" + std::string(200'000, ' ');
  ASSERT_TRUE(other.Send(PostOf(body.size()) + body));
  AwaitText(other, "HTTP/1.1 201 Created");
  AwaitText(dripping, "HTTP/1.1 503 Service Unavailable\r\n");
  AwaitText(dripping, "Retry-After: ");
}

class ReadinessTest : public HttpServerTest {
 protected:
  ReadinessTest() : HttpServerTest(std::make_unique<ReadOnlyStore>()) {}
  ReadOnlyStore& store() { return static_cast<ReadOnlyStore&>(*store_); }
};

TEST_F(ReadinessTest, FollowsTheStorage) {
  Listen();
  Peer peer(server_->port());
  constexpr std::string_view kReady = "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n";
  ASSERT_TRUE(peer.Send(kReady));
  AwaitText(peer, "HTTP/1.1 200 OK\r\n");
  store().is_available = false;
  ASSERT_TRUE(peer.Send(kReady));
  AwaitText(peer, "HTTP/1.1 503 Service Unavailable\r\n");
  AwaitText(peer, "Retry-After: 1\r\n");
  ASSERT_TRUE(peer.Send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"));
  AwaitText(peer, "ok\n");
}

}  // namespace
}  // namespace coord

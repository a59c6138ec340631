// SPDX-License-Identifier: MIT
// What a server owes its peers when an answer takes its time, or they do.
#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "net/event_loop.h"
#include "peer.h"
#include "rpc/server.h"
#include "value/cbor_writer.h"

namespace coord {
namespace {

// Keeps what it is asked until it is told to answer; then each answer is the same definition.
class SlowStore final : public Store {
 public:
  explicit SlowStore(std::string definition) : definition_(std::move(definition)) {}

  std::string_view name() const override { return "slow"; }
  void SetListener(StoreListener* listener) override { listener_ = listener; }
  void Submit(std::unique_ptr<Batch> batch) override { batch_ = std::move(batch); }
  void Poll() override {}
  bool Flush() override { return false; }
  bool Step() override { return false; }
  WallTime NextDue() override { return kNoTime; }
  void VisitAvailable(const std::function<bool(const WorkAvailable&)>&) override {}

  bool has_batch() const { return batch_ != nullptr; }
  std::size_t batch_size() const { return batch_->submissions.size(); }
  void Answer() {
    for (const Submission& submission : batch_->submissions) {
      submission.sink->OnOutcome(submission.token, DataReply{Data::FromStored(definition_)});
    }
    listener_->OnBatchDone(std::move(batch_));
  }

 private:
  const std::string definition_;
  StoreListener* listener_ = nullptr;
  std::unique_ptr<Batch> batch_;
};

std::string GetWorkSpecMessage(std::size_t padding = 0) {
  std::string request;
  CborWriter writer(request);
  writer.MapHead(4);
  writer.Text("padding");
  writer.Bytes(std::string(padding, 'p'));
  writer.Text("id");
  writer.Unsigned(1);
  writer.Text("method");
  writer.Text("get_work_spec");
  writer.Text("params");
  writer.ArrayHead(1);
  writer.Text("s");
  return request;
}

// A server of a slow store, all on the test's thread.
class SlowServerTest : public ::testing::Test {
 protected:
  // More than sockets hold.
  static constexpr std::size_t kAnswerSize = std::size_t{8} << 20U;

  SlowServerTest() {
    std::string definition;
    CborWriter writer(definition);
    writer.MapHead(1);
    writer.Text("blob");
    writer.Bytes(std::string(kAnswerSize, 'x'));
    store_.emplace(definition);
    dispatcher_.emplace(loop_, clock_, *store_);
    facts_.clock = &clock_;
  }

  void Listen() {
    ListenOptions listen;
    listen.port = 0;
    auto server = Server::Listen(loop_, *dispatcher_, listen, options_, facts_, nullptr);
    ASSERT_TRUE(server.has_value());
    server_ = *std::move(server);
  }

  // Has a peer ask for a long answer, which the store holds back.
  void Ask(Peer& peer) {
    ASSERT_TRUE(peer.Send(GetWorkSpecMessage()));
    while (!store_->has_batch()) loop_.RunTurn(true);
  }

  std::optional<SlowStore> store_;
  EventLoop loop_;
  ManualClock clock_;
  std::optional<Dispatcher> dispatcher_;
  ServerOptions options_;
  ServerFacts facts_;
  std::unique_ptr<Server> server_;
};

TEST_F(SlowServerTest, TimeToAcknowledgeStartsWithTheAnswer) {
  options_.shutdown_poll = std::chrono::milliseconds(1);
  options_.finish_polls = 1'000'000;
  Listen();
  Peer peer(server_->port());
  Ask(peer);
  bool done = false;
  server_->Shutdown([&] { done = true; });
  // Nothing but the shutdown's polls is left to run.
  for (int i = 0; i < options_.acknowledge_polls + 10; ++i) loop_.RunTurn(true);
  ASSERT_FALSE(done);
  store_->Answer();
  while (!done) {
    peer.Receive();
    loop_.RunTurn(true);
  }
  peer.Receive();
  EXPECT_GT(peer.received().size(), kAnswerSize);
  EXPECT_EQ(peer.end(), ECONNRESET);
}

TEST_F(SlowServerTest, ShutdownWaitsForNobodyForEver) {
  options_.shutdown_poll = std::chrono::milliseconds(1);
  options_.finish_polls = 10;
  options_.acknowledge_polls = 10;
  Listen();
  Peer slow(server_->port());
  Ask(slow);
  bool done = false;
  server_->Shutdown([&] { done = true; });
  // Its request is not answered in time, and neither does the store answer it later.
  while (server_->connections() > 0 && loop_.RunTurn(true) && !slow.end()) slow.Receive();
  EXPECT_EQ(slow.end(), ECONNRESET);
  store_->Answer();
  while (!done) loop_.RunTurn(true);
}

TEST_F(SlowServerTest, OutputWithoutProgressClosesTheConnection) {
  options_.tick = std::chrono::milliseconds(1);
  options_.stall_ticks = 20;
  Listen();
  Peer peer(server_->port());
  Ask(peer);
  store_->Answer();
  while (server_->connections() > 0) loop_.RunTurn(true);
  peer.Receive();
  EXPECT_LT(peer.received().size(), kAnswerSize);
}

TEST_F(SlowServerTest, OutputWithProgressDoesNot) {
  options_.tick = std::chrono::milliseconds(1);
  options_.stall_ticks = 20;
  Listen();
  Peer peer(server_->port());
  Ask(peer);
  store_->Answer();
  while (peer.received().size() <= kAnswerSize && peer.end() == 0) {
    loop_.RunTurn(false);
    peer.Receive();
  }
  EXPECT_GT(peer.received().size(), kAnswerSize);
}

// The oldest unfinished message may always grow; one that does not, and keeps the others waiting,
// is given up with an error.
TEST_F(SlowServerTest, UnfinishedMessageDoesNotHoldUpOthersForEver) {
  options_.unfinished_max = std::size_t{64} << 10U;
  options_.tick = std::chrono::milliseconds(1);
  options_.stall_ticks = 20;
  Listen();
  Peer dripping(server_->port());
  const std::string_view head("\xd8\x18\x5a\x03\x00\x00\x00", 7);
  ASSERT_TRUE(dripping.Send(std::string(head).append(100'000, '\0')));
  while (server_->connections() < 1) loop_.RunTurn(true);
  while (loop_.RunTurn(false)) {
  }
  Peer other(server_->port());
  ASSERT_TRUE(other.Send(GetWorkSpecMessage(200'000)));
  while (!store_->has_batch()) loop_.RunTurn(true);
  while (server_->connections() > 1) loop_.RunTurn(true);
  dripping.Receive();
  EXPECT_GT(dripping.received().size(), 0U);
  EXPECT_NE(dripping.end(), 0);
}

// However much one connection has to say, the others have their part in the same batch.
TEST_F(SlowServerTest, BatchTakesOnlySoMuchOfOneConnection) {
  Listen();
  Peer eager(server_->port());
  Peer modest(server_->port());
  while (server_->connections() < 2) loop_.RunTurn(true);
  std::string messages;
  for (int i = 0; i < 200; ++i) messages.append(GetWorkSpecMessage());
  ASSERT_TRUE(eager.Send(messages));
  ASSERT_TRUE(modest.Send(GetWorkSpecMessage()));
  while (!store_->has_batch()) loop_.RunTurn(true);
  EXPECT_EQ(store_->batch_size(), options_.exchange_requests_max + 1);
}

}  // namespace
}  // namespace coord

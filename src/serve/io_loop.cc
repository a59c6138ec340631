// SPDX-License-Identifier: MIT
#include "serve/io_loop.h"

#include <utility>

#include "serve/connection.h"

namespace coord {

namespace {

class NobodySink final : public OutcomeSink {
 public:
  void OnOutcome(std::uint64_t, const Outcome&) override {}
};

}  // namespace

IoLoop::IoLoop(EventLoop& events, const LoopContext& context)
    : events_(events),
      context_(context),
      number_(context.link.AddLoop(*this)),
      nobody_(std::make_unique<NobodySink>()),
      ticks_(events),
      shutdown_timer_(events) {}

IoLoop::~IoLoop() = default;

void IoLoop::Adopt(Fd socket) {
  const std::uint64_t number = ++last_connection_;
  auto connection = context_.make(*this, number, std::move(socket));
  Connection& adopted = *connection;
  connections_.emplace(number, std::move(connection));
  if (shutdown_done_) {
    adopted.Stop();
  } else {
    adopted.Begin();
  }
}

// --- Turns ---------------------------------------------------------------------------------------

void IoLoop::Join(Connection& connection) {
  joined_.push_back(&connection);
  ScheduleEndOfTurn();
}

void IoLoop::ScheduleEndOfTurn() {
  if (end_posted_) return;
  end_posted_ = true;
  events_.Post([this] { EndTurn(); });
}

void IoLoop::EndTurn() {
  end_posted_ = false;
  std::swap(joined_, in_store_);
  exchanges_.clear();
  for (Connection* connection : in_store_) exchanges_.push_back(&connection->HandOver());
  std::swap(turn_, running_turn_);
  context_.link.Run(running_turn_, exchanges_);
  // Connections are destroyed by handlers of their own, so that all of these are still there.
  for (Connection* connection : in_store_) connection->OnHandedOver();
  in_store_.clear();
}

void IoLoop::OnFinished(std::span<Connection* const> finished) {
  for (Connection* connection : finished) connection->OnAnswers();
}

void IoLoop::Release(std::string_view name_space, std::string_view worker,
                     std::span<const AttemptId> attempts) {
  Batch& batch = turn_.Room(context_.dispatcher, attempts.size_bytes());
  Submission& submission = batch.submissions.emplace_back();
  submission.command = ReleaseAttempts{batch.arena.Copy(worker), batch.arena.CopyArray(attempts)};
  submission.name_space = batch.arena.Copy(name_space);
  submission.sink = nobody_.get();
  ScheduleEndOfTurn();
}

// --- Connections that need looking after ---------------------------------------------------------

void IoLoop::Watch(Connection& connection) {
  watched_.push_back(connection.number());
  ArmTicks();
}

void IoLoop::ArmTicks() {
  if (ticking_) return;
  ticking_ = true;
  ticks_.Start(context_.options.tick, [this] {
    ticking_ = false;
    OnTicks();
  });
}

void IoLoop::OnTicks() {
  const std::vector<std::uint64_t> watched = std::exchange(watched_, {});
  for (const std::uint64_t number : watched) {
    const auto found = connections_.find(number);
    if (found != connections_.end() && found->second->OnTick()) watched_.push_back(number);
  }
  if (!watched_.empty()) ArmTicks();
}

void IoLoop::PostResume(std::uint64_t connection) {
  events_.Post([this, connection] {
    const auto found = connections_.find(connection);
    if (found != connections_.end()) found->second->ResumeReading();
  });
}

void IoLoop::Bury(Connection& connection) {
  events_.Post([this, number = connection.number()] {
    connections_.erase(number);
    context_.on_closed();
  });
}

// --- Shutdown ------------------------------------------------------------------------------------

void IoLoop::Shutdown(std::function<void()> done) {
  shutdown_done_ = std::move(done);
  // Stop() closes some of them, but destroys none.
  for (const auto& [number, connection] : connections_) connection->Stop();
  PollShutdown();
}

void IoLoop::PollShutdown() {
  for (const auto& [number, connection] : connections_) connection->TryReset();
  if (connections_.empty()) {
    ticks_.Cancel();
    shutdown_done_();
    return;
  }
  shutdown_timer_.Start(context_.options.shutdown_poll, [this] { PollShutdown(); });
}

}  // namespace coord

// SPDX-License-Identifier: MIT
#include "serve/engine_link.h"

#include <utility>

#include "serve/connection.h"
#include "serve/io_loop.h"

namespace coord {

std::size_t EngineLink::AddLoop(IoLoop& loop) {
  loops_.push_back(&loop);
  finished_.emplace_back();
  return loops_.size() - 1;
}

template <typename Function>
void EngineLink::OnEngine(Function function) {
  if (direct_) {
    function();
  } else {
    engine_.Post(std::move(function));
  }
}

template <typename Function>
void EngineLink::OnLoop(std::size_t loop, Function function) {
  if (direct_) {
    function();
  } else {
    loops_[loop]->events().Post(std::move(function));
  }
}

void EngineLink::Run(Turn& turn, std::vector<Exchange*>& exchanges) {
  if (direct_) {
    RunHere(turn, exchanges);
  } else {
    engine_.Post(
        [this, turn = std::exchange(turn, {}), exchanges = std::exchange(exchanges, {})]() mutable {
          RunHere(turn, exchanges);
        });
  }
}

void EngineLink::RunHere(Turn& turn, std::vector<Exchange*>& exchanges) {
  running_ = true;
  if (!exchanges.empty()) {
    const WallTime now = dispatcher_.clock().Now();
    for (Exchange* exchange : exchanges) exchange->Start(now);
  }
  for (std::unique_ptr<Batch>& batch : turn.batches) {
    if (!batch->submissions.empty()) dispatcher_.Submit(std::move(batch));
  }
  running_ = false;
  for (Exchange* exchange : exchanges) exchange->OnSubmitted();
  turn.batches.clear();
  exchanges.clear();
  Deliver();
}

void EngineLink::OnFinished(std::size_t loop, Connection& connection) {
  finished_[loop].push_back(&connection);
  if (running_ || deliver_posted_) return;
  deliver_posted_ = true;
  engine_.Post([this] {
    deliver_posted_ = false;
    Deliver();
  });
}

void EngineLink::Deliver() {
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    if (finished_[i].empty()) continue;
    const WallTime now = dispatcher_.clock().Now();
    for (Connection* connection : finished_[i]) connection->exchange().NoteAnswered(now);
    if (direct_) {
      // Connections that go on may fill finished_ again.
      delivering_.clear();
      std::swap(delivering_, finished_[i]);
      loops_[i]->OnFinished(delivering_);
    } else {
      loops_[i]->events().Post([loop = loops_[i], finished = std::exchange(finished_[i], {})] {
        loop->OnFinished(finished);
      });
    }
  }
}

void EngineLink::CancelWait(std::size_t loop, Connection& connection) {
  OnEngine([this, loop, &connection] {
    connection.exchange().CancelWait();
    OnLoop(loop, [&connection] { connection.OnCancelled(); });
  });
}

void EngineLink::OnWaiting(std::size_t loop, Connection& connection) {
  OnLoop(loop, [&connection] { connection.DropBorrowed(); });
}

void EngineLink::Shutdown() {
  OnEngine([this] { dispatcher_.Shutdown(); });
}

}  // namespace coord

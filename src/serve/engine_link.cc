// SPDX-License-Identifier: MIT
#include "serve/engine_link.h"

#include <algorithm>
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
  const WallTime started = dispatcher_.clock().Now();
  // The latest time that is known. A look at the clock costs as much as a few requests' statistics.
  const auto now = [&] { return std::max(started, dispatcher_.last_done()); };
  for (Exchange* exchange : exchanges) exchange->Start(started);
  for (std::unique_ptr<Batch>& batch : turn.batches) {
    if (!batch->submissions.empty()) dispatcher_.Submit(std::move(batch), now());
  }
  running_ = false;
  for (Exchange* exchange : exchanges) exchange->OnSubmitted();
  turn.batches.clear();
  exchanges.clear();
  Deliver(now());
}

void EngineLink::OnFinished(std::size_t loop, Connection& connection) {
  finished_[loop].push_back(&connection);
  if (running_ || deliver_posted_) return;
  deliver_posted_ = true;
  engine_.Post([this] {
    deliver_posted_ = false;
    Deliver(dispatcher_.clock().Now());
  });
}

void EngineLink::Deliver(WallTime now) {
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    if (finished_[i].empty()) continue;
    if (dispatcher_.keeps_stats()) {
      for (Connection* connection : finished_[i]) connection->exchange().NoteAnswered(now);
    }
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

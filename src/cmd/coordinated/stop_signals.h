// SPDX-License-Identifier: MIT
// The signals that ask the daemon to stop, as something that can be read.
#pragma once

#include <functional>

#include "base/fd.h"
#include "net/event_loop.h"

namespace coord {

// Takes SIGTERM and SIGINT through a descriptor: no handler runs in the middle of anything, and
// none is lost between two waits. Made before any other thread, because threads inherit that the
// two signals are blocked.
class StopSignals final : private ReadyHandler {
 public:
  // `loop` outlives it.
  explicit StopSignals(EventLoop& loop);
  ~StopSignals() override;

  // Has `on_signal` called on the loop with the number of each signal from now on. Once.
  void Await(std::function<void(int number)> on_signal);

 private:
  void OnReady(std::uint32_t events) override;

  EventLoop& loop_;
  Fd descriptor_;
  std::function<void(int number)> on_signal_;
};

}  // namespace coord

// SPDX-License-Identifier: MIT
// The signals that ask the daemon to stop, as something that can be read.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>

namespace coord {

// Takes SIGTERM and SIGINT through a descriptor: no handler runs in the middle of anything, and
// none is lost between two waits. Made before any other thread, because threads inherit that the
// two signals are blocked.
class StopSignals {
 public:
  // `loop` outlives it.
  explicit StopSignals(boost::asio::io_context& loop);

  // Has `on_signal` called on the loop with the number of each signal from now on.
  void Await(std::function<void(int number)> on_signal);

 private:
  void WaitForNext();

  boost::asio::posix::stream_descriptor descriptor_;
  std::function<void(int number)> on_signal_;
};

}  // namespace coord

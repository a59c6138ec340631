// SPDX-License-Identifier: MIT
// An HTTP server and the store behind it, on a thread of their own, for what speaks to a daemon.
#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "store_case.h"

namespace coord {
class Dispatcher;
class EventLoop;
}  // namespace coord

namespace coord::testing {

// The store's clock belongs to that thread, too: it is set by SetTime().
class ServerThread {
 public:
  // Who lets the store do what it does by itself, in steps.
  enum class Steps : std::uint8_t { kServer, kPump };
  ServerThread(std::unique_ptr<StoreHarness> behind, Steps steps);
  ServerThread(const ServerThread&) = delete;
  ServerThread& operator=(const ServerThread&) = delete;
  ~ServerThread();

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }

  // Sets the clock, and has done all that follows from it. Ignored where it would go back.
  void SetTime(WallTime now);
  // As StoreHarness::Pump().
  bool Pump();

 private:
  void Run(Steps steps, std::promise<std::uint16_t>& port);
  bool OnThread(std::function<bool()> function);

  std::unique_ptr<StoreHarness> behind_;
  EventLoop* loop_ = nullptr;  // the thread's, like the dispatcher
  Dispatcher* dispatcher_ = nullptr;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace coord::testing

// SPDX-License-Identifier: MIT
// A socket that accepts connections.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "net/endpoint.h"
#include "net/event_loop.h"

namespace coord {

// Accepts for as long as it exists. Out of descriptors or memory, it pauses and tries again.
class Listener final : private ReadyHandler {
 public:
  // Gets a connected socket that does not block.
  using OnAccept = std::function<void(Fd socket)>;

  // Listens on a host, a name or a number, and a port; 0 is any free one. `loop` outlives the
  // listener. Errors: kInvalid (no such host), kUnavailable (it cannot be listened on), both for
  // people to read.
  static Result<std::unique_ptr<Listener>> Open(EventLoop& loop, const std::string& host,
                                                std::uint16_t port, OnAccept on_accept);
  ~Listener() override;

  const Endpoint& endpoint() const { return endpoint_; }

 private:
  Listener(EventLoop& loop, Fd socket, OnAccept on_accept);
  void OnReady(std::uint32_t events) override;
  void Pause();

  EventLoop& loop_;
  Fd socket_;
  Endpoint endpoint_;
  OnAccept on_accept_;
  Timer pause_;
};

}  // namespace coord

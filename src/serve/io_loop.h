// SPDX-License-Identifier: MIT
// One event loop with its connections.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/fd.h"
#include "net/event_loop.h"
#include "serve/engine_link.h"
#include "serve/input_budget.h"

namespace coord {

class IoLoop;

// What the loops of one server share. Constant while it runs.
struct LoopContext {
  const ServeOptions& options;
  ServerEvents* events;  // may be null
  Dispatcher& dispatcher;
  EngineLink& link;
  InputBudget& budget;
  // Makes a connection of the server's protocol.
  std::function<std::unique_ptr<Connection>(IoLoop& loop, std::uint64_t number, Fd socket)> make;
  // Called once for each connection that has gone, on its loop's thread.
  std::function<void()> on_closed;
};

// Gathers what its connections want from the store in one turn of the loop and hands it over at the
// end of the turn. All functions are called on the loop's thread, unless they say otherwise.
class IoLoop {
 public:
  // What is given outlives the loop.
  IoLoop(EventLoop& events, const LoopContext& context);
  ~IoLoop();

  void Adopt(Fd socket);

  // --- For connections ---------------------------------------------------------------------------

  Turn& turn() { return turn_; }
  // The exchange is filled: it goes to the store at the end of this turn.
  void Join(Connection& connection);
  // Expires attempts whose answer could not be sent.
  void Release(std::string_view name_space, std::string_view worker,
               std::span<const AttemptId> attempts);
  // For outcomes that nobody waits for.
  OutcomeSink& nobody() { return *nobody_; }
  // Has Connection::OnTick() called until it returns false.
  void Watch(Connection& connection);
  // The connection is closed, and nothing is under way any more: it is destroyed soon.
  void Bury(Connection& connection);
  // Any thread: has the connection of this number go on reading, if it is still there.
  void PostResume(std::uint64_t connection);

  const ServeOptions& options() const { return context_.options; }
  // May be null.
  ServerEvents* server_events() const { return context_.events; }
  EngineLink& link() { return context_.link; }
  InputBudget& budget() { return context_.budget; }
  EventLoop& events() { return events_; }
  std::size_t number() const { return number_; }

  // --- For the link ------------------------------------------------------------------------------

  void OnFinished(std::span<Connection* const> finished);

  // --- Shutdown ----------------------------------------------------------------------------------

  // Has every connection finish what is in hand, then resets it. Calls `done` when none is left.
  void Shutdown(std::function<void()> done);

 private:
  void ScheduleEndOfTurn();
  void EndTurn();
  void ArmTicks();
  void OnTicks();
  void PollShutdown();

  EventLoop& events_;
  const LoopContext& context_;
  std::size_t number_;

  std::uint64_t last_connection_ = 0;
  absl::flat_hash_map<std::uint64_t, std::unique_ptr<Connection>> connections_;

  Turn turn_;
  Turn running_turn_;
  std::vector<Connection*> joined_;    // whose exchanges are in turn_
  std::vector<Connection*> in_store_;  // joined_ of the turn that is being handed over
  std::vector<Exchange*> exchanges_;
  bool end_posted_ = false;
  std::unique_ptr<OutcomeSink> nobody_;

  Timer ticks_;
  bool ticking_ = false;
  std::vector<std::uint64_t> watched_;

  Timer shutdown_timer_;
  std::function<void()> shutdown_done_;
};

}  // namespace coord

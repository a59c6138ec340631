// SPDX-License-Identifier: MIT
// The hand-over between the loops of the sockets and the engine's thread. Here, and only here, the
// two ways of running differ: with one thread everything is called directly; with several it is
// posted.
#pragma once

#include <vector>

#include "net/event_loop.h"
#include "serve/exchange.h"

namespace coord {

class IoLoop;
class Connection;

class EngineLink {
 public:
  // `engine` is the loop of the dispatcher. `direct`: the sockets are on that loop as well.
  EngineLink(EventLoop& engine, Dispatcher& dispatcher, bool direct)
      : engine_(engine), dispatcher_(dispatcher), direct_(direct) {}

  // Called for each loop before anything else; gives it the number by which it is known here.
  std::size_t AddLoop(IoLoop& loop);

  // Loop threads: takes all that the turn holds and has it executed. `turn` is empty afterwards.
  // Finished exchanges come back through IoLoop::OnFinished().
  void Run(Turn& turn, std::vector<Exchange*>& exchanges);

  // Loop threads: gives up what the connection's exchange waits for. The connection is told with
  // OnCancelled(), whether or not anything was given up; it must exist until then.
  void CancelWait(std::size_t loop, Connection& connection);

  // Engine's thread: the exchange of a connection of this loop has all its answers.
  void OnFinished(std::size_t loop, Connection& connection);

  // Engine's thread: what the connection's exchange has borrowed is free.
  void OnWaiting(std::size_t loop, Connection& connection);

  // Loop threads: lets nobody wait any more, and answers those who do.
  void Shutdown();

 private:
  template <typename Function>
  void OnEngine(Function function);
  template <typename Function>
  void OnLoop(std::size_t loop, Function function);
  void RunHere(Turn& turn, std::vector<Exchange*>& exchanges);
  // Gives finished exchanges back; `now` is the time, or a moment ago.
  void Deliver(WallTime now);

  EventLoop& engine_;
  Dispatcher& dispatcher_;
  const bool direct_;
  std::vector<IoLoop*> loops_;  // constant after construction

  // The rest belongs to the engine's thread.
  std::vector<std::vector<Connection*>> finished_;  // by loop
  std::vector<Connection*> delivering_;
  bool running_ = false;  // within Run(), which delivers at its end
  bool deliver_posted_ = false;
};

}  // namespace coord

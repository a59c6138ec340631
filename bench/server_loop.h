// SPDX-License-Identifier: MIT
// The plainest server there is: one thread, level-triggered epoll, one recv and one send a turn.
// What it does per round trip is what no server can do without, so it is the yardstick.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace coord::bench {

// Called with all bytes of one connection that are not consumed yet. Appends what is to be sent to
// `out` (which is empty) and returns how many bytes it has consumed. Where it sets `echo` to true,
// the consumed bytes themselves are sent instead.
using ServerFunction = std::size_t (*)(std::string_view in, std::string& out, bool& echo);

// Called once a turn of the loop, with all that is to be sent, before any of it leaves.
using TurnFunction = std::function<void(std::string_view out)>;

// Listens on 127.0.0.1:`port` (0: any free one), prints "ready HOST:PORT" on standard output, and
// serves until the process is ended. Returns the exit status where it cannot listen.
// Without `end_turn` each answer leaves at once.
int ServeForever(int port, ServerFunction serve, TurnFunction end_turn = nullptr);

}  // namespace coord::bench
